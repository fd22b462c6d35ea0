"""What pages on losses say of `fit` in words, where their cells show arrays."""

import numpy as np
import pytest
import tensorflow as tf

losses, layers = tf.keras.losses, tf.keras.layers


def bias_after_a_step(loss, bias, y_true, activation="linear", **settings):
    """Return the bias of a layer that is all of a model, after `fit` on one sample at rate 1."""
    dense = layers.Dense(len(bias), kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense, layers.Activation(activation)])
    model.compile(tf.keras.optimizers.SGD(1.0), loss, **settings)
    dense.set_weights([np.zeros((1, len(bias))), np.float32(bias)])
    model.fit(np.ones((1, 1)), np.float32([y_true]), verbose=0)
    return dense.get_weights()[1]


@pytest.mark.parametrize("eagerly, after", [(False, -16), (True, -17)])
def test_the_sigmoid_of_tensorflow_dies_only_eagerly(eagerly, after):
    settings = {"activation": tf.sigmoid, "run_eagerly": eagerly}
    assert bias_after_a_step(losses.BinaryCrossentropy(), [-17], [1], **settings) == after


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_a_gamma_below_1_ends_the_binary_focal_loss_alone(gamma):
    settings = {"gamma": gamma, "from_logits": True}
    binary = losses.BinaryFocalCrossentropy(**settings)
    categorical = losses.CategoricalFocalCrossentropy(**settings)
    assert np.isnan(bias_after_a_step(binary, [20], [1])).all()
    assert np.isfinite(bias_after_a_step(categorical, [20, -20], [1, 0])).all()


def test_a_batch_without_samples_costs_0_in_a_model_and_nothing_as_arrays():
    nothing, loss = np.zeros((0, 1), "float32"), losses.MeanAbsoluteError()
    model = tf.keras.Sequential([tf.keras.Input((1,)), layers.Identity()])
    model.compile(loss=loss)
    assert model.test_on_batch(nothing, nothing) == 0
    assert loss(nothing, nothing).shape == (0,)


@pytest.mark.parametrize("shape", [(4, 1), (1, 4)])
def test_one_weight_for_each_sequence_fits_one_step_and_one_sequence(shape):
    weight, each = np.arange(1, shape[0] + 1, dtype="float32"), losses.MeanAbsoluteError()
    steps = np.random.default_rng(0).random((*shape, 1), "float32")
    expected = (weight[:, None] * steps[..., 0]).mean()
    np.testing.assert_allclose(each(0 * steps, steps, weight), expected, rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_float32_of_a_last_layer_does_not_mend_a_loss_of_16_bits(seed):
    label = np.random.default_rng(seed).choice(np.arange(257, 999, 4))
    right = np.float32(20 * np.eye(1000)[[label]])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="bfloat16")
    assert float(loss(np.array([label]), right)) == 20
