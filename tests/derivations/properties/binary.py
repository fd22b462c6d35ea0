"""The losses of yes-or-no outputs."""

import numpy as np
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


def check_binary_crossentropy(by_hand):
    """Compare with Keras over shapes, probabilities and logits, smoothing, axes and weights."""

    @checked()
    @given(
        data=st.data(),
        shape=SHAPES,
        from_logits=st.booleans(),
        label_smoothing=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    )
    def same_losses(data, shape, from_logits, label_smoothing):
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, LOGITS if from_logits else PROBABILITIES)
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        arguments = (y_true, y_pred, from_logits, label_smoothing, axis)
        expected = np.asarray(tf.keras.losses.binary_crossentropy(*arguments))
        result = by_hand(*arguments)
        assert result.dtype == np.float32
        assert np.isfinite(result).all()
        np.testing.assert_allclose(result, expected, rtol=RTOL, atol=ATOL, strict=True)

    @checked()
    @given(data=st.data(), shape=SHAPES)
    def same_reduction(data, shape):
        y_true, y_pred = array(data, shape, LABELS), array(data, shape, PROBABILITIES)
        weight = array(data, shape[:-1], st.sampled_from([0.0, 0.5, 1.0, 3.0]))
        expected = tf.keras.losses.BinaryCrossentropy()(y_true, y_pred, sample_weight=weight)
        # Keras divides by the number of losses, not by the sum of the weights.
        result = (by_hand(y_true, y_pred) * weight).sum() / weight.size
        np.testing.assert_allclose(result, expected, rtol=2 * RTOL, atol=ATOL)

    same_losses()
    same_reduction()
    check_same_refusals(by_hand, tf.keras.losses.binary_crossentropy)
