"""The loss of labels that are class indices."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import (
    LOGITS,
    PROBABILITIES,
    RTOL,
    array,
    check_same_losses,
    check_same_refusals,
    holds,
    shapes_of,
)

# Up to three leading dimensions, and up to twelve classes.
SHAPES = st.builds(
    lambda leading, num_classes: (*leading, num_classes),
    shapes_of(min_dims=0),
    st.integers(1, 12),
)
# Rows need not sum to 1, nor lie between 0 and 1: Keras clips, then divides by their sum.
ANY_PROBABILITIES = st.one_of(PROBABILITIES, LOGITS)
DTYPES = st.sampled_from(["int32", "int64", "float32"])

# Keras and the page add up to twelve powers of which the largest is 1. Near 1 the next float32
# is 1.2e-7 away, and the logarithm of the sum inherits such steps, whatever is left of the loss.
# So a loss near 0 cannot agree to 1e-6 of itself. Over three million random rows the two lay up
# to 2.98 steps further apart than the relative bound.
STEPS = 3 * float(np.finfo("float32").eps)


def check_sparse_categorical_crossentropy(by_hand, keras):
    """Compare with Keras over shapes, kinds of labels, ignored classes, axes and refusals."""

    def batch(data):
        shape, from_logits = data.draw(SHAPES), data.draw(st.booleans(), label="from_logits")
        ignore_class = data.draw(st.sampled_from([None, -1, 0, 1, 255]), label="ignore_class")
        y_true = _labels(data, shape, ignore_class)
        y_pred = array(data, shape, LOGITS if from_logits else ANY_PROBABILITIES)
        axis = data.draw(st.sampled_from([-1, len(shape) - 1]), label="axis")
        return y_true, y_pred, from_logits, ignore_class, axis

    check_same_losses(by_hand, keras, batch, lambda *_: STEPS)

    @holds(data=st.data(), shape=SHAPES.filter(lambda shape: len(shape) > 1 < shape[-1]))
    def same_reduction(data, shape):
        y_true, y_pred = _labels(data, shape, -1), array(data, shape, PROBABILITIES)
        expected = tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)(y_true, y_pred)
        # (The class takes an axis of one class for one to drop, so here are two or more.)
        # Keras divides by the number of labels that are not ignored, if there are any.
        result = by_hand(y_true, y_pred, ignore_class=-1).sum() / max((y_true != -1).sum(), 1)
        np.testing.assert_allclose(result, expected, rtol=2 * RTOL, atol=STEPS)

    check_same_refusals(by_hand, keras)
    _check_axes(by_hand, keras)
    _check_range(by_hand, keras)


def _labels(data, shape, ignore_class):
    """Draw class indices, some of them ignored, with or without a last axis of length 1."""
    indices = st.integers(0, shape[-1] - 1)
    elements = indices if ignore_class is None else st.one_of(indices, st.just(ignore_class))
    labels = data.draw(hnp.arrays("int64", shape[:-1], elements=elements), label="y_true")
    labels = labels.astype(data.draw(DTYPES, label="dtype"))
    return labels[..., np.newaxis] if data.draw(st.booleans(), label="last axis") else labels


def _check_axes(by_hand, keras):
    """Compare which axes are refused: all but the last."""
    y_true, y_pred = np.zeros((2, 2), "int64"), np.full((2, 2, 2), 0.5, "float32")
    for axis in (-3, -2, 0, 1):
        for function in (by_hand, keras):
            with pytest.raises(ValueError):
                function(y_true, y_pred, axis=axis)


def _check_range(by_hand, keras):
    """Compare what becomes of labels that are no class: an error, here always a ValueError."""
    y_pred = np.full((2, 3), 0.5, "float32")
    for label in (-1, 3, 5):
        y_true = np.array([0, label])
        with pytest.raises(tf.errors.InvalidArgumentError):
            keras(y_true, y_pred)
        with pytest.raises(ValueError):
            by_hand(y_true, y_pred)
    for label in (2.9, -0.9):  # float labels lose what stands behind the point
        y_true = np.float32([1, label])
        np.testing.assert_allclose(by_hand(y_true, y_pred), keras(y_true, y_pred), rtol=RTOL)
