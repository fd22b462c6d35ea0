"""The focal losses."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from .common import (
    ATOL,
    LABELS,
    LOGITS,
    PROBABILITIES,
    RTOL,
    SHAPES,
    array,
    check_same_refusals,
    checked,
)

GAMMAS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 5.0])
ALPHAS = st.sampled_from([0.0, 0.25, 0.9, 1.0])
SMOOTHING = st.sampled_from([0.0, 0.1, 0.5, 1.0])
# Logits between which neither the sigmoid nor the softmax is 0 or 1.
GENTLE = st.one_of(LOGITS, st.floats(-12, 12, width=32, allow_subnormal=False))

# The float32 numbers next below 1 lie this far apart.
STEP = float(np.finfo("float32").epsneg)


def check_binary_focal_crossentropy(by_hand):
    """Compare with Keras over shapes, probabilities and logits, all arguments and axes."""
    keras = tf.keras.losses.binary_focal_crossentropy

    @checked()
    @given(
        data=st.data(),
        shape=SHAPES,
        apply_class_balancing=st.booleans(),
        alpha=ALPHAS,
        gamma=GAMMAS,
        from_logits=st.booleans(),
        label_smoothing=SMOOTHING,
    )
    def same_losses(data, shape, apply_class_balancing, alpha, gamma, from_logits, label_smoothing):
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, GENTLE if from_logits else PROBABILITIES)
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        arguments = (apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)
        expected = np.asarray(keras(y_true, y_pred, *arguments))
        result = by_hand(y_true, y_pred, *arguments)
        slack = 0
        if from_logits:
            slack = _binary_slack(y_true, y_pred, gamma, label_smoothing).mean(axis)
        _check_close(result, expected, slack)

    @checked()
    @given(data=st.data(), shape=SHAPES, from_logits=st.booleans())
    def gamma_0_is_the_plain_loss(data, shape, from_logits):
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, LOGITS if from_logits else PROBABILITIES)
        plain = tf.keras.losses.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
        result = by_hand(y_true, y_pred, gamma=0.0, from_logits=from_logits)
        np.testing.assert_allclose(result, plain, rtol=RTOL, atol=ATOL, strict=True)

    same_losses()
    gamma_0_is_the_plain_loss()
    check_same_refusals(by_hand, keras)


def check_categorical_focal_crossentropy(by_hand):
    """Compare with Keras over shapes, rows of any sum, logits, one or many alphas, and axes."""
    keras = tf.keras.losses.categorical_focal_crossentropy

    @checked()
    @given(
        data=st.data(),
        shape=SHAPES,
        gamma=GAMMAS,
        from_logits=st.booleans(),
        label_smoothing=SMOOTHING,
    )
    def same_losses(data, shape, gamma, from_logits, label_smoothing):
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, GENTLE) if from_logits else _rows(data, shape, axis)
        alphas = st.lists(ALPHAS, min_size=shape[-1], max_size=shape[-1])
        alpha = data.draw(ALPHAS | alphas, label="alpha")
        arguments = (alpha, gamma, from_logits, label_smoothing, axis)
        expected = np.asarray(keras(y_true, y_pred, *arguments))
        result = by_hand(y_true, y_pred, *arguments)
        slack = _categorical_slack(y_true, y_pred, *arguments)
        _check_close(result, expected, slack)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # what one class brings
        warnings.filterwarnings("ignore", "You are using a softmax over axis")  # of size 1
        same_losses()
        _check_same_broadcasts(by_hand, keras)
    for function in (by_hand, keras):
        with pytest.warns(SyntaxWarning):
            function(np.float32([[1], [0]]), np.float32([[0.3], [0.8]]))
        with warnings.catch_warnings(), pytest.raises(ValueError):
            warnings.simplefilter("error")
            function(np.eye(2, dtype="float32"), np.eye(2, dtype="float32"), axis=True)


def _check_close(result, expected, slack):
    assert result.dtype == expected.dtype == np.float32
    assert result.shape == expected.shape
    assert np.isfinite(result).all()
    assert (abs(result - expected) <= RTOL * abs(expected) + ATOL + slack).all()


def _check_same_broadcasts(by_hand, keras):
    """Compare shapes that differ: Keras compares none here, so what fits is multiplied out."""
    shapes = st.tuples(st.integers(1, 3), st.integers(1, 3))

    @checked()
    @given(first=shapes | st.tuples(st.integers(1, 3)), second=shapes)
    def same_broadcasts(first, second):
        y_true, y_pred = np.ones(first, "float32"), np.full(second, 0.5, "float32")
        try:
            expected = np.asarray(keras(y_true, y_pred))
        except (ValueError, tf.errors.InvalidArgumentError):
            with pytest.raises(ValueError):
                by_hand(y_true, y_pred)
        else:
            np.testing.assert_allclose(by_hand(y_true, y_pred), expected, rtol=RTOL, strict=True)

    same_broadcasts()


def _rows(data, shape, axis):
    """Draw predictions that do not sum to 1 along an axis, and nowhere to 0."""
    scale = np.float32(data.draw(st.sampled_from([1.0, 3.0, 100.0]), label="scale"))
    y_pred = array(data, shape, PROBABILITIES) * scale
    return np.where(y_pred.sum(axis, keepdims=True) == 0, np.float32(1), y_pred)


# Two float32 programs may disagree by a step or two on a sigmoid, or on a row divided by its
# sum. Beside 1 that step is a large share of 1 - p, and the focal factor is a power of it: for a
# sample that is all but right no relative bound holds. What holds, and is checked, is that the
# losses differ no more than the loss itself does when p moves by three steps.


def _moved(power, p):
    """Return how far `power(p)` moves when p moves by three steps either way."""
    return np.maximum(
        abs(power(np.clip(p + 3 * STEP, 0, 1)) - power(p)),
        abs(power(np.clip(p - 3 * STEP, 0, 1)) - power(p)),
    )


def _binary_slack(y_true, logits, gamma, label_smoothing):
    """Return how far apart float32 may put the losses of each output."""
    y_true = y_true.astype("float64") * (1 - label_smoothing) + label_smoothing / 2
    z = logits.astype("float64")
    p = tf.sigmoid(z).numpy()
    plain = np.maximum(z, 0) - z * y_true + np.log1p(np.exp(-abs(z)))
    right = y_true * p + (1 - y_true) * (1 - p)
    return plain * _moved(lambda p_t: (1 - p_t) ** gamma, right)


def _categorical_slack(y_true, y_pred, alpha, gamma, from_logits, label_smoothing, axis):
    """Return how far apart float32 may put the losses of each row."""
    y_true = y_true.astype("float64") * (1 - label_smoothing) + label_smoothing / y_true.shape[-1]
    p = y_pred.astype("float64")
    if from_logits:
        p = np.exp(p - p.max(axis, keepdims=True))
    p /= p.sum(axis, keepdims=True)

    def loss(p):
        inside = np.clip(p, 1e-7, np.float32(1 - 1e-7))
        return -((1 - inside) ** gamma) * np.log(inside)

    # Below one half p is a power or a quotient, right to a few roundings of its own.
    moved = np.where(p > 0.5, _moved(loss, p), 0)
    return (np.asarray(alpha) * y_true * moved).sum(axis)
