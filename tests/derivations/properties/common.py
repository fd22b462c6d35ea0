"""What the checks share: settings, numbers that matter, and the shapes that Keras refuses."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule


def checked(max_examples=300, **changes):
    """Return the same settings for every check, on top of the profile in force.

    The inputs are the same in every run: a failure can be seen again, a green run stays green.
    A profile with fewer than Hypothesis's usual hundred examples has fewer of these too.
    """
    share = settings.default.max_examples / 100
    always = {"deadline": None, "derandomize": True, "database": None}
    return settings(max_examples=round(max_examples * share), **always | changes)


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
# One to three leading dimensions, and from one to four outputs.
SHAPES = hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=4)


def array(data, shape, elements):
    """Draw a float32 array."""
    return data.draw(hnp.arrays(np.float32, shape, elements=elements))


def weights_for(shape):
    """Return weights that Keras takes for values of a shape: none, one a sample, one a value."""
    shapes = {shape[:axes] for axes in range(1, len(shape) + 1)}
    shapes.add(shape[:1] + (1,) * (len(shape) - 1))
    if len(shape) == 1:
        shapes.add((*shape, 1))
    weights = [hnp.arrays(np.float32, each, elements=WEIGHTS) for each in sorted(shapes)]
    return st.one_of(st.none(), *weights, *([WEIGHTS] if shape == () else []))


def check_same_refusals(by_hand, keras):
    """Compare which pairs of shapes are refused with a ValueError."""

    def refuses(function, y_true, y_pred):
        try:
            function(y_true, y_pred)
        except ValueError:
            return True
        return False

    shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3)

    @checked()
    @given(first=shapes, second=shapes)
    def same_refusals(first, second):
        y_true, y_pred = np.zeros(first, "float32"), np.full(second, 0.5, "float32")
        assert refuses(by_hand, y_true, y_pred) == refuses(keras, y_true, y_pred)

    same_refusals()


class SameState(RuleBasedStateMachine):
    """Compares two metrics after each of the same calls; a check adds how they are made and fed.

    Attributes:
        metrics: the page's metric and Keras's.
        counts: the names of what they hold; equal, not close.
        rtol: how far their results may lie apart.
    """

    counts, rtol = ("total", "count"), 0

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
        for name in self.counts:
            np.testing.assert_array_equal(*[np.asarray(getattr(m, name)) for m in self.metrics])
        results = [np.squeeze(metric.result()) for metric in self.metrics]
        np.testing.assert_allclose(*results, rtol=self.rtol)
