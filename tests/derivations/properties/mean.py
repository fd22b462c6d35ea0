"""The mean over batches."""

import tensorflow as tf
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from .common import SameState, array, checked, weights_for

# Quarters, and axes of 1, 2 or 4 values, have exact sums and means in float32. So the states
# must be equal, not close, however many calls came before.
QUARTERS = st.integers(-200, 200).map(lambda number: number / 4)
VALUE_SHAPES = st.one_of(
    st.just(()),
    st.tuples(st.integers(0, 5)),
    st.tuples(st.integers(1, 5), st.sampled_from([1, 2, 4])),
    st.tuples(st.integers(1, 3), st.sampled_from([1, 2]), st.sampled_from([1, 4])),
)


def check_Mean(by_hand):  # noqa: N802 (its name in Keras)
    """Step both metrics through the same calls and compare their state after every one."""

    class Calls(SameState):
        @initialize()
        def new(self):
            self.metrics = by_hand(), tf.keras.metrics.Mean()

        @rule(data=st.data(), shape=VALUE_SHAPES)
        def update_state(self, data, shape):
            values = array(data, shape, QUARTERS)
            weight = data.draw(weights_for(shape), label="sample_weight")
            for metric in self.metrics:
                metric.update_state(values, sample_weight=weight)

        @rule(value=QUARTERS)
        def update_state_with_a_number(self, value):
            for metric in self.metrics:
                metric.update_state(value)

    run_machine(Calls, settings=checked(max_examples=100, stateful_step_count=12))
