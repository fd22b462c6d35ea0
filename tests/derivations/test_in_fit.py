"""What pages say of `fit` in words, where their cells show arrays or one case."""

import numpy as np
import pytest
import tensorflow as tf

losses, metrics, layers = tf.keras.losses, tf.keras.metrics, tf.keras.layers


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


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_metrics_count_in_float32_whatever_the_policy(policy):
    before = tf.keras.config.dtype_policy()
    tf.keras.config.set_dtype_policy(policy)
    try:
        assert metrics.Mean().count.dtype == metrics.BinaryAccuracy().count.dtype == "float32"
    finally:
        tf.keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("name", ["Precision", "Recall", "AUC"])
def test_a_mask_does_not_reach_the_metrics_that_count(name):
    x = np.float32([0.3, -0.4, 0, 0]).reshape(1, 4, 1)  # two steps, and two that are masked
    y_pred, y_true = x + 0.6, np.float32([1, 1, 1, 0]).reshape(1, 4, 1)
    metric, alone, unmasked = (getattr(metrics, name)() for _ in range(3))
    add = layers.Dense(1, kernel_initializer="ones", bias_initializer=tf.constant_initializer(0.6))
    model = tf.keras.Sequential([tf.keras.Input((4, 1)), layers.Masking(), add])
    model.compile(loss="mse", metrics=[metric])
    model.evaluate(x, y_true, verbose=0)
    assert float(metric.result()) == float(alone(y_true, y_pred))
    assert float(metric.result()) != float(unmasked(y_true[:, :2], y_pred[:, :2]))
