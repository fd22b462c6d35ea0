"""The playground: what it answers, what it keeps, and the code that repeats its calls."""

from helpers.charts.playground import session_figure
from helpers.figures import Picture
from helpers.playground import BATCHES, Session, _Controls, batch, playground, typed_batch

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from properties.common import checked

METRICS = {name: getattr(tf.keras.metrics, name) for name in BATCHES}
RECORDED = [(8, 8), (2, 1), None, (4, 3, 2)]
ROWS = "[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]"


def state(metric):
    return [float(metric.total), float(metric.count), float(metric.result())]


def run(code):
    """Return the metric that a program makes, and what it prints."""
    printed = []
    names = {"print": lambda *values: printed.append(list(values))}
    exec(code, names)
    return names["metric"], printed


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(("size", "hits"), [(1, 0), (5, 2), (12, 12)])
def test_a_batch_has_the_hits_it_was_asked_for(name, size, hits):
    metric = METRICS[name]()
    metric.update_state(**batch(name, size, hits, weight=2))
    np.testing.assert_allclose(state(metric), [2 * hits, 2 * size, hits / size], rtol=1e-6)


@pytest.mark.parametrize("name", METRICS)
def test_every_state_is_that_of_the_calls(name):
    """Any calls: the state, the mean of the batches, and the code all agree with Keras."""

    class Calls(RuleBasedStateMachine):
        @initialize()
        def new(self):
            self.session, self.keras, self.alone = Session(METRICS[name]), METRICS[name](), []

        @rule(size=st.integers(1, 12), share=st.integers(0, 4), weight=st.sampled_from([0, 1, 2.5]))
        def update_state(self, size, share, weight):
            arguments = batch(name, size, size * share // 4, weight)
            self.session.update_state(**arguments)
            self.keras.update_state(**arguments)
            one = METRICS[name]()
            one.update_state(**arguments)
            self.alone.append(float(one.result()))

        @rule()
        def reset_state(self):
            self.session.reset_state()
            self.keras.reset_state()
            self.alone = []

        @invariant()
        def same(self):
            assert list(self.session.states[-1]) == state(self.keras)
            mean = sum(self.alone) / len(self.alone) if self.alone else None
            assert self.session.means[-1] == (mean if mean is None else pytest.approx(mean))

        def teardown(self):
            metric, printed = run(self.session.code())
            assert state(metric) == printed[0] == list(self.session.states[-1])

    run_machine(Calls, settings=checked(max_examples=25, stateful_step_count=10))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size": -3, "hits": 0}, "size is -3; expected a whole number from 1 to 12"),
        ({"size": 0, "hits": 0}, "size is 0; expected a whole number from 1 to 12"),
        ({"size": 2.5, "hits": 0}, "size is 2.5; expected a whole number from 1 to 12"),
        ({"size": "four", "hits": 0}, "size is 'four'; expected a whole number from 1 to 12"),
        ({"size": "nan", "hits": 0}, "size is nan; expected a whole number from 1 to 12"),
        ({"size": 4, "hits": 5}, "hits is 5; expected a whole number from 0 to 4"),
        ({"size": 4, "hits": 3, "weight": -1}, "weight is -1; expected a number from 0 to 3"),
        ({"size": 4, "hits": 3, "weight": "nan"}, "weight is nan; expected a number from 0 to 3"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError) as caught:
        batch("Mean", **arguments)
    assert str(caught.value) == words


REFUSED = [
    ("Mean", {"values": "three"}, "values came as 'three'; expected numbers in brackets"),
    ("Mean", {"values": "[1, NaN]"}, "values holds NaN"),
    ("Mean", {"values": "[1, -inf]"}, "values holds inf"),
    ("Mean", {"values": "[1e999]"}, "values holds inf; expected at most 1e+06 in size"),
    ("Mean", {"values": "7"}, "values came as '7'; expected numbers in brackets"),
    ("Mean", {"values": "[]"}, "values has 0 entries; expected 1 to 100"),
    ("Mean", {"values": "[[1, 2]]"}, "values came with shape (1, 2); expected one number a sample"),
    ("Mean", {"values": "[[1], [1, 2]]"}, "values came as '[[1], [1, 2]]'; expected numbers"),
    ("Mean", {"values": "[" * 3000}, "values has 3000 characters; expected at most 2000"),
    ("Mean", {"values": "__import__('os')"}, "values came as"),
    ("Mean", {"values": "[1]", "sample_weight": "[-1]"}, "sample_weight holds -1; expected"),
    ("Mean", {"values": "[1]", "sample_weight": "[1, 1]"}, "sample_weight came with shape (2,)"),
    ("BinaryAccuracy", {"y_true": "[2, 0]", "y_pred": "[1, 0]"}, "y_true holds the label 2"),
    (
        "BinaryAccuracy",
        {"y_true": "[1, 0]", "y_pred": "[[1], [0]]"},
        "y_pred came with shape (2, 1)",
    ),
    (
        "BinaryAccuracy",
        {"y_true": "[[1, 0]]", "y_pred": "[[1, 0]]"},
        "y_true came with shape (1, 2)",
    ),
    ("CategoricalAccuracy", {"y_true": "[2, 1]", "y_pred": ROWS}, "y_true came with shape (2,)"),
    (
        "CategoricalAccuracy",
        {"y_true": "[[0, 0, 1], [1, 1, 0]]", "y_pred": ROWS},
        "y_true has [1, 1, 0] in row 1; expected one 1, all others 0",
    ),
    (
        "SparseCategoricalAccuracy",
        {"y_true": "[3, 1]", "y_pred": ROWS},
        "y_true holds the label 3; expected 0 to 2",
    ),
    (
        "SparseCategoricalAccuracy",
        {"y_true": "[-1, 1]", "y_pred": ROWS},
        "y_true holds the label -1",
    ),
    (
        "SparseCategoricalAccuracy",
        {"y_true": "[0.5, 1]", "y_pred": ROWS},
        "y_true holds the label 0.5",
    ),
    (
        "SparseCategoricalAccuracy",
        {"y_true": "[1]", "y_pred": ROWS},
        "y_pred came with shape (2, 3)",
    ),
]


@pytest.mark.parametrize(("name", "texts", "words"), REFUSED)
def test_typed_numbers_that_are_no_batch_are_refused(name, texts, words):
    with pytest.raises(ValueError) as caught:
        typed_batch(name, **texts)
    assert str(caught.value).startswith(words)


@checked(max_examples=200)
@given(text=st.text(max_size=30) | st.text("[](),0123456789.-+ einfa", max_size=30))
def test_any_text_is_a_batch_or_is_refused_in_words(text):
    try:
        arguments = typed_batch("Mean", values=text)
    except ValueError as error:
        assert str(error).startswith("values ")
    else:
        assert np.isfinite(np.float32(arguments["values"])).all()


def test_what_keras_refuses_leaves_the_state():
    session = Session(tf.keras.metrics.Mean)
    session.update_state(values=[1, 2])
    before = session.lines[:], session.states[:], session.code()
    with pytest.raises(ValueError, match="Keras refuses the batch"):
        session.update_state(values=[1, 2], sample_weight=[1, 2, 3])
    assert (session.lines, session.states, session.code()) == before
    assert state(session._metric) == [3, 2, 1.5]


@pytest.fixture
def controls():
    return _Controls(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_buttons_make_the_calls(controls, name):
    controls.metric.value = name
    controls.fields["size"].value, controls.fields["hits"].value = "8", "6"
    controls.update.click()
    assert controls.session.states[-1] == (6, 8, 0.75)
    assert "total is 6, count is 8, result() is 0.75" in controls.picture.value
    controls.reset.click()
    assert controls.session.states[-1] == (0, 0, 0)
    controls.by.value = "numbers"
    controls.update.click()
    assert controls.answer.value == ""
    metric, _ = run(controls.session.code())
    assert state(metric) == list(controls.session.states[-1]) != [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "text"),
    [("size", "abc"), ("size", "-1"), ("size", ""), ("hits", "99"), ("weight", "nan")],
)
def test_bad_fields_are_answered_in_words(controls, name, text):
    controls.update.click()
    before = controls.session.states[:], controls.picture.value, controls.code.value
    controls.fields[name].value = text
    controls.update.click()
    assert f"{name} is " in controls.answer.value
    assert "Nothing has changed." in controls.answer.value
    assert (controls.session.states, controls.picture.value, controls.code.value) == before
    controls.fields[name].value = "2"
    controls.update.click()
    assert controls.answer.value == ""
    assert len(controls.session.states) == 3


def test_bad_numbers_are_answered_in_words(controls):
    controls.metric.value, controls.by.value = "SparseCategoricalAccuracy", "numbers"
    controls._typed["y_true"].value = "[3, 1]"
    controls.update.click()
    assert "y_true holds the label 3; expected 0 to 2" in controls.answer.value
    assert len(controls.session.states) == 1


def test_slider_and_field_say_the_same(controls):
    slider, field = controls._rows["size and hits"].children[0].children
    slider.value = 9
    assert field.value == "9"
    field.value = "2"
    assert slider.value == 2
    assert controls.hits.max == 2
    assert controls.hits.value == 2
    assert controls.fields["hits"].value == "2"


def test_another_metric_begins_a_session(controls):
    controls.update.click()
    controls.metric.value = "BinaryAccuracy"
    assert controls.session.lines == ["BinaryAccuracy()"]
    assert list(controls._typed) == ["y_true", "y_pred", "sample_weight"]


def test_only_the_chosen_fields_are_shown(controls):
    for chosen, other in (("numbers", "size and hits"), ("size and hits", "numbers")):
        controls.by.value = chosen
        assert controls._rows[chosen].layout.display == ""
        assert controls._rows[other].layout.display == "none"


def test_recorded_session_has_a_frame_for_each_call():
    shown = playground(tf.keras.metrics.BinaryAccuracy, recorded=RECORDED)
    html = shown.html()
    assert 'max="4"' in html
    assert "batch_3 = {&#x27;y_true&#x27;" in html
    bundle = shown._repr_mimebundle_()
    assert bundle["text/html"] == html
    assert "total is 6, count is 8, result() is 0.75" in bundle["text/plain"]


def test_figure_says_the_moment():
    session = playground(tf.keras.metrics.Mean, recorded=RECORDED)._recorded
    said = [Picture(session_figure(session, step)).alt_text for step in range(5)]
    assert said[0] == "New: total is 0, count is 0, result() is 0"
    assert said[2].endswith("result() is 0.9, the mean of the batches is 0.75")
    assert said[3] == "After reset_state(): total is 0, count is 0, result() is 0"


@pytest.mark.parametrize(
    ("metrics", "recorded", "words"),
    [
        ([], [], "playground: no metric came"),
        ([tf.keras.metrics.AUC], [], "expected one of Mean, BinaryAccuracy"),
        ([tf.keras.metrics.Mean], [(4, 5)], "hits is 5"),
    ],
)
def test_a_playground_that_cannot_be_is_refused(metrics, recorded, words):
    with pytest.raises(ValueError, match=words):
        playground(*metrics, recorded=recorded)
