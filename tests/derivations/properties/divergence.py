"""How far one distribution lies from another."""

import numpy as np
from hypothesis import strategies as st

from .common import (
    PROBABILITIES,
    RTOL,
    SHAPES,
    array,
    check_same_losses,
    check_same_refusals,
    holds,
    shapes_of,
)

# Keras clips both arguments, so both may hold anything.
ANYTHING = st.one_of(PROBABILITIES, st.floats(-2, 3, width=32, allow_subnormal=False))


def check_kullback_leibler_divergence(by_hand, keras):
    """Compare with Keras over shapes, and over numbers within and outside the clip."""

    def batch(data):
        shape = data.draw(SHAPES)
        return array(data, shape, ANYTHING), array(data, shape, ANYTHING)

    check_same_losses(by_hand, keras, batch, _slack, rtol=0)
    _check_sign(by_hand)
    any_shapes = st.tuples(shapes_of(min_dims=0), shapes_of(min_dims=0))
    check_same_refusals(by_hand, keras, any_shapes, 0.3)


def _slack(y_true, y_pred):
    """Return how far two divergences may lie apart.

    Their terms have both signs and may cancel, so what is left can be small beside them. The
    relative bound of every check holds for the terms: it is taken of the sum of their sizes.
    """
    y_true, y_pred = (np.clip(y, 1e-7, 1).astype("float64") for y in (y_true, y_pred))
    return RTOL * abs(y_true * np.log(y_true / y_pred)).sum(axis=-1)


def _check_sign(by_hand):
    """Rows that sum to 1 never lie clearly below 0: no more than the clip and rounding take."""

    def rows(data, size):
        shares = array(data, (size,), PROBABILITIES).astype("float64")
        return np.float32(shares / shares.sum() if shares.any() else np.full(size, 1 / size))

    @holds(data=st.data(), size=st.integers(1, 12))
    def not_below(data, size):
        # The clip can lift each of the predictions by 1e-7, and the proof counts their sum.
        assert by_hand(rows(data, size), rows(data, size)) >= -2e-7 * size
