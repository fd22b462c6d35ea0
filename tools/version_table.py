"""Measure the failures in the environment that runs this, and keep them in the version table.

version_table.py COLUMN           measure, and write the column of helpers/version_table.json
version_table.py COLUMN --check   measure, and name the numbers that are no longer true

COLUMN is `keras_2`, `colab` or `newest`. The script runs unchanged in all three environments:
where tf_keras is installed, tf.keras is Keras 2.
"""

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
import textwrap

# Both are read while TensorFlow is imported. The second chooses Keras 2 where it is there.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
PACKAGE = "tf_keras" if importlib.util.find_spec("tf_keras") else "keras"
os.environ["TF_USE_LEGACY_KERAS"] = str(int(PACKAGE == "tf_keras"))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from locations import HELPERS  # noqa: E402

TABLE = HELPERS / "version_table.json"
COLUMNS = ("keras_2", "colab", "newest")
RTOL = 1e-4  # beyond the digits that the page shows
MESSAGE = 60  # letters of an error's message that are kept
ERRORS = (AttributeError, TypeError, ValueError, RuntimeError, tf.errors.OpError)

MEASURES = []  # (failure's number, what is measured, function), in the order of the table

losses, metrics = tf.keras.losses, tf.keras.metrics


def measure(failure: int, what: str):
    """Enter a function without arguments that returns a number or a word, or raises."""

    def enter(function):
        MEASURES.append((failure, what, function))
        return function

    return enter


def column(values):
    return np.float32(values).reshape(-1, 1)


def updated(metric, *batch, **settings):
    """Return the metric's result after one batch."""
    metric.update_state(*batch, **settings)
    return metric.result()


def echo(**settings):
    """Return a model that answers with what it is given, compiled."""
    model = tf.keras.Sequential([tf.keras.Input((None,)), tf.keras.layers.Activation("linear")])
    model.compile(**settings)
    return model


def line(**settings):
    """Return a model of one weight that starts at 0, compiled."""
    dense = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    model.compile(**settings)
    return model


LOGITS, CLASS_0 = np.float32([[2, 0, -1]]), np.float32([[1, 0, 0]])


@measure(1, "logits without from_logits=True")
def _():
    return losses.CategoricalCrossentropy()(CLASS_0, LOGITS)


@measure(1, "the same logits with from_logits=True")
def _():
    return losses.CategoricalCrossentropy(from_logits=True)(CLASS_0, LOGITS)


@measure(2, "softmax and from_logits=True, a perfect prediction")
def _():
    return losses.CategoricalCrossentropy(from_logits=True)(CLASS_0, CLASS_0)


# Both become tensors, as a model gives them: of arrays the class of Keras 2 takes another view.
FLAT, TWO_PREDICTIONS = np.float32([0, 1]), column([0.3, 0.8])


@measure(3, "labels (N,), predictions (N, 1): the class")
def _():
    return losses.BinaryCrossentropy()(*map(tf.constant, (FLAT, TWO_PREDICTIONS)))


@measure(3, "labels (N,), predictions (N, 1): the function")
def _():
    return tf.reduce_mean(losses.binary_crossentropy(*map(tf.constant, (FLAT, TWO_PREDICTIONS))))


PERFECT = np.eye(3, dtype="float32")


@measure(4, "one-hot labels to a sparse metric")
def _():
    return updated(metrics.SparseCategoricalAccuracy(), PERFECT, PERFECT)


@measure(4, "integers to CategoricalAccuracy")
def _():
    return updated(metrics.CategoricalAccuracy(), column([1, 2, 2]), PERFECT[[1, 2, 2]])


TAGS = np.float32([[1, 1, 0, 1], [0, 1, 1, 1]])
TAGS_PRED = np.float32([[0.9, 0.2, 0.6, 0.3], [0.7, 0.8, 0.1, 0.4]])


@measure(5, "'accuracy' for four tags of which a quarter is right")
def _():
    model = echo(loss="mse", metrics=["accuracy"])
    return model.evaluate(TAGS_PRED, TAGS, verbose=0)[1]


@measure(5, "Accuracy() on probabilities")
def _():
    return updated(metrics.Accuracy(), column([0, 1]), TWO_PREDICTIONS)


@measure(6, "label 1, probability 0")
def _():
    return losses.BinaryCrossentropy()(column([1]), column([0]))


@measure(6, "label 0, probability 1")
def _():
    return losses.BinaryCrossentropy()(column([0]), column([1]))


@measure(6, "gradient at logit -17, through the probability")
def _():
    z = tf.Variable([[-17.0]])
    with tf.GradientTape() as tape:
        loss = losses.binary_crossentropy(column([1]), 1 / (1 + tf.exp(-z)))
    return tape.gradient(loss, z)[0, 0]


@measure(7, "0 log 0 in NumPy")
def _():
    with np.errstate(divide="ignore", invalid="ignore"):
        return 0 * np.log(np.float32(0))


@measure(7, "class 5 of 2")
def _():
    return losses.SparseCategoricalCrossentropy()(np.array([5]), np.float32([[0.5, 0.5]]))


@measure(8, "label 2")
def _():
    return losses.BinaryCrossentropy()(column([2]), column([0.8]))


@measure(8, "prediction 1.2")
def _():
    return losses.BinaryCrossentropy()(column([1]), column([1.2]))


FOUR_LABELS, FOUR_LOGITS = column([0, 1, 1, 1]), column([-2, 0.2, 0.4, 3])


@measure(9, "BinaryAccuracy on logits")
def _():
    return updated(metrics.BinaryAccuracy(), FOUR_LABELS, FOUR_LOGITS)


@measure(9, "the same logits with threshold=0")
def _():
    return updated(metrics.BinaryAccuracy(threshold=0), FOUR_LABELS, FOUR_LOGITS)


ERRORS_1_AND_3, WEIGHTS_1_AND_3 = column([1, 3]), np.float32([1, 3])


def weighted(name):
    """Return what evaluate calls `name` for squared errors 1 and 9 with the weights 1 and 3."""
    model = echo(loss="mse", metrics=["mse"], weighted_metrics=[metrics.MeanSquaredError("w")])
    arguments = {"sample_weight": WEIGHTS_1_AND_3, "verbose": 0, "return_dict": True}
    return model.evaluate(ERRORS_1_AND_3, column([0, 0]), **arguments)[name]


@measure(10, "weights 1 and 3: the loss")
def _():
    return weighted("loss")


@measure(10, "weights 1 and 3: the metric")
def _():
    return weighted("mse")


@measure(10, "weights 1 and 3: the weighted metric")
def _():
    return weighted("w")


@measure(10, "weights 1 and 3: mean_with_sample_weight")
def _():
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    return loss(column([0, 0]), ERRORS_1_AND_3, WEIGHTS_1_AND_3)


@measure(11, "mean of two batch accuracies, 8 of 8 and 1 of 2")
def _():
    return updated(metrics.Mean(), [8 / 8, 1 / 2])


@measure(11, "the same, weighted by batch size")
def _():
    return updated(metrics.Mean(), [8 / 8, 1 / 2], sample_weight=[8, 2])


def one_epoch():
    """Return a model after one epoch of two steps, and the loss that the epoch reported."""
    model = line(optimizer=tf.keras.optimizers.SGD(0.1), loss="mse")
    x, y = column([1, 2]), column([2, 4])
    history = model.fit(x, y, batch_size=1, shuffle=False, verbose=0).history
    return history["loss"][0], model.evaluate(x, y, verbose=0)


@measure(12, "the loss of one epoch in fit")
def _():
    return one_epoch()[0]


@measure(12, "evaluate right after it")
def _():
    return one_epoch()[1]


@measure(13, "epochs of 1s and then 3s without a reset")
def _():
    return updated(metrics.Mean(), [1, 1, 3, 3])


@measure(13, "reset_states()")
def _():
    metric = metrics.Mean()
    metric.update_state(1)
    metric.reset_states()
    return metric.result()


@measure(13, "test_on_batch on losses 1 and then 9")
def _():
    model = echo(loss="mse")
    model.test_on_batch(column([1]), column([0]))
    return model.test_on_batch(column([3]), column([0]))


@measure(14, "label_smoothing=0.1, certain and right")
def _():
    return losses.BinaryCrossentropy(label_smoothing=0.1)(column([1, 0]), column([1, 0]))


@measure(14, "Mean() before any update")
def _():
    return metrics.Mean().result()


@measure(14, "Mean() of 1 and nan")
def _():
    return updated(metrics.Mean(), [1, np.nan])


@measure(14, "all weights 0")
def _():
    return losses.MeanSquaredError()(column([0, 0]), ERRORS_1_AND_3, np.float32([0, 0]))


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


@measure(15, "losses 1 and 9 on two devices: the class, summed")
def _():
    return sum(on_two_devices(losses.MeanSquaredError, losses.Loss.__call__)[1])


@measure(15, "losses 1 and 9 on two devices: reduction='sum', summed")
def _():
    return sum(
        on_two_devices(lambda: losses.MeanSquaredError(reduction="sum"), losses.Loss.__call__)[1]
    )


@measure(15, "losses 1 and 9 on two devices: the metric")
def _():
    def update(metric, *batch):
        metric.update_state(*batch)
        return tf.constant(0.0)

    return on_two_devices(metrics.MeanSquaredError, update)[0].result()


@measure(16, "plain lists of unequal nesting")
def _():
    return losses.BinaryCrossentropy()([0.0, 1.0], [[0.3], [0.8]])


@measure(17, "float64 predictions to a top-k metric")
def _():
    y_pred = np.array([[0.1, 0.7, 0.2]])
    return updated(metrics.SparseTopKCategoricalAccuracy(k=2), [2], y_pred)


def answer(function):
    """Return what a function gives as a number of 8 digits; for an error, its name and message."""
    try:
        result = np.asarray(function()).item()
    except ERRORS as error:
        # One line, without the name that TensorFlow gives to the place.
        message = re.sub(r"^\{\{.*?\}\} ", "", str(error)).splitlines()[0]
        return f"{type(error).__name__}: {textwrap.shorten(message, MESSAGE, placeholder='…')}"
    return "nan" if np.isnan(result) else float(f"{result:.8g}") + 0.0  # no minus zero


def measured() -> dict:
    """Return this environment's `date`, `versions`, and `answers`, one for each measure."""
    tf.get_logger().setLevel("ERROR")  # CPUs are slow as devices, and TensorFlow says so often
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return {
        "date": datetime.date.today().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            PACKAGE: importlib.metadata.version(PACKAGE),
        },
        "answers": [answer(function) for _, _, function in MEASURES],
    }


def with_column(table: dict, column: str, here: dict) -> dict:
    """Return the table with one column renewed; a new row has None in the columns to come."""
    before = {(row["failure"], row["what"]): row for row in table.get("rows", [])}
    rows = []
    for (failure, what, _), given in zip(MEASURES, here["answers"], strict=True):
        row = {"failure": failure, "what": what}
        row |= {name: before.get((failure, what), {}).get(name) for name in COLUMNS}
        row[column] = given
        rows.append(row | {"differs": not all(same(row[name], given) for name in COLUMNS)})
    run = {"date": here["date"], "versions": here["versions"]}
    columns = {**table.get("columns", {}), column: run}
    return {"columns": {name: columns[name] for name in COLUMNS if name in columns}, "rows": rows}


def faults(table: dict, column: str, here: dict) -> list[str]:
    """Return what in a column of the table is not what was measured here, a sentence each."""
    run, found = table["columns"][column], []
    for package in ("tensorflow", PACKAGE):
        there, now = run["versions"].get(package), here["versions"][package]
        if there != now:
            found.append(f"the column {column} is of {package} {there}, and this is {now}")
    before = {(row["failure"], row["what"]): row[column] for row in table["rows"]}
    now = {entry[:2]: given for entry, given in zip(MEASURES, here["answers"], strict=True)}
    for failure, what in sorted(before.keys() | now.keys()):
        old, new = before.get((failure, what)), now.get((failure, what))
        if not same(old, new):
            found.append(f"failure {failure}, {what}: the table has {old}, and here it is {new}")
    return found


def same(old, new) -> bool:
    """Return whether two answers are the same word, or the same number but for rounding."""
    if isinstance(old, float) and isinstance(new, float):
        return bool(np.isclose(old, new, rtol=RTOL, atol=0))
    return old == new


def write(table: dict) -> None:
    """Write the version table, a row to a line, at once or not at all."""
    rows = ",\n".join(json.dumps(row) for row in table["rows"])
    columns = json.dumps(table["columns"], indent=1)
    new = TABLE.with_suffix(".new")
    new.write_text(f'{{"columns": {columns},\n"rows": [\n{rows}\n]}}\n', "utf-8")
    new.replace(TABLE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("column", choices=COLUMNS)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args()
    if (options.column == "keras_2") != (PACKAGE == "tf_keras"):
        expected = "with tf_keras" if options.column == "keras_2" else "without tf_keras"
        print(
            f"column {options.column} is measured {expected}, and this is {PACKAGE}: {sys.prefix}"
        )
        return 1
    table = json.loads(TABLE.read_text("utf-8")) if TABLE.exists() else {}
    here = measured()
    if options.check:
        found = faults(table, options.column, here)
        print("\n".join(found) or f"{len(MEASURES)} answers of the column {options.column} hold")
        return int(bool(found))
    write(with_column(table, options.column, here))
    print(f"{options.column}: {here['versions']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
