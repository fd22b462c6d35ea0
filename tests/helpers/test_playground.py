"""The playground: what it answers, what it keeps, and the code that repeats its calls."""

import json
import re
from html import unescape

from chapters.metrics.binary_accuracy import BinaryAccuracy
from chapters.metrics.categorical_accuracy import CategoricalAccuracy
from chapters.metrics.mean import Mean
from chapters.metrics.sparse_categorical_accuracy import SparseCategoricalAccuracy
from helpers.charts.playground import history
from helpers.charts.timeline import state_of
from helpers.figures import MINUS
from helpers.playground import (
    BATCHES,
    BUTTONS,
    BY_HITS,
    BY_NUMBERS,
    Session,
    _Controls,
    answer,
    batch,
    playground,
    typed_batch,
)

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from properties.common import checked

METRICS = {name: getattr(tf.keras.metrics, name) for name in BATCHES}
DERIVED = [BinaryAccuracy, Mean, CategoricalAccuracy, SparseCategoricalAccuracy]
ROWS = "[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]"


def run(code):
    """Return the metric that a program makes, and what it prints."""
    printed = []
    exec(code, names := {"print": lambda *values: printed.append(values)})
    return names["metric"], *printed


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(("size", "hits"), [(1, 0), (5, 2), (12, 12)])
def test_a_batch_has_the_hits_it_was_asked_for(name, size, hits):
    metric = METRICS[name]()
    metric.update_state(**batch(name, size, hits, weight=2))
    np.testing.assert_allclose(state_of(metric), [2 * hits, 2 * size, hits / size], rtol=1e-6)


# What is typed: a batch that fits, or any text. Halves and quarters add up in float32 exactly.
VALUES = st.integers(-400, 400).map(lambda quarters: quarters / 4)
WEIGHTS = st.sampled_from([0, 0.5, 1, 2.5])
SCORES = st.floats(0, 1, width=32, allow_subnormal=False)
ODD = st.text(max_size=9) | st.sampled_from(
    ["[[1, 0]]", "[1, nan]", "[2, 1]", "[[0.1], [2]]", "[]"]
)


@st.composite
def typed(draw, name):
    """Draw texts for the fields of a metric."""
    size, classes = draw(st.integers(1, 5)), draw(st.integers(1, 4))

    def numbers(elements, length=size):
        return draw(st.lists(elements, min_size=length, max_size=length))

    labels = numbers(st.integers(0, classes - 1))
    arguments = {"y_true": labels, "y_pred": [numbers(SCORES, classes) for _ in labels]}
    if name == "Mean":
        arguments = {"values": numbers(VALUES)}
    elif name == "CategoricalAccuracy":
        arguments["y_true"] = np.eye(classes, dtype=int)[labels].tolist()
    elif name == "BinaryAccuracy":
        arguments = {"y_true": numbers(st.integers(0, 1)), "y_pred": numbers(SCORES)}
        if draw(st.booleans()):
            arguments = {key: [[number] for number in row] for key, row in arguments.items()}
    texts = {key: str(value) for key, value in arguments.items()}
    texts["sample_weight"] = draw(st.sampled_from(["", str(numbers(WEIGHTS))]))
    if not draw(st.integers(0, 4)):
        texts[draw(st.sampled_from(sorted(texts)))] = draw(ODD)
    return {f"{name}.{key}": text for key, text in texts.items()}


@st.composite
def filled_in(draw, name):
    """Draw all fields, as the form sends them."""
    texts = {"by": draw(st.sampled_from([BY_HITS, BY_NUMBERS])), **draw(typed(name))}
    texts["size"], texts["hits"] = (str(draw(st.integers(0, 13))) for _ in range(2))
    return texts | {"weight": draw(st.sampled_from(["0", "1", "2.5", "4", "", "three"]))}


def kept(html):
    return unescape(re.search(r'name="kept" value="(.*?)"', html)[1])


@pytest.mark.parametrize("metric", DERIVED, ids=lambda metric: metric.__name__)
def test_the_websites_form_answers_as_keras_does(metric):
    """Press by press: what is refused and how, the state, its words, the chart and the code.

    At the end the code makes the same calls on Keras itself, and each batch is tried alone.
    """
    name = metric.__name__

    class Presses(RuleBasedStateMachine):
        @initialize()
        def new(self):
            self.keras, self.derived = Session(METRICS[name]), Session(metric)
            self.kept = kept(playground(metric).html())

        @rule(button=st.sampled_from([*BUTTONS, "update_state", ""]), fields=filled_in(name))
        def press(self, button, fields):
            wrong, words = self.keras.press(button, fields)
            assert self.derived.press(button, fields) == (wrong, words)
            came = answer(self.kept, button, f"{metric.__module__}.{name}", **fields)
            self.kept = kept(came["html"])
            assert came["said"] == (wrong or words)
            assert came["html"].startswith(self.derived.html())
            assert self.derived.html() == self.keras.html()

        def teardown(self):
            played, printed = run(self.keras.code())
            assert state_of(played) == printed == self.keras.states[-1]
            alone = [None]
            for call in self.keras.calls:
                one = METRICS[name]()
                alone.append(call and float(one(**call)))
            since = alone[::-1].index(None)  # the batches after the last reset
            mean = pytest.approx(np.mean(alone[-since:])) if since else None
            assert (self.keras.alone, self.keras.means[-1]) == (alone, mean)

    run_machine(Presses, settings=checked(max_examples=40, stateful_step_count=8))


def test_another_metric_begins_anew():
    fields = {"by": BY_HITS, "size": "4", "hits": "3", "weight": "1"}
    full = f"{Mean.__module__}.{Mean.__name__}"
    shown = answer(kept(playground(*DERIVED).html()), "update_state", full, **fields)
    assert shown["said"].startswith("After update_state(**batch_1): total is 3, count is 4")
    other = full.replace(".mean.Mean", ".binary_accuracy.BinaryAccuracy")
    shown = answer(kept(shown["html"]), "", other, **fields)
    assert shown["said"] == "New: total is 0, count is 0, result() is 0"
    assert json.loads(kept(shown["html"])) == {"metric": "BinaryAccuracy", "calls": []}


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


BINARY, CATEGORICAL, SPARSE = list(METRICS)[1:]
REFUSED = [
    ("Mean", {"values": "three"}, "values holds 'three'; expected numbers in brackets"),
    ("Mean", {"values": "[1, NaN]"}, "values holds nan; expected finite numbers, at most 1e+06"),
    ("Mean", {"values": f"[1, {-(2**63)}]"}, "values holds -9.22337e+18; expected finite"),
    ("Mean", {"values": str([0] * 101)}, "values came with shape (101,); expected at most 100"),
    ("Mean", {"values": "[[[1]]]"}, "values came with shape (1, 1, 1); expected"),
    ("Mean", {"values": "[[1, 2]]"}, "values came with shape (1, 2); expected one number a sample"),
    ("Mean", {"values": "[1]", "sample_weight": "[-1]"}, "sample_weight holds -1; expected"),
    ("Mean", {"values": "[1]", "sample_weight": "[1, 1]"}, "sample_weight came with shape (2,)"),
    (BINARY, {"y_true": "[2, 0]", "y_pred": "[1, 0]"}, "y_true holds the label 2"),
    (BINARY, {"y_true": "[1, 0]", "y_pred": "[[1], [0]]"}, "y_pred came with shape (2, 1)"),
    (BINARY, {"y_true": "[[1, 0]]", "y_pred": "[[1, 0]]"}, "y_true came with shape (1, 2)"),
    (CATEGORICAL, {"y_true": "[2, 1]", "y_pred": ROWS}, "y_true came with shape (2,)"),
    (
        CATEGORICAL,
        {"y_true": "[[0, 0, 1], [1, 1, 0]]", "y_pred": ROWS},
        "y_true has [1, 1, 0] in row 1; expected one 1, all others 0",
    ),
    (SPARSE, {"y_true": "[3, 1]", "y_pred": ROWS}, "y_true holds the label 3; expected 0 to 2"),
    (SPARSE, {"y_true": "[-1, 1]", "y_pred": ROWS}, "y_true holds the label -1"),
    (SPARSE, {"y_true": "[0.5, 1]", "y_pred": ROWS}, "y_true holds the label 0.5"),
    (SPARSE, {"y_true": "[1]", "y_pred": ROWS}, "y_pred came with shape (2, 3)"),
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


def test_a_kernel_shows_the_controls_and_a_page_the_form():
    shown = playground(Mean)._repr_mimebundle_()
    assert 'class="live-form"' in shown["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert playground(Mean).widget().children[0].options == ("Mean",)


@pytest.fixture
def controls():
    return _Controls(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_buttons_make_the_calls(controls, name):
    controls.metric.value = name
    controls.fields["size"].value, controls.fields["hits"].value = 8, 6
    controls.buttons["update_state"].click()
    assert controls.session.states[-1] == (6, 8, 0.75)
    assert "total is 6, count is 8, result() is 0.75" in controls.said.value
    controls.buttons["reset_state"].click()
    assert controls.session.states[-1] == (0, 0, 0)
    controls.by.value = BY_NUMBERS
    controls.buttons["update_state"].click()
    assert "alert" not in controls.said.value
    metric, _ = run(controls.session.code())
    assert state_of(metric) == controls.session.states[-1] != (0, 0, 0)


def test_bad_fields_are_answered_in_words(controls):
    press = controls.buttons["update_state"].click
    press()
    before = controls.session.states[:], controls.shown.value
    controls.fields["hits"].value = 99
    press()
    assert 'role="alert"' in controls.said.value
    assert "hits is 99; expected a whole number from 0 to 4. Nothing has" in controls.said.value
    assert (controls.session.states, controls.shown.value) == before
    controls.metric.value, controls.by.value = "SparseCategoricalAccuracy", BY_NUMBERS
    assert len(controls.session.states) == 1
    controls.fields["SparseCategoricalAccuracy.y_true"].value = "[3, 1]"
    press()
    assert "y_true holds the label 3; expected 0 to 2" in controls.said.value
    assert len(controls.session.states) == 1


def test_only_the_chosen_fields_are_shown(controls):
    def shown():
        return [key for key, row in controls.rows.items() if row.layout.display != "none"]

    assert shown() == [(BY_HITS, None)]
    controls.by.value, controls.metric.value = BY_NUMBERS, "Mean"
    assert shown() == [(BY_NUMBERS, "Mean")]


@pytest.mark.parametrize(
    ("results", "means", "ends", "dots"),
    [
        ([0, 1, 0.9], [None, 1, 0.75], ["0", "1"], [160, 14, 14 + 146 * (1 - 0.9)]),
        ([0, -3], [None, -3], [f"{MINUS}3", "0"], [14, 160]),
        ([0], [None], ["0", "1"], [160]),
    ],
)
def test_the_chart_marks_each_result_and_each_mean(results, means, ends, dots):
    svg = history(results, means)
    assert [float(y) for y in re.findall(r'cy="(.*?)"', svg)] == pytest.approx(dots, abs=0.05)
    assert svg.count("<rect") == len(means) - means.count(None)
    assert re.findall(r'anchor="end">(.*?)<', svg) == ends


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ([], "playground: no metric came"),
        ([tf.keras.metrics.AUC], "expected one of Mean, BinaryAccuracy"),
    ],
)
def test_a_playground_that_cannot_be_is_refused(metrics, words):
    with pytest.raises(ValueError, match=words):
        playground(*metrics)
