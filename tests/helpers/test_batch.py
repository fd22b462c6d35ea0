"""A batch costs what tf.keras says it costs, and each rule speaks of its case alone."""

import re

from helpers.batch import LOSSES, REDUCTIONS, BatchForm, answer, check_batch, settings_of
from helpers.suspicions import RULES

import numpy as np
import pytest
import tensorflow as tf
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from locations import ROOT
from properties.common import array, checked

CLASSES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "kullback_leibler_divergence": "KLDivergence",
}
PROBABILITIES = st.floats(2**-10, 1, width=32)
LOGITS = st.floats(-30, 30, width=32, allow_subnormal=False)
SETTINGS = {
    "from_logits": st.booleans(),
    "label_smoothing": st.sampled_from([0.0, 0.1, 0.5]),
    "alpha": st.sampled_from([0.25, 0.5, 1.0]),
    "gamma": st.sampled_from([1.0, 2.0, 5.0]),
    "apply_class_balancing": st.booleans(),
    "ignore_class": st.sampled_from([None, 0, 1]),
}


def drawn(data, loss):
    """Return a batch that a loss takes, and settings for it."""
    settings = {name: data.draw(SETTINGS[name], label=name) for name in settings_of(loss)}
    shape = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 5))
    y_pred = array(data, shape, LOGITS if settings.get("from_logits") else PROBABILITIES)
    labels = data.draw(st.lists(st.integers(0, shape[1] - 1), min_size=shape[0], max_size=shape[0]))
    y_true = np.array(labels) if loss.startswith("sparse") else np.eye(shape[1])[labels]
    return y_true, y_pred, settings


def test_every_loss_is_compared():
    assert list(CLASSES) == sorted(LOSSES, key=list(CLASSES).index)
    assert set(SETTINGS) == {name for loss in LOSSES for name in settings_of(loss)}


@pytest.mark.parametrize("loss", LOSSES)
def test_costs_what_keras_says(loss):
    keras = getattr(tf.keras.losses, CLASSES[loss])

    @checked(100)
    @given(data=st.data(), reduction=st.sampled_from(["sum_over_batch_size", "sum", "none"]))
    def same(data, reduction):
        y_true, y_pred, settings = drawn(data, loss)
        expected = keras(reduction=reduction, **settings)(y_true, y_pred)
        report = check_batch(y_true, y_pred, loss, reduction, **settings)
        np.testing.assert_allclose(report.loss, expected, rtol=1e-5, atol=1e-5)
        typed = check_batch(*(str(each.tolist()) for each in (y_true, y_pred)), loss, **settings)
        np.testing.assert_array_equal(typed.losses, report.losses)

    same()


def rules(*batch, **settings):
    return [each.rule for each in check_batch(*batch, **settings).suspicions]


def healthy(rng, loss, size, classes, from_logits, noise):
    """Return a batch of a model that is sure and right for the most part."""
    labels = rng.integers(0, classes, size)
    one_hot = np.eye(classes)[labels]
    logits = 2 * (2 * one_hot - 1) + noise * rng.uniform(-1, 1, (size, classes))
    if loss.startswith("binary"):
        one_hot, logits = one_hot[:, :2], logits[:, :2]
        y_pred = logits if from_logits else 1 / (1 + np.exp(-logits))
        return one_hot, np.float32(y_pred)
    powers = np.exp(logits)
    y_pred = logits if from_logits else powers / powers.sum(axis=-1, keepdims=True)
    return labels if loss.startswith("sparse") else one_hot, np.float32(y_pred)


@pytest.mark.parametrize("loss", LOSSES)
def test_is_silent_on_healthy_batches(loss):
    @checked(100)
    @given(
        seed=st.integers(0, 10**6),
        size=st.integers(1, 40),
        classes=st.integers(2, 12),
        from_logits=st.booleans(),
        noise=st.floats(0, 1),
    )
    def silent(seed, size, classes, from_logits, noise):
        settings = {"from_logits": from_logits} if "from_logits" in settings_of(loss) else {}
        rng = np.random.default_rng(seed)
        batch = healthy(rng, loss, size, classes, settings.get("from_logits"), noise)
        assert rules(*batch, loss, **settings) == []

    silent()


SPARSE, ROWS = "sparse_categorical_crossentropy", "categorical_crossentropy"

# Next to what a rule speaks of.
HEALTHY = {
    "a few logits between 0 and 1": ([[1], [0]], [[0.3], [0.2]], {"from_logits": True}),
    "a new model's zeros": (np.eye(2), np.zeros((2, 2)), {"from_logits": True}),
    "one bad sample": ([1, 1, 1, 1], [0.15, 0.9, 0.9, 0.9], {}),
    "certain and right": ([1, 0, 1], [1.0, 0.0, 1.0], {}),
    "a tag for each of few samples": (np.eye(3), np.eye(3) * 0.6 + 0.2, {}),
    "rounded rows": ([0, 1], [[0.6667, 0.3334], [0.25, 0.7499]], {"loss": SPARSE}),
    "a new model": ([0, 1, 2], np.full((3, 3), 1 / 3), {"loss": SPARSE, "untrained": True}),
    "labels with an axis": ([[0], [1]], [[0.6, 0.4], [0.3, 0.7]], {"loss": SPARSE}),
    "padding": ([0, -1], [[0.6, 0.4], [0.5, 0.5]], {"loss": SPARSE, "ignore_class": -1}),
}


@pytest.mark.parametrize("what", HEALTHY)
def test_is_silent_next_to_what_is_suspicious(what):
    y_true, y_pred, settings = HEALTHY[what]
    assert rules(y_true, y_pred, **settings) == []


LABELS, PRED = np.array([0, 2, 1]), np.full((3, 3), 1 / 3)
TAGS, MARKED = np.array([[1, 0, 1], [0, 0, 1]]), np.array([[0.8, 0.1, 0.6], [0.2, 0.4, 0.7]])

# By rule: batches of which it speaks; the arguments of check_batch, and keyword arguments.
CASES = {
    "shape": [
        (TAGS[:, 0], MARKED[:, :1]),
        (TAGS[:, :1], MARKED[:, 0]),
        ([0.0, 1.0, 0.0], [0.1, 0.8, 0.1], ROWS),
    ],
    "labels": [
        (LABELS, PRED, ROWS),
        (LABELS[:, None], PRED, ROWS),
        (LABELS, PRED),
        (np.eye(3), PRED, SPARSE),
        (LABELS + 1, PRED, SPARSE),
        (LABELS - 1, PRED, SPARSE),
        (LABELS + 0.5, np.c_[PRED, PRED] / 2, SPARSE),
        (2 * TAGS - 1, MARKED),
        (2 * TAGS, MARKED),
        ([[1, 1, 0]], [[0.4, 0.3, 0.3]], ROWS),
        (np.eye(5), np.full((5, 5), 0.2)),
    ],
    "outside 0 to 1": [
        (TAGS, [[3, -1, 1], [-2, -1, 2]]),
        (LABELS, [[2.0, 0, 0], [0, 0, 2], [0, 2, 0]], SPARSE),
        (np.eye(3), 3 * np.eye(3) - 1, ROWS),
    ],
    "squashed twice": [(LABELS, PRED / 2 + np.eye(3) / 2, SPARSE), (TAGS, MARKED)],
    "rows": [
        (LABELS, PRED / 2, SPARSE),
        (np.eye(3), PRED * 1.2, ROWS),
        (PRED, PRED / 2, "kullback_leibler_divergence"),
    ],
    "one class": [([[1], [1]], [[1.0], [1.0]], ROWS), ([0, 0], [[1.0], [1.0]], SPARSE)],
    "clip": [
        ([0, 1, 1], [0.2, 0.0, 0.7]),
        ([0, 1, 1], [1.0, 0.8, 0.7]),
        (LABELS, np.eye(3)[[1, 2, 1]], SPARSE),
        (np.eye(3), np.eye(3)[[1, 2, 0]], ROWS),
    ],
    "swapped": [
        (MARKED, TAGS),
        (PRED, np.eye(3), ROWS),
        ([[0.2, 0.8], [0.9, 0.1]], [1, 0], SPARSE),
    ],
    "first loss": [
        (TAGS, 1 - MARKED),
        (TAGS, TAGS * 0.8 + 0.1, {"untrained": True}),
        (LABELS, np.eye(3)[LABELS] * 20, SPARSE, {"untrained": True, "from_logits": True}),
    ],
    "half precision": [
        (TAGS, np.float16(MARKED)),
        ("[0 1]", "tf.Tensor([0.2 0.8], shape=(2,), dtype=bfloat16)"),
        (np.float16(LABELS), PRED, SPARSE),
    ],
    "not finite": [(TAGS, MARKED * [1, np.nan, 1]), ([np.nan, 1.0], [0.2, 0.8])],
}
CASES["squashed twice"] = [(*case, {"from_logits": True}) for case in CASES["squashed twice"]]
ALONE = ("shape", "labels", "squashed twice", "rows", "one class", "half precision", "not finite")


def found(case):
    *batch, last = case
    return rules(*batch, **last) if isinstance(last, dict) else rules(*case)


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule in CASES for case in CASES[rule]])
def test_a_rule_speaks_of_its_case(rule, case):
    speaking = found(case)
    assert rule in speaking
    if rule in ALONE:
        assert speaking == [rule]


def test_every_rule_has_a_case_and_leads_to_the_book():
    reports = [check_batch(*c[:-1], **c[-1]) if isinstance(c[-1], dict) else check_batch(*c)
               for cases in CASES.values() for c in cases]  # fmt: skip
    suspicions = [each for report in reports for each in report.suspicions]
    assert {each.rule for each in suspicions} == set(CASES)
    assert len(RULES) + 1 == len(CASES)  # the shape is asked first
    for each in suspicions:
        page, anchor = each.page.split("#")
        assert (ROOT / "chapters" / f"{page}.ipynb").is_file()
        assert anchor


BAD = [
    ({"loss": "mse"}, "loss is 'mse'; expected one of binary_crossentropy"),
    ({"reduction": "mean"}, "reduction is 'mean'; expected one of sum_over"),
    ({"gamma": 2.0}, "gamma came; binary_crossentropy takes from_logits, label_smoothing"),
    ({"from_logits": 1}, "from_logits is 1; expected True or False"),
    ({"label_smoothing": 2}, "label_smoothing is 2; expected a number from 0 to 1"),
    ({"y_pred": [0.3]}, r"y_true came with shape \(2,\) and y_pred with \(1,\); binary.* expected"),
    ({"y_pred": []}, "y_pred holds 0 numbers; expected 1 to 10,000"),
    ({"y_pred": np.zeros(10_001)}, "y_pred holds 10,001 numbers"),
    ({"y_pred": ["a", "b"]}, "y_pred came with the dtype str32; expected numbers"),
    ({"y_pred": [[1], [2, 3]]}, "y_pred came with rows of different lengths"),
    ({"loss": SPARSE, "ignore_class": 0.5}, "ignore_class is 0.5; expected a class number"),
    ({"loss": SPARSE}, "y_true came with shape .* expected a class number for each row"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_input_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        check_batch(**{"y_true": [0, 1], "y_pred": [0.3, 0.8]} | change)


def test_says_what_it_found_in_both_forms():
    report = check_batch([0] * 8 + [1], [0.1] * 8 + [0.0])
    assert "9 losses, mean" in repr(report)
    assert repr(report).count("0.1054") == 7  # of many samples, the dearest
    assert "See chapters/losses/binary_crossentropy.ipynb#the-clip" in repr(report)
    page = BeautifulSoup(report._repr_html_(), "html.parser")
    assert len(page.find("details").pre.get_text().strip("[]").split()) == 9
    assert page.a["href"] == "../losses/binary_crossentropy.ipynb#the-clip"


FIELDS = {"y_true": "[0, 1]", "y_pred": "[0.3, 0.8]", "reduction": "sum", "label_smoothing": "0.0"}


def test_the_form_offers_what_the_helper_takes_and_its_fields_are_taken():
    given = BatchForm(
        y_true="[1]", y_pred="tf.Tensor</textarea><b> [0.5]", loss=SPARSE, from_logits=True
    )
    page = BeautifulSoup(given._repr_html_(), "html.parser")
    assert page.find("textarea", {"name": "y_pred"}).get_text() == "tf.Tensor</textarea><b> [0.5]"
    assert page.find("option", selected=True).get_text() == SPARSE
    assert page.find("input", {"name": "from_logits"}).has_attr("checked")
    offered = {
        select["name"]: [o.get_text() for o in select("option")] for select in page("select")
    }
    assert offered == {"loss": list(LOSSES), "reduction": list(REDUCTIONS)}
    texts = {field["name"]: field["value"] for field in page.select("input[inputmode]")}
    boxes = {field["name"] for field in page.select("input[type=checkbox]")}
    assert {*texts, *boxes} == {name for loss in LOSSES for name in settings_of(loss)} | {
        "untrained"
    }
    for loss in LOSSES:
        kind = ["[[1, 0]]", "[0]"][loss == SPARSE]
        fields = FIELDS | texts | {"loss": loss, "y_true": kind, "y_pred": "[[0.8, 0.2]]"}
        for reduction in REDUCTIONS:
            came = answer(**fields | {"reduction": reduction})["html"]
            assert "Nothing looks suspicious" in came, came


def test_the_form_answers_in_words_and_quotes_what_was_typed():
    wrong = FIELDS | {"loss": "binary_crossentropy", "y_pred": "[<img src=x onerror=alert()>]"}
    came = answer(**wrong)["html"]
    assert "y_pred holds" in came
    assert not re.search("<img", came)
    checked_box = FIELDS | {"loss": "binary_crossentropy", "from_logits": "on", "untrained": "on"}
    report = check_batch([0, 1], [0.3, 0.8], reduction="sum", from_logits=True)
    assert f"{report.loss:.4f}" in answer(**checked_box)["html"]
