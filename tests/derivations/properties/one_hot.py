"""The loss of labels that are rows of shares: one-hot, smoothed, or any others."""

import warnings

import numpy as np
import tensorflow as tf
from hypothesis import strategies as st

from .common import (
    LABELS,
    LOGITS,
    PROBABILITIES,
    RTOL,
    SMOOTHING,
    array,
    check_same_losses,
    check_same_reduction,
    check_same_refusals,
    holds,
    scaled_rows,
    shapes_of,
)

# From one to three leading dimensions, and up to twelve classes.
SHAPES = st.builds(
    lambda leading, num_classes: (*leading, num_classes),
    shapes_of(max_side=2),
    st.integers(1, 12),
)


def check_categorical_crossentropy(by_hand, keras):
    """Compare with Keras over shapes, axes, probabilities and logits, smoothing and weights."""
    _check_one_class(by_hand, keras)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # what one class brings
        check_same_losses(by_hand, keras, _batch, _slack)
        check_same_refusals(by_hand, keras)
    check_same_reduction(by_hand, tf.keras.losses.CategoricalCrossentropy, _plain_batch, _slack)
    _check_forgotten_logits(by_hand, keras)
    _check_floor(by_hand)
    _check_axis(by_hand, keras)


def _batch(data):
    shape, from_logits = data.draw(SHAPES), data.draw(st.booleans(), label="from_logits")
    # TensorFlow counts from the end only for probabilities; for logits it knows -1 alone.
    first = -1 if from_logits else -len(shape)
    axis = data.draw(st.integers(first, len(shape) - 1), label="axis")
    y_true = array(data, shape, LABELS)
    y_pred = array(data, shape, LOGITS) if from_logits else scaled_rows(data, shape, axis)
    return y_true, y_pred, from_logits, data.draw(SMOOTHING, label="label_smoothing"), axis


def _plain_batch(data):
    shape = data.draw(SHAPES.filter(lambda shape: shape[-1] > 1))
    return array(data, shape, LABELS), scaled_rows(data, shape, -1)


def _slack(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Return how much further apart than the relative bound two losses may lie.

    It cannot hold for a loss near 0: there y_pred, or the sum of the powers of the logits, lies
    near 1, and the float32 beside 1 is 1.2e-7 away. Sums of the same numbers in another order
    differ by up to two such steps, whatever is left of the loss. So each label may add two steps,
    in the share that it has.
    """
    smooth = y_true * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    return 2 * np.finfo("float32").eps * smooth.sum(axis)


def _check_forgotten_logits(by_hand, keras):
    """Compare on logits that are taken for probabilities: their row sums to 1, one is negative."""
    y_pred = np.float32([[2, 0, -1]] * 3)
    y_true = np.eye(3, dtype="float32")
    np.testing.assert_allclose(by_hand(y_true, y_pred), keras(y_true, y_pred), rtol=RTOL)


def _check_floor(by_hand):
    """Probabilities that are read as logits cost no less than log(e + C - 1) - 1."""

    @holds(data=st.data(), size=st.integers(2, 12))
    def not_below(data, size):
        y_pred = array(data, (size,), PROBABILITIES)
        y_pred = y_pred / max(y_pred.sum(), np.float32(1))
        y_true = np.eye(size, dtype="float32")[data.draw(st.integers(0, size - 1))]
        floor = np.log(np.e + size - 1) - 1
        assert by_hand(y_true[None], y_pred[None], True) >= floor - RTOL


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
