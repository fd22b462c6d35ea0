"""The focal losses."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from .common import (
    ATOL,
    LABELS,
    LOGITS,
    PROBABILITIES,
    RTOL,
    SHAPES,
    SMOOTHING,
    array,
    check_same_losses,
    check_same_refusals,
    holds,
    scaled_rows,
    shapes_of,
)

GAMMAS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 5.0])
ALPHAS = st.sampled_from([0.0, 0.25, 0.9, 1.0])
# Logits between which neither the sigmoid nor the softmax is 0 or 1.
GENTLE = st.one_of(LOGITS, st.floats(-12, 12, width=32, allow_subnormal=False))

# The float32 numbers next below 1 lie this far apart.
STEP = float(np.finfo("float32").epsneg)


def check_binary_focal_crossentropy(by_hand, keras):
    """Compare with Keras over shapes, probabilities and logits, all arguments and axes."""

    def batch(data):
        shape, from_logits = data.draw(SHAPES), data.draw(st.booleans(), label="from_logits")
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, GENTLE if from_logits else PROBABILITIES)
        settings = map(data.draw, (st.booleans(), ALPHAS, GAMMAS))
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        return y_true, y_pred, *settings, from_logits, data.draw(SMOOTHING), axis

    check_same_losses(by_hand, keras, batch, _binary_slack)
    check_same_refusals(by_hand, keras)

    @holds(data=st.data(), shape=SHAPES, from_logits=st.booleans())
    def gamma_0_is_the_plain_loss(data, shape, from_logits):
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, LOGITS if from_logits else PROBABILITIES)
        plain = tf.keras.losses.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
        result = by_hand(y_true, y_pred, gamma=0.0, from_logits=from_logits)
        np.testing.assert_allclose(result, plain, rtol=RTOL, atol=ATOL, strict=True)


def check_categorical_focal_crossentropy(by_hand, keras):
    """Compare with Keras over shapes, rows of any sum, logits, one or many alphas, and axes."""

    def batch(data):
        shape, from_logits = data.draw(SHAPES), data.draw(st.booleans(), label="from_logits")
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, GENTLE) if from_logits else scaled_rows(data, shape, axis)
        alphas = st.lists(ALPHAS, min_size=shape[-1], max_size=shape[-1])
        alpha, gamma = data.draw(ALPHAS | alphas, label="alpha"), data.draw(GAMMAS, label="gamma")
        return y_true, y_pred, alpha, gamma, from_logits, data.draw(SMOOTHING), axis

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # what one class brings
        warnings.filterwarnings("ignore", "You are using a softmax over axis")  # of size 1
        check_same_losses(by_hand, keras, batch, _categorical_slack)
        # Keras compares no shapes here, so what fits is multiplied out.
        rows = shapes_of(min_dims=2, max_dims=2)
        shapes = st.tuples(rows | st.tuples(st.integers(1, 3)), rows)
        check_same_refusals(by_hand, keras, shapes, 1.0)
    for function in (by_hand, keras):
        with pytest.warns(SyntaxWarning):
            function(np.float32([[1], [0]]), np.float32([[0.3], [0.8]]))
        with warnings.catch_warnings(), pytest.raises(ValueError):
            warnings.simplefilter("error")
            function(np.eye(2, dtype="float32"), np.eye(2, dtype="float32"), axis=True)


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


def _binary_slack(y_true, logits, _, alpha, gamma, from_logits, label_smoothing, axis):
    """Return how far apart float32 may put the losses of each row."""
    if not from_logits:
        return 0
    y_true = y_true.astype("float64") * (1 - label_smoothing) + label_smoothing / 2
    z = logits.astype("float64")
    p = tf.sigmoid(z).numpy()
    plain = np.maximum(z, 0) - z * y_true + np.log1p(np.exp(-abs(z)))
    right = y_true * p + (1 - y_true) * (1 - p)
    return (plain * _moved(lambda p_t: (1 - p_t) ** gamma, right)).mean(axis)


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
