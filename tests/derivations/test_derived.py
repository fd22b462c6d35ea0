"""Formulae that pages derive beside the losses: compared with what Keras's losses do."""

import locations
import numpy as np
import pages
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from properties.common import checked

losses = tf.keras.losses


def defined(name, page):
    """Return what a page of the losses defines under a name."""
    return pages.run(locations.CHAPTERS / "losses" / f"{page}.ipynb")[name]


def slope(loss, at):
    """Return the derivative of a function of one number, by TensorFlow."""
    variable = tf.Variable([[at]], dtype="float32")
    with tf.GradientTape() as tape:
        value = loss(variable)
    return float(tape.gradient(value, variable)[0, 0])


@pytest.fixture(scope="module")
def focal_gradient():
    return defined("focal_gradient", "focal_crossentropy")


@pytest.fixture(scope="module")
def weighted_optimum():
    return defined("weighted_optimum", "rare_classes")


def test_focal_gradient_is_that_of_keras(focal_gradient):
    @checked(max_examples=100)
    @given(logit=st.floats(-8, 8), gamma=st.floats(1, 5), label=st.sampled_from([0.0, 1.0]))
    def same(logit, gamma, label):
        loss = losses.BinaryFocalCrossentropy(gamma=gamma, from_logits=True)
        toward_truth = 1 if label else -1  # the logit of p_t has the sign of the label
        y_true = np.float32([[label]])
        expected = toward_truth * slope(lambda z: loss(y_true, z), toward_truth * logit)
        p_t = 1 / (1 + np.exp(-logit))
        np.testing.assert_allclose(focal_gradient(p_t, gamma), expected, rtol=1e-3, atol=1e-6)

    same()


def test_weighted_loss_is_flat_and_least_at_the_optimum(weighted_optimum):
    @checked(max_examples=100)
    @given(share=st.floats(0.01, 0.99), weight=st.floats(0.1, 100), other=st.floats(-6, 6))
    def least(share, weight, other):
        def loss(logit):
            each = losses.binary_crossentropy([[1.0], [0.0]], tf.tile(logit, (2, 1)), True)
            return weight * share * each[0] + (1 - share) * each[1]

        best = weighted_optimum(share, weight)
        z = np.log(best / (1 - best))
        np.testing.assert_allclose(slope(loss, z), 0, atol=1e-5 * max(weight, 1))
        assert float(loss(tf.constant([[z]], "float32"))) <= float(
            loss(tf.constant([[other]], "float32"))
        ) * (1 + 1e-6)

    least()
