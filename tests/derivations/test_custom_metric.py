"""The metric without a counterpart in Keras, against NumPy, saved with a model, and loaded."""

import types

import locations
import numpy as np
import pages
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from properties.common import array, checked, holds

PAGE = locations.CHAPTERS / "metrics" / "custom_metric.ipynb"

# The sums of logarithms stay below 512, where each addition in float32 is off by at most 1.5e-5.
# The mean divides what adds up by the number of additions, and exp makes a relative error of it.
RTOL = 2e-5

VALUES = st.one_of(st.just(0.0), st.floats(2**-10, 2**10, width=32))
WEIGHTS, BOOLEANS = st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.booleans()


def page(change=lambda source: source):
    """Return what the page's setup cells define, each cell's source changed before it runs."""
    return types.SimpleNamespace(**pages.run(PAGE, change))


@pytest.fixture(scope="module")
def custom():
    return page()


def geometric_mean(values, weights):
    """Return the truth in float64: the weighted geometric mean, 0 without any weight."""
    values, weights = np.float64(values)[np.float64(weights) > 0], np.float64(weights)
    weights = weights[weights > 0]
    if not len(values):
        return 0.0
    with np.errstate(divide="ignore"):
        return np.exp(np.average(np.log(values), weights=weights))


def check_calls(metric_class):
    """Make calls in any order; after each, the result is that of all values since the reset.

    So the same values may be cut into batches anywhere.
    """

    class Calls(RuleBasedStateMachine):
        @initialize()
        def new(self):
            self.metric, self.values, self.weights = metric_class(), [], []

        @rule(data=st.data(), size=st.integers(0, 6), how=st.sampled_from([None, (), (1,)]))
        def update_state(self, data, size, how):
            values, weights = array(data, size, VALUES), np.ones(size, "float32")
            if how is None:
                self.metric.update_state(values)
            else:
                weights = array(data, size, WEIGHTS)
                self.metric.update_state(values.reshape(size, *how), sample_weight=weights)
            self.values += list(values)
            self.weights += list(weights)

        @rule()
        def reset_state(self):
            self.metric.reset_state()
            self.values, self.weights = [], []

        @invariant()
        def same_result(self):
            expected = geometric_mean(self.values, self.weights)
            np.testing.assert_allclose(float(self.metric.count), sum(self.weights))
            np.testing.assert_allclose(float(self.metric.result()), expected, rtol=RTOL)

    run_machine(Calls, settings=checked(max_examples=80, stateful_step_count=12))


def check_probability(metric_class):
    """The result is the geometric mean of what each sample gave to its true class."""

    @holds(150, data=st.data(), size=st.integers(1, 6), classes=st.integers(2, 4), column=BOOLEANS)
    def same_result(data, size, classes, column):
        logits = array(data, (size, classes), st.floats(-50, 50, width=32))
        y_true = data.draw(hnp.arrays(np.int64, size, elements=st.integers(0, classes - 1)))
        weights = array(data, size, WEIGHTS)
        each = np.exp(np.float64(logits) - np.float64(logits).max(axis=-1, keepdims=True))
        each /= each.sum(axis=-1, keepdims=True)
        expected = geometric_mean(np.maximum(each[np.arange(size), y_true], 1e-7), weights)
        labels = y_true[:, None] if column else y_true
        for from_logits, y_pred in ((True, logits), (False, np.float32(each))):
            metric = metric_class(from_logits=from_logits)
            metric.update_state(labels, y_pred, sample_weight=weights)
            np.testing.assert_allclose(float(metric.result()), expected, rtol=RTOL)


def test_geometric_mean_after_every_call(custom):
    check_calls(custom.GeometricMean)


def test_probability_of_the_true_class(custom):
    check_probability(custom.TrueClassProbability)


def test_weights_for_sequences(custom):
    """One weight for each sample of a sequence counts for all of its steps."""
    metric = custom.GeometricMean()
    metric.update_state([[2.0, 8.0], [5.0, 7.0]], sample_weight=[1, 0])
    np.testing.assert_allclose(float(metric.result()), (2 * 8) ** (1 / 2), rtol=RTOL)
    assert float(metric.count) == 2


def test_one_hopeless_sample_does_not_empty_the_epoch(custom):
    metric = custom.TrueClassProbability(from_logits=True)
    metric.update_state([0, 0], np.float32([[-1000, 1000], [1000, -1000]]))
    np.testing.assert_allclose(float(metric.result()), (1e-7 * 1) ** (1 / 2), rtol=RTOL)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_is_saved_and_loaded_with_a_model(custom, tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(3)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = custom.TrueClassProbability(from_logits=True, name="probability")
    model.compile("sgd", loss, metrics=[metric])
    x, y = np.float32(np.arange(14).reshape(7, 2) / 7), np.arange(7) % 3
    history = model.fit(x, y, batch_size=3, verbose=0).history
    np.testing.assert_allclose(history["probability"], np.exp(-np.array(history["loss"])), 1e-5)
    model.save(tmp_path / "model.keras")
    loaded = tf.keras.models.load_model(tmp_path / "model.keras")
    results = [each.evaluate(x, y, batch_size=2, verbose=0) for each in (model, loaded)]
    np.testing.assert_allclose(*results, rtol=1e-6)
    np.testing.assert_allclose(results[0][1], np.exp(-results[0][0]), rtol=1e-5)


@pytest.mark.parametrize("from_logits", [True, False])
def test_configuration_comes_back(custom, from_logits):
    metric = custom.TrueClassProbability(from_logits=from_logits, name="other")
    config = tf.keras.metrics.serialize(metric)
    restored = tf.keras.metrics.deserialize(config)
    assert type(restored) is custom.TrueClassProbability
    assert (restored.from_logits, restored.name) == (from_logits, "other")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.usefixtures("no_shrinking")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.total.assign_add", "self.total.assign"),
        ("self.count.assign_add", "self.count.assign"),
        ("weight * ops.log", "ops.log"),
        ("weight == 0, 1,", "weight == 7, 1,"),
        ("1 if sample_weight", "2 if sample_weight"),
        ("expand_dims(weight, -1)", "expand_dims(weight, 0)"),
        ("self.count > 0", "self.count >= 0"),
        ("self.count > 0", "self.count > 1"),
        ("self.count), 0)", "self.count), 1)"),
        ("ops.exp(self.total", "ops.log(self.total"),
        ("1e-7", "3e-7"),
        ("= -loss", "= loss"),
        ("from_logits=self.from_logits", "from_logits=True"),
        ("from_logits=self.from_logits", "from_logits=False"),
    ],
)
def test_notices_a_change(old, new):
    """A page with any one of these places changed no longer agrees with NumPy."""
    (changed_cell,) = [cell for cell in pages.cells(PAGE, "setup") if old in cell.source]
    changed = page(lambda source: source.replace(old, new))
    with pytest.raises(Exception):  # noqa: B017 (a wrong shape raises, a wrong number differs)
        if "class TrueClassProbability" in changed_cell.source:
            check_probability(changed.TrueClassProbability)
        else:
            check_calls(changed.GeometricMean)
