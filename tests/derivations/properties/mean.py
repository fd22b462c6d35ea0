"""The mean over batches."""

from hypothesis import strategies as st

from .common import array, check_same_states, weights_for

# Quarters, and axes of 1, 2 or 4 values, have exact sums and means in float32. So the states
# must be equal, not close, however many calls came before.
QUARTERS = st.integers(-200, 200).map(lambda number: number / 4)
VALUE_SHAPES = st.one_of(
    st.just(()),
    st.tuples(st.integers(0, 5)),
    st.tuples(st.integers(1, 5), st.sampled_from([1, 2, 4])),
    st.tuples(st.integers(1, 3), st.sampled_from([1, 2]), st.sampled_from([1, 4])),
)


def check_Mean(by_hand, keras):  # noqa: N802 (its name in Keras)
    """Compare with Keras over shapes and weights, and on plain numbers."""

    def batch(data, _):
        if data.draw(st.booleans(), label="a number"):
            return data.draw(QUARTERS), None
        values = array(data, shape := data.draw(VALUE_SHAPES), QUARTERS)
        return values, data.draw(weights_for(shape), label="sample_weight")

    settings = {"max_examples": 180, "stateful_step_count": 16}
    check_same_states(by_hand, keras, st.just({}), batch, **settings)
