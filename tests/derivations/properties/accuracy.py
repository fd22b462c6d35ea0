"""The metrics that count right samples, and the functions that say which are right.

A match is 0 or 1 and a weight is a half or a power of two, so sums are exact in float32: the
states must be equal, not close, however many calls came before.

Two values are left out on purpose, because NumPy's argmax and TensorFlow's differ there and no
page says otherwise: a minus zero beside a zero, and numbers too small for a normal float32.
"""

# ruff: noqa: N816 (names of Keras)
from functools import partial

import numpy as np
import tensorflow as tf
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import (
    ANY_SHAPES,
    check_same_refusals,
    check_same_states,
    holds,
    shapes_of,
    weights_for,
)

NO_ARGUMENTS = st.just({})
SIZES = st.sampled_from([0, 1, 2, 3, 5])
STEPS = st.sampled_from([1, 2, 4])
THRESHOLDS = [-1.0, 0.0, 0.25, 0.5, 0.6]
# Few different scores, so that ties are the rule.
TIED = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5, 0.6, 1.0])
SCORES = st.one_of(
    TIED,
    st.sampled_from([np.nan, np.inf, -np.inf]),
    st.floats(-1000, 1000, width=32, allow_subnormal=False).map(lambda score: score + 0.0),
)


def check_binary_accuracy(by_hand, keras):
    """Compare with Keras over thresholds and shapes, with predictions on and next to one."""
    _check_matches(by_hand, keras, _thresholds(), _binary_batch)
    _check_refusals(by_hand, keras, ANY_SHAPES)


def check_categorical_accuracy(by_hand, keras):
    """Compare with Keras over one-hot rows, soft labels, ties, and integers by mistake."""
    _check_matches(by_hand, keras, NO_ARGUMENTS, _categorical_batch)
    _check_refusals(by_hand, keras, _shapes_of_one_batch())


def check_sparse_categorical_accuracy(by_hand, keras):
    """Compare with Keras over shapes, ties, unknown classes, and one-hot rows by mistake."""
    _check_matches(by_hand, keras, NO_ARGUMENTS, _sparse_batch)
    _check_refusals(by_hand, keras, _shapes_of_one_batch(max_dims=2))


def check_top_k_categorical_accuracy(by_hand, keras):
    """Compare with Keras over k, shapes, ties and scores that are not finite."""
    _check_matches(by_hand, keras, _ks(), _top_k_batch)
    _check_refusals(by_hand, keras, _shapes_of_one_batch())


def check_sparse_top_k_categorical_accuracy(by_hand, keras):
    """Compare with Keras over k, shapes, ties, unknown classes, and sorted class indices."""
    _check_matches(by_hand, keras, _ks(), _sparse_top_k_batch)
    _check_matches(by_hand, keras, _ks(from_sorted_ids=True), _sorted_ids_batch)
    _check_refusals(by_hand, keras, _shapes_of_one_batch())
    # The page says where the two differ: XLA may count a row with an infinite score.
    compiled = tf.function(lambda y_true, y_pred: keras(y_true, y_pred, k=2), jit_compile=True)
    infinite = np.array([1]), np.float32([[0.1, 0.2, np.inf]])
    assert (float(by_hand(*infinite, k=2)[0]), float(compiled(*infinite)[0])) == (0, 1)


def check_SparseTopKCategoricalAccuracy(by_hand, keras):  # noqa: N802 (its name in Keras)
    """Compare states with Keras over k, shapes, ties, and sorted class indices."""
    _check_states(by_hand, keras, _ks(), _sparse_top_k_batch)
    _check_states(by_hand, keras, _ks(from_sorted_ids=True), _sorted_ids_batch)


def _check_matches(by_hand, keras, arguments, batch):
    """Compare which samples are right. Axes of length 1, which no state can see, may differ."""

    @holds(max_examples=200, arguments=arguments, batch=batch())
    def same_matches(arguments, batch):
        expected = np.asarray(keras(*batch, **arguments))
        result = by_hand(*batch, **arguments)
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, expected.reshape(result.shape))


def _check_states(by_hand, keras, arguments, batch):
    def weighted(data, metric):
        values = data.draw(batch())
        shape = tuple(metric._fn(*values, **metric._fn_kwargs).shape)
        return *values, data.draw(weights_for(shape), label="sample_weight")

    settings = {"max_examples": 110, "stateful_step_count": 10}
    check_same_states(by_hand, keras, arguments, weighted, **settings)


def _check_refusals(by_hand, keras, shapes):
    check_same_refusals(by_hand, keras, shapes, 0, "int32", strict=False)


def _shapes_of_one_batch(max_dims=3):
    """Return pairs of shapes whose first axes have the same length."""
    rest = shapes_of(max_dims - 1, min_dims=0, max_side=4)
    return st.integers(1, 3).flatmap(
        lambda size: st.tuples(*[rest.map(lambda shape: (size, *shape)) for _ in range(2)])
    )


def _thresholds():
    return st.fixed_dictionaries({}, optional={"threshold": st.sampled_from(THRESHOLDS)})


def _ks(**others):
    """Return k from 1 to more than there are classes, or its default."""
    others = {name: st.just(value) for name, value in others.items()}
    return st.fixed_dictionaries(others, optional={"k": st.integers(1, 7)})


@st.composite
def _binary_batch(draw):
    """Return labels and predictions of shapes (N,), (N, 1), (N, T), or one of each."""
    size, steps = draw(SIZES), draw(STEPS)
    flat, column, table = (size,), (size, 1), (size, steps)
    shapes = [(flat, flat), (column, column), (flat, column), (column, flat), (table, table)]
    shapes += [((*table, 1), table), (table, (*table, 1)), (column, table)]
    true_shape, pred_shape = draw(st.sampled_from(shapes))
    dtype = draw(st.sampled_from(["float32", "int32", "bool"]))
    labels = st.sampled_from([0, 1] if dtype != "float32" else [0.0, 1.0, 1.0, 0.5])
    y_true = draw(hnp.arrays("float32", true_shape, elements=labels)).astype(dtype)
    near = [np.nextafter(np.float32(each), np.float32(9)) for each in THRESHOLDS if each]
    scores = st.one_of(st.sampled_from([*THRESHOLDS, 1e-6, *map(float, near)]), SCORES)
    scores = scores.map(lambda score: float(np.float32(score)))
    return y_true, draw(hnp.arrays("float32", pred_shape, elements=scores))


@st.composite
def _scores_batch(draw, elements=SCORES):
    """Return scores of shape (N, C) or (N, T, C), in one row perhaps nothing but nan."""
    size, steps, classes = draw(SIZES), draw(STEPS), draw(st.integers(1, 6))
    shape = draw(st.sampled_from([(size, classes), (size, steps, classes)]))
    y_pred = draw(hnp.arrays("float32", shape, elements=draw(st.sampled_from([TIED, elements]))))
    if draw(st.booleans()):
        y_pred[:1] = np.nan
    return y_pred


@st.composite
def _categorical_batch(draw):
    """Return one-hot or soft labels, or integers by mistake, and scores."""
    y_pred = draw(_scores_batch())
    lead = y_pred.shape[:-1]
    shapes = [y_pred.shape, y_pred.shape, (*lead, 3), (*lead, 1)]
    if len(lead) == 1:
        shapes.append((*lead, 1, 2))
        shapes += [lead] if lead[0] else []
    labels = st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0])
    y_true = draw(hnp.arrays("float32", draw(st.sampled_from(shapes)), elements=labels))
    return y_true.astype(draw(st.sampled_from(["float32", "int64"]))), y_pred


@st.composite
def _sparse_batch(draw, elements=SCORES):
    """Return class indices, some of them unknown, or one-hot rows by mistake, and scores."""
    y_pred = draw(_scores_batch(elements))
    shapes = [y_pred.shape[:-1], (*y_pred.shape[:-1], 1)]
    if elements is SCORES and y_pred.ndim == 2 and draw(st.booleans()):
        y_pred = y_pred[: y_pred.shape[1], : y_pred.shape[0]]
        shapes = [y_pred.shape] if len(y_pred) else [(0,)]
        y_pred = y_pred if len(y_pred) else np.zeros((0, 2), "float32")
    classes = y_pred.shape[-1]
    labels = hnp.arrays("int32", draw(st.sampled_from(shapes)), elements=st.integers(-1, classes))
    return draw(labels).astype(draw(st.sampled_from(["int32", "int64", "float32"]))), y_pred


def _sparse_top_k_batch():
    """Return class indices, some of them unknown, and scores, some of them not finite."""
    return _sparse_batch(st.one_of(TIED, TIED, st.sampled_from([np.nan, np.inf, -np.inf])))


@st.composite
def _top_k_batch(draw):
    """Return one-hot or soft labels and scores, some of them not finite."""
    y_pred = draw(_scores_batch(st.one_of(TIED, TIED, st.sampled_from([np.nan, np.inf]))))
    shape = draw(st.sampled_from([y_pred.shape, (*y_pred.shape[:-1], 3)]))
    labels = st.sampled_from([0.0, 0.0, 0.5, 1.0])
    return draw(hnp.arrays("float32", shape, elements=labels)), y_pred


@st.composite
def _sorted_ids_batch(draw):
    """Return class indices and, for each sample, a list of class indices."""
    shape = draw(st.sampled_from([(3,), (0,), (2, 2)]))
    y_true = draw(hnp.arrays("int32", shape, elements=st.integers(0, 5)))
    y_pred = draw(hnp.arrays("int32", (*shape, 4), elements=st.integers(0, 5)))
    return y_true, y_pred


def _states(arguments, batch):
    """Return a check of the states of a metric that is made with arguments and fed batches."""
    return partial(_check_states, arguments=arguments, batch=batch)


check_BinaryAccuracy = _states(_thresholds(), _binary_batch)
check_CategoricalAccuracy = _states(NO_ARGUMENTS, _categorical_batch)
check_SparseCategoricalAccuracy = _states(NO_ARGUMENTS, _sparse_batch)
check_TopKCategoricalAccuracy = _states(_ks(), _top_k_batch)
