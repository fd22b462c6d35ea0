"""What the checks share: settings, numbers that matter, and the ways to compare with Keras."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine


def checked(max_examples=300, **changes):
    """Return the same settings for every check, on top of the profile in force.

    The inputs are the same in every run: a failure can be seen again, a green run stays green.
    A profile with fewer than Hypothesis's usual hundred examples has fewer of these too.
    """
    share = settings.default.max_examples / 100
    always = {"deadline": None, "derandomize": True, "database": None}
    return settings(max_examples=round(max_examples * share), **always | changes)


def holds(max_examples=300, **strategies):
    """Return a decorator that tries a function at once, with arguments from these strategies."""
    return lambda function: checked(max_examples)(given(**strategies)(function))()


# Both sides compute in float32, whose spacing is 1.2e-7. A few roundings stay below this.
RTOL = 1e-6
# TensorFlow flushes what is too small for a normal float32 to 0, and NumPy does not.
ATOL = 2 * float(np.finfo("float32").tiny)

CLIP = np.float32(tf.keras.backend.epsilon())
ONE = np.float32(1)

LABELS = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1, width=32, allow_subnormal=False))
PROBABILITIES = st.one_of(
    st.sampled_from(
        [0.0, 1.0, *map(float, (CLIP, np.nextafter(CLIP, ONE), np.nextafter(CLIP, -ONE)))]
        + [float(np.nextafter(ONE - CLIP, np.float32(side))) for side in (0, 2)]
    ),
    st.floats(0, 1, width=32, allow_subnormal=False),
)
LOGITS = st.one_of(
    st.sampled_from([-1000.0, -88.0, -17.0, 0.0, 17.0, 88.0, 1000.0]),
    st.floats(-1000, 1000, width=32, allow_subnormal=False),
)
# Halves and powers of two: weighted sums of small numbers stay exact in float32.
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 2.0])
SMOOTHING = st.sampled_from([0.0, 0.1, 0.5, 1.0])
# One to three leading dimensions, and from one to four outputs.
SHAPES = hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=4)


def array(data, shape, elements):
    """Draw a float32 array."""
    return data.draw(hnp.arrays(np.float32, shape, elements=elements))


def scaled_rows(data, shape, axis):
    """Draw predictions whose sum along an axis is anything but 0: Keras divides by it."""
    scale = np.float32(data.draw(st.sampled_from([1.0, 3.0, 100.0]), label="scale"))
    y_pred = array(data, shape, PROBABILITIES) * scale
    return np.where(y_pred.sum(axis, keepdims=True) == 0, np.float32(1), y_pred)


def weights_for(shape):
    """Return weights that Keras takes for values of a shape: none, one a sample, one a value."""
    shapes = {shape[:axes] for axes in range(1, len(shape) + 1)}
    shapes.add(shape[:1] + (1,) * (len(shape) - 1))
    if len(shape) == 1:
        shapes.add((*shape, 1))
    weights = [hnp.arrays(np.float32, each, elements=WEIGHTS) for each in sorted(shapes)]
    return st.one_of(st.none(), *weights, *([WEIGHTS] if shape == () else []))


def check_same_losses(by_hand, keras, batch, slack=lambda *batch: 0, rtol=RTOL):
    """Compare losses: their dtype, their shape, and each of them.

    Args:
        by_hand: the page's function.
        keras: its counterpart.
        batch: takes Hypothesis's data; returns labels, predictions and other arguments of both.
        slack: takes what `batch` returned; returns how much further apart than by a few roundings
            the losses may lie.
        rtol: a few roundings, as a share of the loss.
    """

    @holds(data=st.data())
    def same_losses(data):
        arguments = batch(data)
        result, expected = by_hand(*arguments), np.asarray(keras(*arguments))
        assert result.dtype == expected.dtype == np.float32
        assert result.shape == expected.shape
        assert np.isfinite(result).all()
        bound = rtol * abs(expected) + ATOL + slack(*arguments)
        assert (abs(result - expected) <= bound).all()


def check_same_reduction(by_hand, keras, batch, slack=lambda *batch: 0):
    """Compare the mean of weighted losses with what a class of Keras makes of them."""

    @holds(data=st.data())
    def same_reduction(data):
        y_true, y_pred = batch(data)
        weight = array(data, y_pred.shape[:-1], st.sampled_from([0.0, 0.5, 1.0, 3.0]))
        expected = keras()(y_true, y_pred, sample_weight=weight)
        # Keras divides by the number of losses, not by the sum of the weights.
        result = (by_hand(y_true, y_pred) * weight).sum() / weight.size
        atol = ATOL + 3 * np.max(slack(y_true, y_pred))
        np.testing.assert_allclose(result, expected, rtol=2 * RTOL, atol=atol)


def shapes_of(max_dims=3, min_dims=1, max_side=3):
    """Return shapes without an empty axis."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=1, max_side=max_side)


ANY_SHAPES = st.tuples(shapes_of(), shapes_of())


def check_same_refusals(by_hand, keras, shapes=ANY_SHAPES, label=0.0, dtype="float32", strict=True):
    """Compare which pairs of shapes are refused, by hand with a ValueError, and all other results.

    Args:
        by_hand: the page's function.
        keras: its counterpart, which may leave the refusal to TensorFlow.
        shapes: draws pairs of shapes, of labels and of predictions; by default any two.
        label: what all labels are.
        dtype: of the labels.
        strict: whether axes of length 1 count.
    """

    def answer(function, errors, *batch):
        try:
            return np.asarray(function(*batch))
        except errors:
            return None

    @holds(shapes=shapes)
    def same_refusals(shapes):
        batch = np.full(shapes[0], label, dtype), np.full(shapes[1], 0.5, "float32")
        expected = answer(keras, (ValueError, tf.errors.InvalidArgumentError), *batch)
        result = answer(by_hand, ValueError, *batch)
        assert (result is None) == (expected is None)
        if result is not None:
            expected = expected if strict else expected.reshape(result.shape)
            assert result.shape == expected.shape
            np.testing.assert_allclose(result, expected, rtol=RTOL, atol=1e-6)


def check_same_states(by_hand, keras, arguments, batch, counts=("total", "count"), **settings):
    """Step both metrics through the same calls and compare their state after every one.

    Args:
        by_hand: the page's class.
        keras: its counterpart.
        arguments: draws what both are made with.
        batch: takes Hypothesis's data and Keras's metric; returns the arguments of `update_state`,
            the last of them the weights.
        counts: the names of what they hold; equal, not close.
        **settings: how many examples, of how many calls, and `rtol` of the results, 0 by default.
    """
    rtol = settings.pop("rtol", 0)

    class Calls(RuleBasedStateMachine):
        @initialize(arguments=arguments)
        def new(self, arguments):
            self.metrics = by_hand(**arguments), keras(**arguments)

        @rule(data=st.data())
        def update_state(self, data):
            *values, weight = batch(data, self.metrics[1])
            for metric in self.metrics:
                metric.update_state(*values, sample_weight=weight)

        @rule()
        def result(self):
            for metric in self.metrics:
                metric.result()

        @rule()
        def reset_state(self):
            for metric in self.metrics:
                metric.reset_state()

        @invariant()
        def same_state(self):
            for name in counts:
                np.testing.assert_array_equal(*[np.asarray(getattr(m, name)) for m in self.metrics])
            results = [np.squeeze(metric.result()) for metric in self.metrics]
            np.testing.assert_allclose(*results, rtol=rtol)

    run_machine(Calls, settings=checked(**settings))
