"""The rows of the version table: a failure, what is called, and the call.

To add a row, add an entry to ROWS and run `make version-table`. The calls run in three environments
that share no more than TensorFlow and NumPy; where tf_keras is installed, tf.keras is Keras 2.
"""

import contextlib
import importlib.util
import io
import os
import re
import tempfile
import time

# TensorFlow reads these while it is imported. The last one chooses Keras 2 where it is there.
PACKAGE = "tf_keras" if importlib.util.find_spec("tf_keras") else "keras"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ["TF_USE_LEGACY_KERAS"] = str(int(PACKAGE == "tf_keras"))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

losses, metrics = tf.keras.losses, tf.keras.metrics


def column(*values):
    """Return float32 values of shape (N, 1)."""
    return np.float32(values).reshape(-1, 1)


def result(metric, *batch, **settings):
    """Return the metric's result after one `update_state`."""
    metric.update_state(*batch, **settings)
    return metric.result()


def result_after_reset_states():
    """Call the reset by the name that it has in Keras 2."""
    metric = metrics.Mean()
    metric.update_state(1)
    metric.reset_states()
    return metric.result()


def identity_model(**settings):
    """Return a model that predicts its input, compiled."""
    model = tf.keras.Sequential([tf.keras.Input((None,)), tf.keras.layers.Activation("linear")])
    model.compile(loss="mse", **settings)
    return model


def weighted(name):
    """Return what `evaluate` calls `name` for squared errors 1 and 9 with the weights 1 and 3."""
    metric = metrics.MeanSquaredError("weighted_mse")
    model = identity_model(metrics=["mse"], weighted_metrics=[metric])
    arguments = {"sample_weight": np.float32([1, 3]), "verbose": 0, "return_dict": True}
    return model.evaluate(column(1, 3), column(0, 0), **arguments)[name]


def second_batch(method):
    """Return what `test_on_batch` or `train_on_batch` gives for a squared error of 9 after 1."""
    dense = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    getattr(model, method)(column(1), column(0))
    return getattr(model, method)(column(3), column(0))


class Terminal(io.StringIO):
    """Text that a progress bar takes for a terminal, and rewrites at each batch."""

    def isatty(self):
        return True


class Slowly(tf.keras.callbacks.Callback):
    """Waits at each batch, for the bar skips what comes within a twentieth of a second."""

    def on_test_batch_end(self, batch, logs=None):
        time.sleep(0.06)


def progress_bar():
    """Return the loss that the progress bar shows after the second of three batches."""
    batches = {"batch_size": 1, "callbacks": [Slowly()], "verbose": 1}
    with contextlib.redirect_stdout(Terminal()) as shown:
        identity_model().evaluate(column(1, 3, 1), column(0, 0, 0), **batches)
    return float(re.findall(r"loss: ([\d.]+)", shown.getvalue())[1])


def small_model(outputs, **settings):
    """Return a model of one or two outputs, `a` and `b`, compiled."""
    x = tf.keras.Input((1,))
    made = [tf.keras.layers.Dense(1, name=name)(x) for name in "ab"[:outputs]]
    model = tf.keras.Model(x, made)
    model.compile("sgd", ["mse"] * outputs, **settings)
    return model


def stopping(monitor, **settings):
    return tf.keras.callbacks.EarlyStopping(monitor, patience=2, **settings)


def epochs(model, callback):
    """Return how many of two epochs `fit` trains with a callback."""
    x, y = column(1, 0), [column(1, 0)] * len(model.outputs)
    y = y if len(y) > 1 else y[0]
    settings = {"validation_data": (x, y), "callbacks": [callback], "verbose": 0}
    return len(model.fit(x, y, epochs=2, **settings).epoch)


def epochs_saved():
    """Return how many of two epochs are saved as the best of a metric that does not exist."""
    model = small_model(1, metrics=[metrics.BinaryAccuracy()])
    with tempfile.TemporaryDirectory() as folder:
        settings = {"save_best_only": True, "mode": "max"}
        path = os.path.join(folder, "{epoch}.keras")
        epochs(model, tf.keras.callbacks.ModelCheckpoint(path, "val_accuracy", **settings))
        return len(os.listdir(folder))


def named():
    """Return the second of `metrics_names` after an evaluation."""
    model = small_model(1, metrics=["accuracy"])
    model.evaluate(column(1), column(1), verbose=0)
    return model.metrics_names[1]


def one_epoch():
    """Return the loss that `fit` reports of an epoch of two steps, and `evaluate` after it."""
    dense = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1), loss="mse")
    x, y = column(1, 2), column(2, 4)
    history = model.fit(x, y, batch_size=1, shuffle=False, verbose=0).history
    return history["loss"][0], model.evaluate(x, y, verbose=0)


def gradient(loss_of, logit):
    """Return the gradient of a function of one logit."""
    z = tf.Variable([[logit]])
    with tf.GradientTape() as tape:
        loss = loss_of(z)
    return tape.gradient(loss, z)[0, 0]


def stepped(layer, loss, label):
    """Return the loss that `fit` prints for inputs of 1, and the first bias after that step."""
    model = tf.keras.Sequential([tf.keras.Input((1,)), layer])
    model.compile(optimizer=tf.keras.optimizers.SGD(1.0), loss=loss)
    history = model.fit(column(*[1] * len(label)), label, verbose=0).history
    return history["loss"][0], layer.get_weights()[1][0]


def far_softmax(dtype):
    """Return the first logit after one step that should raise it from -20."""
    far = tf.constant_initializer([-20.0, 0.0, 0.0])
    layer = tf.keras.layers.Dense(3, "softmax", True, "zeros", far, dtype=dtype)
    return stepped(layer, losses.SparseCategoricalCrossentropy(), np.array([0]))[1]


def unreduced(reduction):
    """Return the loss that `fit` prints for labels 1, 1 and 0, and the bias after the step."""
    layer = tf.keras.layers.Dense(1, kernel_initializer="zeros")
    return stepped(layer, binary(from_logits=True, reduction=reduction), column(1, 1, 0))


def wrong_logits(method):
    """Return the binary loss of the softmax of 1 and 3, as a method of the model has it."""
    squash, x, y = tf.keras.layers.Activation("softmax"), np.float32([[1, 3]]), np.float32([[0, 1]])
    model = tf.keras.Sequential([tf.keras.Input((2,)), squash])
    model.compile(loss=binary())
    if method == "evaluate":
        return model.evaluate(x, y, verbose=0)
    return binary()(y, model.predict(x, verbose=0))


def on_two_devices(make, call):
    """Return what `make` makes for two devices, and what they answer to an error of 1 and 3."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        made = make()
    error = strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant([[1.0], [3.0]])[context.replica_id_in_sync_group][None]
    )
    answers = strategy.run(lambda y_pred: call(made, tf.zeros((1, 1)), y_pred), args=(error,))
    return made, strategy.experimental_local_results(answers)


def summed_loss(**settings):
    """Return the sum of the losses of two devices."""
    return sum(on_two_devices(lambda: losses.MeanSquaredError(**settings), losses.Loss.__call__)[1])


def update(metric, *batch):
    """Update a metric on one device, whose answer must be a tensor."""
    metric.update_state(*batch)
    return tf.constant(0.0)


LOGITS, CLASS_0, ONE_HOT = np.float32([[2, 0, -1]]), np.float32([[1, 0, 0]]), np.eye(3, dtype="f")
FLAT, TWO_PREDICTIONS = np.float32([0, 1]), column(0.3, 0.8)
TAGS = np.float32([[1, 1, 0, 1], [0, 1, 1, 1]])
TAGS_PRED = np.float32([[0.9, 0.2, 0.6, 0.3], [0.7, 0.8, 0.1, 0.4]])
FOUR_LABELS, FOUR_LOGITS = column(0, 1, 1, 1), column(-2, 0.2, 0.4, 3)

binary, categorical = losses.BinaryCrossentropy, losses.CategoricalCrossentropy
squared = losses.MeanSquaredError

# {(the kind of failure, what is called): a call without arguments}. It returns one number or one
# word; an error's name and message are an answer too.
ROWS = {
    ("from_logits", "logits without from_logits=True"): lambda: categorical()(CLASS_0, LOGITS),
    ("from_logits", "the same logits with from_logits=True"): lambda: categorical(from_logits=True)(
        CLASS_0, LOGITS
    ),
    ("double softmax", "softmax and from_logits=True, a perfect prediction"): lambda: categorical(
        from_logits=True
    )(CLASS_0, CLASS_0),
    # Tensors, as a model gives them: of arrays the class of Keras 2 takes another view.
    ("missing axis", "labels (N,), predictions (N, 1): the class"): lambda: binary()(
        tf.constant(FLAT), tf.constant(TWO_PREDICTIONS)
    ),
    ("missing axis", "labels (N,), predictions (N, 1): the function"): lambda: tf.reduce_mean(
        losses.binary_crossentropy(tf.constant(FLAT), tf.constant(TWO_PREDICTIONS))
    ),
    ("kind of labels", "one-hot labels to a sparse metric"): lambda: result(
        metrics.SparseCategoricalAccuracy(), ONE_HOT, ONE_HOT
    ),
    ("kind of labels", "integers to CategoricalAccuracy"): lambda: result(
        metrics.CategoricalAccuracy(), column(1, 2, 2), ONE_HOT[[1, 2, 2]]
    ),
    ("accuracy by name", "'accuracy' for four tags of which a quarter is right"): lambda: (
        identity_model(metrics=["accuracy"]).evaluate(TAGS_PRED, TAGS, verbose=0)[1]
    ),
    ("accuracy by name", "Accuracy() on probabilities"): lambda: result(
        metrics.Accuracy(), column(0, 1), TWO_PREDICTIONS
    ),
    ("clip", "label 1, probability 0"): lambda: binary()(column(1), column(0)),
    ("clip", "label 0, probability 1"): lambda: binary()(column(0), column(1)),
    ("clip", "gradient at logit -17, through the probability"): lambda: gradient(
        lambda z: losses.binary_crossentropy(column(1), 1 / (1 + tf.exp(-z))), -17.0
    ),
    ("nan", "0 log 0 in NumPy"): lambda: 0 * np.log(np.float32(0)),
    ("no such class", "class 5 of 2"): lambda: losses.SparseCategoricalCrossentropy()(
        np.array([5]), np.float32([[0.5, 0.5]])
    ),
    ("outside 0 to 1", "label 2"): lambda: binary()(column(2), column(0.8)),
    ("outside 0 to 1", "prediction 1.2"): lambda: binary()(column(1), column(1.2)),
    ("threshold", "BinaryAccuracy on logits"): lambda: result(
        metrics.BinaryAccuracy(), FOUR_LABELS, FOUR_LOGITS
    ),
    ("threshold", "the same logits with threshold=0"): lambda: result(
        metrics.BinaryAccuracy(threshold=0), FOUR_LABELS, FOUR_LOGITS
    ),
    ("weights", "weights 1 and 3: the loss"): lambda: weighted("loss"),
    ("weights", "weights 1 and 3: the metric"): lambda: weighted("mse"),
    ("weights", "weights 1 and 3: the weighted metric"): lambda: weighted("weighted_mse"),
    ("weights", "weights 1 and 3: mean_with_sample_weight"): lambda: squared(
        reduction="mean_with_sample_weight"
    )(column(0, 0), column(1, 3), np.float32([1, 3])),
    ("batch means", "mean of two batch accuracies, 8 of 8 and 1 of 2"): lambda: result(
        metrics.Mean(), [8 / 8, 1 / 2]
    ),
    ("batch means", "the same, weighted by batch size"): lambda: result(
        metrics.Mean(), [8 / 8, 1 / 2], sample_weight=[8, 2]
    ),
    ("running mean", "the loss of one epoch in fit"): lambda: one_epoch()[0],
    ("running mean", "evaluate right after it"): lambda: one_epoch()[1],
    ("running mean", "the progress bar after losses 1 and 9, of three"): progress_bar,
    ("reset", "epochs of 1s and then 3s without a reset"): lambda: result(
        metrics.Mean(), [1, 1, 3, 3]
    ),
    ("reset", "reset_states()"): result_after_reset_states,
    ("reset", "test_on_batch on losses 1 and then 9"): lambda: second_batch("test_on_batch"),
    ("reset", "train_on_batch on losses 1 and then 9"): lambda: second_batch("train_on_batch"),
    ("label_smoothing", "label_smoothing=0.1, certain and right"): lambda: binary(
        label_smoothing=0.1
    )(column(1, 0), column(1, 0)),
    ("nothing to divide", "Mean() before any update"): lambda: metrics.Mean().result(),
    ("nan", "Mean() of 1 and nan"): lambda: result(metrics.Mean(), [1, np.nan]),
    ("nothing to divide", "all weights 0"): lambda: squared()(
        column(0, 0), column(1, 3), np.float32([0, 0])
    ),
    ("two devices", "losses 1 and 9 on two devices: the class, summed"): summed_loss,
    ("two devices", "losses 1 and 9 on two devices: reduction='sum', summed"): lambda: summed_loss(
        reduction="sum"
    ),
    ("two devices", "losses 1 and 9 on two devices: the metric"): lambda: on_two_devices(
        metrics.MeanSquaredError, update
    )[0].result(),
    ("plain lists", "plain lists of unequal nesting"): lambda: binary()([0.0, 1.0], [[0.3], [0.8]]),
    ("top-k dtype", "float64 predictions to a top-k metric"): lambda: result(
        metrics.SparseTopKCategoricalAccuracy(k=2), [2], np.array([[0.1, 0.7, 0.2]])
    ),
    ("names", "metrics_names[1] after metrics=['accuracy']"): named,
    ("names", "EarlyStopping, no such name: epochs of 2"): lambda: epochs(
        small_model(1, metrics=[metrics.BinaryAccuracy()]), stopping("val_accuracy")
    ),
    ("names", "the same with mode='max'"): lambda: epochs(
        small_model(1, metrics=[metrics.BinaryAccuracy()]), stopping("val_accuracy", mode="max")
    ),
    ("names", "ModelCheckpoint of the best, no such name: saved of 2"): epochs_saved,
    ("several outputs", "metrics=['mae']: numbers that evaluate returns"): lambda: len(
        small_model(2, metrics=["mae"]).evaluate(column(1), [column(1)] * 2, verbose=0)
    ),
    ("several outputs", "EarlyStopping on val_b_accuracy: epochs of 2"): lambda: epochs(
        small_model(2, metrics={"b": ["accuracy"]}), stopping("val_b_accuracy")
    ),
    ("softmax", "the logit -20 after a step, softmax in float32"): lambda: far_softmax("float32"),
    ("softmax", "the same in mixed_float16"): lambda: far_softmax("mixed_float16"),
    ("softmax", "binary loss of a softmax: evaluate"): lambda: wrong_logits("evaluate"),
    ("softmax", "the same, of what predict returns"): lambda: wrong_logits("predict"),
    ("sigmoid", "gradient at logit -17, tf.sigmoid"): lambda: gradient(
        lambda z: losses.binary_crossentropy(column(1), tf.sigmoid(z)), -17.0
    ),
    ("sigmoid", "the same, Keras's sigmoid"): lambda: gradient(
        lambda z: losses.binary_crossentropy(column(1), tf.keras.activations.sigmoid(z)), -17.0
    ),
    ("reduction none", "reduction='none' in compile: the printed loss"): lambda: unreduced("none")[
        0
    ],
    ("reduction none", "the same: the bias after a step of rate 1"): lambda: unreduced("none")[1],
    ("reduction none", "reduction='sum': the bias after the same step"): lambda: unreduced("sum")[
        1
    ],
    ("label_smoothing", "SparseCategoricalCrossentropy(label_smoothing=0.1)"): lambda: (
        losses.SparseCategoricalCrossentropy(label_smoothing=0.1)(np.array([0]), CLASS_0)
    ),
}
