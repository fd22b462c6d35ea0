"""Each turn and each exercise is checked in the page as in a notebook: wrong answers fail.

What is expected comes from Keras, here as when the site is built; the answers run in Pyodide.
"""

import re

from helpers.turns import unpacked

import numpy as np
import pages
import pytest
from built import parsed
from locations import ROOT, SITE, notebooks
from properties.common import ATOL, RTOL
from turns import ADAPTED, IN_KERAS, RIGHT, WRONG, exercises, turns

TURNS = {turn.id: turn for turn in (*turns(), *exercises())}
WRONG_ANSWERS = {
    (which, what): code for which, turn in TURNS.items() for what, code in turn.wrong().items()
}
DERIVATIONS = [turn.id for turn in TURNS.values() if not turn.is_exercise]
DERIVING = [pages.name(path) for path in notebooks() if pages.cells(path, "by-hand")]
PASSED = re.compile(r"^\w+: (\d+) of \1 points$", re.MULTILINE)
STRICT = f"import helpers.checks\nhelpers.checks.RTOL, helpers.checks.ATOL = {RTOL}, {ATOL}\n"
FORMS = {
    "a list": "np.asarray(answer).tolist()",
    "float32": "answer if isinstance(answer, str) else np.float32(answer)",
}
each_turn = pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)


def test_every_derivation_has_a_turn_before_its_end():
    assert set(DERIVING) <= set(DERIVATIONS)
    assert set(WRONG) == {turn.id for turn in turns()}


@pytest.mark.parametrize("path", notebooks(), ids=pages.name)
def test_an_exercise_is_a_turn_or_needs_keras(path):
    page = pages.name(path)
    others = len(pages.cells(path, "solution")) - len(pages.cells(path, "your-turn"))
    assert others == IN_KERAS.get(page, 0)


def test_names_no_two_turns_of_a_page_alike():
    """The browser keeps an answer by its page and name, and so does the record of Keras."""
    assert len({(turn.page, turn.name) for turn in TURNS.values()}) == len([*turns(), *exercises()])


@each_turn
def test_says_that_nothing_is_written_yet(turn, report):
    expected = f"{turn.name}: not solved yet. Write your code above, run it, and check again.\n"
    assert report(turn, turn.start) == expected


@each_turn
def test_the_solution_passes_in_every_form(turn, report):
    for answer in turn.answers:
        assert PASSED.search(report(turn, answer)), answer
    if turn.start.startswith("class"):
        return
    for form in FORMS.values():
        wrapped = (
            f"{turn.answers[0]}\nwithout_form = {turn.name}\n"
            f"def {turn.name}(*arguments):\n"
            f"    answer = without_form(*arguments)\n    return {form}"
        )
        assert PASSED.search(report(turn, wrapped)), form


@pytest.mark.parametrize("page", DERIVATIONS)
def test_what_the_page_derives_passes_as_strictly_as_the_property_tests(page, report):
    turn = TURNS[page]
    adapter = ADAPTED.get(page)
    if adapter != "":
        answer = [adapter] if adapter else []
        assert PASSED.search(report(turn, *answer, above=turn.finished, first=STRICT))


@pytest.mark.parametrize(
    ("which", "what"), [(each, what) for each in RIGHT for what in RIGHT[each]]
)
def test_another_right_answer_passes(which, what, report):
    assert PASSED.search(report(TURNS[which], TURNS[which].changed(*RIGHT[which][what])))


@pytest.mark.parametrize(("which", "what"), WRONG_ANSWERS)
def test_a_wrong_answer_fails(which, what, report):
    said = report(TURNS[which], WRONG_ANSWERS[which, what])
    assert "  fails  " in said, said
    # The check of predictions tells none of them.
    assert re.search("raised|came" if which.endswith(":predictions") else "expected|raised", said)


# What a judge says besides that it expected something else: the number that the answer leads to.
@pytest.mark.parametrize(
    ("which", "body", "words"),
    [
        (
            "losses/half_precision:first_one",
            "return 2.0",
            r"tenth below, and 1 above; they are 0\.",
        ),
        ("metrics/playground:misses", "return 0", "a whole number, at least one miss"),
        ("metrics/playground:misses", "return 9", r"of 0\.75 or more; it is 0\.5714"),
        ("metrics/playground:misses", "return 1", "more: one miss more leaves as much"),
        ("metrics/playground:weights", "return [1, -1]", "two weights whose sum is above 0"),
        ("metrics/playground:weights", "return [1, 9]", r"a mean of 0\.\d{4}; it is 0\.\d{4}"),
        ("losses/focal_crossentropy:alpha_for", "return 0.5", r"equal totals; these are .+ and .+"),
        ("losses/focal_crossentropy:factors", "return [1, -1]", "two factors, none below 0"),
        ("losses/focal_crossentropy:factors", "return [1, 1]", r"for the deer; it has 0\.\d\d"),
    ],
)
def test_a_judge_says_what_an_answer_leads_to(which, body, words, report):
    turn = TURNS[which]
    said = report(turn, re.sub(r"(?m)^    return .*|^    raise .*", f"    {body}", turn.start))
    assert re.search(f"expected .*{words}", said), said


@each_turn
def test_the_site_brings_what_keras_gives_now(turn, wheel, site):
    """What the page was executed with is in the site; a stale site fails here."""
    page = parsed(SITE / turn.path.relative_to(ROOT).with_suffix(".html"))
    place = [each["data-answer"] for each in page.select("[data-answer]")].index(turn.name)
    script = page.select("div.cell.tag_check")[place].select_one("script")
    assert script, "the site has no record"
    before, now = unpacked(script.string), unpacked(turn.recorded)
    assert set(before) == set(now)
    for key in now:
        np.testing.assert_allclose(before[key], now[key], rtol=1e-5, atol=1e-6)
