"""The loss of labels that are rows of shares: one-hot, smoothed, or any others."""

import warnings

import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import (
    ATOL,
    LABELS,
    LOGITS,
    PROBABILITIES,
    RTOL,
    array,
    check_same_refusals,
    checked,
)

# From one to three leading dimensions, and up to twelve classes.
SHAPES = st.builds(
    lambda leading, num_classes: (*leading, num_classes),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=2),
    st.integers(1, 12),
)
# Keras divides a row by its sum, so rows may sum to anything but 0.
SCALES = st.sampled_from([1.0, 3.0, 100.0])


def check_categorical_crossentropy(by_hand):
    """Compare with Keras over shapes, axes, probabilities and logits, smoothing and weights."""
    keras = tf.keras.losses.categorical_crossentropy
    _check_one_class(by_hand, keras)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # what one class brings
        _check_losses(by_hand, keras)
        check_same_refusals(by_hand, keras)
    _check_reduction(by_hand)
    _check_forgotten_logits(by_hand, keras)
    _check_floor(by_hand)
    _check_axis(by_hand, keras)


def _check_losses(by_hand, keras):
    @checked()
    @given(
        data=st.data(),
        shape=SHAPES,
        from_logits=st.booleans(),
        label_smoothing=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    )
    def same_losses(data, shape, from_logits, label_smoothing):
        # TensorFlow counts from the end only for probabilities; for logits it knows -1 alone.
        first = -1 if from_logits else -len(shape)
        axis = data.draw(st.integers(first, len(shape) - 1), label="axis")
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, LOGITS) if from_logits else _rows(data, shape, axis)
        arguments = (y_true, y_pred, from_logits, label_smoothing, axis)
        expected = np.asarray(keras(*arguments))
        result = by_hand(*arguments)
        assert result.dtype == expected.dtype == np.float32
        assert result.shape == expected.shape
        assert np.isfinite(result).all()
        smooth = y_true * (1 - label_smoothing) + label_smoothing / shape[-1]
        assert (abs(result - expected) <= _tolerance(expected, smooth, axis)).all()

    same_losses()


def _check_reduction(by_hand):
    @checked()
    @given(data=st.data(), shape=SHAPES.filter(lambda shape: shape[-1] > 1))
    def same_reduction(data, shape):
        y_true, y_pred = array(data, shape, LABELS), _rows(data, shape, -1)
        weight = array(data, shape[:-1], st.sampled_from([0.0, 0.5, 1.0, 3.0]))
        expected = tf.keras.losses.CategoricalCrossentropy()(y_true, y_pred, sample_weight=weight)
        # Keras divides by the number of losses, not by the sum of the weights.
        result = (by_hand(y_true, y_pred) * weight).sum() / weight.size
        atol = 3 * _tolerance(np.float32(0), y_true, -1).max()
        np.testing.assert_allclose(result, expected, rtol=2 * RTOL, atol=atol)

    same_reduction()


def _rows(data, shape, axis):
    """Draw predictions that do not sum to 1 along an axis, and nowhere to 0."""
    y_pred = array(data, shape, PROBABILITIES) * np.float32(data.draw(SCALES, label="scale"))
    return np.where(y_pred.sum(axis, keepdims=True) == 0, np.float32(1), y_pred)


def _tolerance(expected, y_true, axis):
    """Return how far two losses may lie apart.

    The relative bound is the one of every check. It cannot hold for a loss near 0: there y_pred,
    or the sum of the powers of the logits, lies near 1, and the float32 beside 1 is 1.2e-7 away.
    Sums of the same numbers in another order differ by up to two such steps, whatever is left
    of the loss. So each label may add two steps, in the share that it has.
    """
    two_steps = 2 * np.finfo("float32").eps
    return RTOL * abs(expected) + two_steps * y_true.sum(axis) + ATOL


def _check_forgotten_logits(by_hand, keras):
    """Compare on logits that are taken for probabilities: their row sums to 1, one is negative."""
    y_pred = np.float32([[2, 0, -1]] * 3)
    y_true = np.eye(3, dtype="float32")
    np.testing.assert_allclose(by_hand(y_true, y_pred), keras(y_true, y_pred), rtol=RTOL)


def _check_floor(by_hand):
    """Probabilities that are read as logits cost no less than log(e + C - 1) - 1."""

    @checked()
    @given(data=st.data(), size=st.integers(2, 12))
    def not_below(data, size):
        y_pred = array(data, (size,), PROBABILITIES)
        y_pred = y_pred / max(y_pred.sum(), np.float32(1))
        y_true = np.eye(size, dtype="float32")[data.draw(st.integers(0, size - 1))]
        floor = np.log(np.e + size - 1) - 1
        assert by_hand(y_true[None], y_pred[None], True) >= floor - RTOL

    not_below()


def _check_one_class(by_hand, keras):
    """Compare the warning: with one class there is nothing to choose from."""
    for num_classes in (1, 2):
        y_true = y_pred = np.full((2, num_classes), 0.5, "float32")
        for function in (by_hand, keras):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                function(y_true, y_pred)
            assert [each.category for each in caught] == [SyntaxWarning] * (num_classes == 1)


def _check_axis(by_hand, keras):
    """Compare the refusal of a boolean axis."""
    row = np.float32([[0.5, 0.5]])
    for function in (by_hand, keras):
        try:
            function(row, row, axis=True)
        except ValueError:
            continue
        raise AssertionError("axis=True was not refused")
