"""Each turn of a page is checked in the page as in a notebook: right answers pass, wrong ones fail.

What is expected comes from Keras, here as when the site is built; the answers run in Pyodide.
"""

import re

from helpers.turns import unpacked

import numpy as np
import pages
import pytest
from built import parsed
from locations import SITE, notebooks
from properties.common import ATOL, RTOL
from turns import ADAPTED, IN_KERAS, RIGHT, WRONG, turns

TURNS = {turn.id: turn for turn in turns()}
DERIVATIONS = [turn.id for turn in TURNS.values() if not turn.is_exercise]
DERIVING = [pages.name(path) for path in notebooks() if pages.cells(path, "by-hand")]
PASSED = re.compile(r"^\w+: (\d+) of \1 points$", re.MULTILINE)
STRICT = f"import helpers.checks\nhelpers.checks.RTOL, helpers.checks.ATOL = {RTOL}, {ATOL}\n"
FORMS = {
    "a list": "np.asarray(answer).tolist()",
    "float32": "answer if isinstance(answer, str) else np.float32(answer)",
}
each_turn = pytest.mark.parametrize("which", TURNS)


@pytest.fixture(scope="module")
def recorded():
    """Return what Keras gives for the check of each turn."""
    return {which: turn.recorded() for which, turn in TURNS.items()}


@pytest.fixture
def report(run, recorded):
    """Return a function that checks an answer in the page and returns what the check says."""

    def check(which, *answer, above=None, first=""):
        turn = TURNS[which]
        sent = [*(turn.above if above is None else above)]
        sent += [{"source": source, "aloud": True} for source in answer]
        return run(*sent, {"source": first + turn.check, "recorded": recorded[which]})["text"]

    return check


def test_every_derivation_has_a_turn_before_its_end():
    assert set(DERIVING) <= set(DERIVATIONS)
    assert set(WRONG) == set(TURNS)


@pytest.mark.parametrize("path", notebooks(), ids=pages.name)
def test_an_exercise_is_a_turn_or_needs_keras(path):
    page = pages.name(path)
    others = len(pages.cells(path, "solution")) - len(pages.cells(path, "your-turn"))
    assert others == IN_KERAS.get(page, 0)


def test_names_no_two_turns_of_a_page_alike():
    """The browser keeps an answer by its page and name, and so does the record of Keras."""
    assert len({(turn.page, turn.name) for turn in TURNS.values()}) == len(turns())


@each_turn
def test_says_that_nothing_is_written_yet(which, report):
    turn = TURNS[which]
    expected = f"{turn.name}: not solved yet. Write your code above, run it, and check again.\n"
    assert report(which, turn.start) == expected


@each_turn
def test_the_solution_passes_in_every_form(which, report):
    turn = TURNS[which]
    for answer in turn.answers:
        assert PASSED.search(report(which, answer)), answer
    if turn.start.startswith("class"):
        return
    for form in FORMS.values():
        wrapped = (
            f"{turn.answers[0]}\nwithout_form = {turn.name}\n"
            f"def {turn.name}(*arguments):\n"
            f"    answer = without_form(*arguments)\n    return {form}"
        )
        assert PASSED.search(report(which, wrapped)), form


@pytest.mark.parametrize("page", DERIVATIONS)
def test_what_the_page_derives_passes_as_strictly_as_the_property_tests(page, report):
    turn = TURNS[page]
    adapter = ADAPTED.get(page)
    if adapter != "":
        answer = [adapter] if adapter else []
        assert PASSED.search(report(page, *answer, above=turn.finished, first=STRICT))


def each(changed):
    """Return the decorator of a test of each changed answer, by its turn and what is changed."""
    named = [(which, what) for which, changes in changed.items() for what in changes]
    return pytest.mark.parametrize(("which", "what"), named)


def change(which, old, new):
    answer = TURNS[which].answers[0]
    assert answer.count(old), f"{old!r} is not in the solution"
    return answer.replace(old, new)


@each(RIGHT)
def test_another_right_answer_passes(which, what, report):
    assert PASSED.search(report(which, change(which, *RIGHT[which][what])))


@each(WRONG)
def test_a_wrong_answer_fails(which, what, report):
    said = report(which, change(which, *WRONG[which][what]))
    assert "  fails  " in said, said
    assert re.search(r"expected|raised", said), said


@each_turn
def test_two_wrong_answers_at_least(which):
    assert len(WRONG[which]) >= 2


@each_turn
def test_the_site_brings_what_keras_gives_now(which, site, recorded):
    """What the page was executed with is in the site; a stale site fails here."""
    page = parsed(SITE / "chapters" / f"{TURNS[which].page}.html")
    turns = page.select("div.cell.tag_your-turn [data-answer]")
    place = [turn["data-answer"] for turn in turns].index(TURNS[which].name)
    script = page.select("div.cell.tag_check")[place].select_one("script")
    assert script, "the site has no record"
    before, now = unpacked(script.string), unpacked(recorded[which])
    assert set(before) == set(now)
    for key in now:
        np.testing.assert_allclose(before[key], now[key], rtol=1e-5, atol=1e-6)
