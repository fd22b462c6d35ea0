"""What pages derive beside the losses, or say of them with always or never: tried on Keras's."""

from functools import cache

import locations
import numpy as np
import pages
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from properties.common import checked

losses = tf.keras.losses


@cache
def defined(name, page):
    """Return what a page of the losses defines under a name."""
    return pages.run(locations.CHAPTERS / "losses" / f"{page}.ipynb")[name]


def slope(loss, at):
    """Return the derivative of a function of one number, by TensorFlow."""
    variable = tf.Variable([[at]], dtype="float32")
    with tf.GradientTape() as tape:
        value = loss(variable)
    return float(tape.gradient(value, variable)[0, 0])


@checked(100)
@given(logit=st.floats(-8, 8), gamma=st.floats(1, 5), label=st.sampled_from([0.0, 1.0]))
def test_focal_gradient_is_that_of_keras(logit, gamma, label):
    loss = losses.BinaryFocalCrossentropy(gamma=gamma, from_logits=True)
    toward_truth = 1 if label else -1  # the logit of p_t has the sign of the label
    y_true = np.float32([[label]])
    expected = toward_truth * slope(lambda z: loss(y_true, z), toward_truth * logit)
    p_t = 1 / (1 + np.exp(-logit))
    by_hand = defined("focal_gradient", "focal_crossentropy")(p_t, gamma)
    np.testing.assert_allclose(by_hand, expected, rtol=1e-3, atol=1e-6)


@checked(100)
@given(share=st.floats(0.01, 0.99), weight=st.floats(0.1, 100), other=st.floats(-6, 6))
def test_weighted_loss_is_flat_and_least_at_the_optimum(share, weight, other):
    def loss(logit):
        each = losses.binary_crossentropy([[1.0], [0.0]], tf.tile(logit, (2, 1)), True)
        return weight * share * each[0] + (1 - share) * each[1]

    best = defined("weighted_optimum", "rare_classes")(share, weight)
    z = np.log(best / (1 - best))
    np.testing.assert_allclose(slope(loss, z), 0, atol=1e-5 * max(weight, 1))
    assert float(loss(tf.constant([[z]], "float32"))) <= float(
        loss(tf.constant([[other]], "float32"))
    ) * (1 + 1e-6)


@checked(100)
@given(z=st.lists(st.floats(-1000, 1000, width=32), min_size=2, max_size=6), data=st.data())
def test_no_logit_is_pushed_harder_than_1_for_prediction_minus_truth(z, data):
    y_true = np.eye(len(z), dtype="float32")[[data.draw(st.integers(0, len(z) - 1))]]
    logits = tf.Variable([z])
    with tf.GradientTape(persistent=True) as tape:
        categorical = losses.categorical_crossentropy(y_true, logits, from_logits=True)
        binary = len(z) * losses.binary_crossentropy(y_true, logits, from_logits=True)
    for loss, squash in [(categorical, tf.nn.softmax), (binary, tf.sigmoid)]:
        gradient = tape.gradient(loss, logits)
        np.testing.assert_allclose(gradient, squash(logits) - y_true, atol=1e-6)
        assert abs(gradient.numpy()).max() <= 1 + 1e-6


@checked(100)
@given(rare=st.floats(0.01, 0.49), gamma=st.floats(0, 5), turned=st.booleans())
def test_gamma_alone_moves_no_decision_at_one_half(rare, gamma, turned):
    p = np.float32(np.arange(0.005, 1, 0.01))[:, None]
    share = 1 - rare if turned else rare
    one, zero = (
        losses.binary_focal_crossentropy(label * np.ones_like(p), p, gamma=gamma)
        for label in (1, 0)
    )
    best = p[np.argmin(share * one + (1 - share) * zero), 0]
    assert (best > 0.5) == (share > 0.5)


@checked(100)
@given(belief=st.lists(st.floats(0.001, 1), min_size=2, max_size=8), share=st.floats(0.01, 1))
def test_smoothing_never_costs_less_than_the_entropy_of_its_label(belief, share):
    y_true, y_pred = np.eye(len(belief))[:1], np.array([belief]) / np.sum(belief)
    smoothed = y_true * (1 - share) + share / len(belief)
    entropy = -np.sum(smoothed * np.log(smoothed))
    smooth = {"label_smoothing": share}
    assert losses.categorical_crossentropy(y_true, y_pred, **smooth)[0] >= entropy - 1e-5 > 0
    at_best = losses.categorical_crossentropy(y_true, smoothed, **smooth)[0]
    np.testing.assert_allclose(at_best, entropy, rtol=1e-4)


@pytest.mark.filterwarnings("ignore:In loss categorical_crossentropy")
@checked(100)
@given(z=st.floats(-1000, 1000, width=32), label=st.sampled_from([0.0, 1.0]))
def test_one_output_costs_the_categorical_loss_0_whatever_its_logit_and_label(z, label):
    loss = losses.CategoricalCrossentropy(from_logits=True)
    assert float(loss(np.float32([[label]]), np.float32([[z]]))) == 0
