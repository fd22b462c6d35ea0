"""The losses of yes-or-no outputs."""

import tensorflow as tf
from hypothesis import strategies as st

from .common import (
    LABELS,
    LOGITS,
    PROBABILITIES,
    SHAPES,
    SMOOTHING,
    array,
    check_same_losses,
    check_same_reduction,
    check_same_refusals,
)


def check_binary_crossentropy(by_hand, keras):
    """Compare with Keras over shapes, probabilities and logits, smoothing, axes and weights."""

    def batch(data):
        shape, from_logits = data.draw(SHAPES), data.draw(st.booleans(), label="from_logits")
        y_true = array(data, shape, LABELS)
        y_pred = array(data, shape, LOGITS if from_logits else PROBABILITIES)
        axis = data.draw(st.integers(-len(shape), len(shape) - 1), label="axis")
        return y_true, y_pred, from_logits, data.draw(SMOOTHING, label="label_smoothing"), axis

    def plain_batch(data):
        shape = data.draw(SHAPES)
        return array(data, shape, LABELS), array(data, shape, PROBABILITIES)

    check_same_losses(by_hand, keras, batch)
    check_same_reduction(by_hand, tf.keras.losses.BinaryCrossentropy, plain_batch)
    check_same_refusals(by_hand, keras)
