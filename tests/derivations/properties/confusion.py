"""The metrics that divide counts of right and wrong answers."""

# ruff: noqa: N816 (names of Keras)
from functools import partial

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import WEIGHTS, check_same_states

# Three thresholds at equal distances take another way through Keras; they are among these.
THRESHOLDS = st.sampled_from([None, 0.0, 0.25, 0.5, [0.6], [0.25, 0.6], [0.25, 0.5, 0.75]])
ARGUMENTS = {"thresholds": THRESHOLDS, "class_id": st.sampled_from([None, None, 0, 1])}
SCORES = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 1.0, np.nan])
SHAPES = st.sampled_from([(0,), (1,), (5,), (1, 1), (4, 1), (3, 2), (2, 3, 2)])
SHAPES_OF_CLASSES = st.sampled_from([(0, 2), (1, 3), (3, 2)])


def _check_states(by_hand, keras, other_count):
    """Compare with Keras over thresholds, shapes and weights, of all classes or of one."""

    def batch(data, metric):
        one_class = metric.class_id is not None
        shape = data.draw(SHAPES_OF_CLASSES if one_class else SHAPES, label="shape")
        y_true = data.draw(hnp.arrays("float32", shape, elements=st.sampled_from([0.0, 1.0])))
        y_pred = data.draw(hnp.arrays("float32", shape, elements=SCORES))
        weighted = (*shape[:-1], 1) if one_class else shape
        return y_true, y_pred, data.draw(_weights(weighted), label="sample_weight")

    arguments, counts = st.fixed_dictionaries(ARGUMENTS), ("true_positives", other_count)
    settings = {"rtol": 1e-6, "max_examples": 120, "stateful_step_count": 8}
    check_same_states(by_hand, keras, arguments, batch, counts, **settings)


def _weights(shape):
    """Return weights that Keras takes: none, one number, or one for each of the leading axes."""
    leading = [shape[:axes] for axes in range(max(1, len(shape) - 1), len(shape) + 1)]
    arrays = [hnp.arrays("float32", each, elements=WEIGHTS) for each in leading]
    return st.one_of(st.none(), WEIGHTS, *arrays)


check_Precision = partial(_check_states, other_count="false_positives")
check_Recall = partial(_check_states, other_count="false_negatives")
check_Precision.left_out = check_Recall.left_out = {"top_k"}  # the page says so
