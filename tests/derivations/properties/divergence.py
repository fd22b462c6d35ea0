"""How far one distribution lies from another."""

import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import ATOL, PROBABILITIES, RTOL, SHAPES, array, checked

# Keras clips both arguments, so both may hold anything.
ANYTHING = st.one_of(PROBABILITIES, st.floats(-2, 3, width=32, allow_subnormal=False))


def check_kullback_leibler_divergence(by_hand):
    """Compare with Keras over shapes, and over numbers within and outside the clip."""
    keras = tf.keras.losses.kullback_leibler_divergence

    @checked()
    @given(data=st.data(), shape=SHAPES)
    def same_divergences(data, shape):
        y_true, y_pred = array(data, shape, ANYTHING), array(data, shape, ANYTHING)
        expected = np.asarray(keras(y_true, y_pred))
        result = by_hand(y_true, y_pred)
        assert result.dtype == expected.dtype == np.float32
        assert result.shape == expected.shape
        assert (abs(result - expected) <= _tolerance(y_true, y_pred)).all()

    same_divergences()
    _check_sign(by_hand)
    _check_same_refusals(by_hand, keras)


def _tolerance(y_true, y_pred):
    """Return how far two divergences may lie apart.

    Their terms have both signs and may cancel, so what is left can be small beside them. The
    relative bound of every check holds for the terms: it is taken of the sum of their sizes.
    """
    y_true, y_pred = (np.clip(y, 1e-7, 1).astype("float64") for y in (y_true, y_pred))
    return RTOL * abs(y_true * np.log(y_true / y_pred)).sum(axis=-1) + ATOL


def _check_sign(by_hand):
    """Rows that sum to 1 never lie clearly below 0: no more than the clip and rounding take."""

    def rows(data, size):
        shares = array(data, (size,), PROBABILITIES).astype("float64")
        return np.float32(shares / shares.sum() if shares.any() else np.full(size, 1 / size))

    @checked()
    @given(data=st.data(), size=st.integers(1, 12))
    def not_below(data, size):
        # The clip can lift each of the predictions by 1e-7, and the proof counts their sum.
        assert by_hand(rows(data, size), rows(data, size)) >= -2e-7 * size

    not_below()


def _check_same_refusals(by_hand, keras):
    """Compare the results' shapes, and which shapes are refused: those that do not broadcast.

    The function of Keras leaves the refusal to TensorFlow, which has an error of its own.
    """

    def shape_of(function, error, *arguments):
        try:
            return function(*arguments).shape
        except error:
            return "refused"

    shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)

    @checked()
    @given(first=shapes, second=shapes)
    def same_refusals(first, second):
        y_true, y_pred = np.full(first, 0.3, "float32"), np.full(second, 0.5, "float32")
        expected = shape_of(keras, tf.errors.InvalidArgumentError, y_true, y_pred)
        assert shape_of(by_hand, ValueError, y_true, y_pred) == expected

    same_refusals()
