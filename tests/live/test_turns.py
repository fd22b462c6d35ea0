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
from turns import ADAPTED, WRONG, turns

TURNS = {turn.page: turn for turn in turns()}
DERIVING = [pages.name(path) for path in notebooks() if pages.cells(path, "by-hand")]
PASSED = re.compile(r"^\w+: (\d) of \1 points$", re.MULTILINE)
STRICT = f"import helpers.checks\nhelpers.checks.RTOL, helpers.checks.ATOL = {RTOL}, {ATOL}\n"
FORMS = {"a list": "np.asarray(answer).tolist()", "float32": "np.float32(answer)"}
each_turn = pytest.mark.parametrize("page", TURNS)


@pytest.fixture(scope="module")
def recorded():
    """Return what Keras gives for the check of each page."""
    return {page: turn.recorded() for page, turn in TURNS.items()}


@pytest.fixture
def report(run, recorded):
    """Return a function that checks an answer in the page and returns what the check says."""

    def check(page, *answer, above=None, first=""):
        turn = TURNS[page]
        sent = [*(turn.above if above is None else above)]
        sent += [{"source": source, "aloud": True} for source in answer]
        return run(*sent, {"source": first + turn.check, "recorded": recorded[page]})["text"]

    return check


def test_every_derivation_has_a_turn_before_its_end():
    assert set(DERIVING) <= set(TURNS)
    assert set(WRONG) == set(TURNS)


@each_turn
def test_says_that_nothing_is_written_yet(page, report):
    turn = TURNS[page]
    expected = f"{turn.name}: not solved yet. Write your code in the cell above and run it.\n"
    assert report(page, turn.start) == expected


@each_turn
def test_the_solution_passes_in_every_form(page, report):
    turn = TURNS[page]
    assert PASSED.search(report(page, turn.solution))
    if turn.start.startswith("class"):
        return
    for form in FORMS.values():
        wrapped = (
            f"{turn.solution}\nwithout_form = {turn.name}\n"
            f"def {turn.name}(*arguments):\n"
            f"    answer = without_form(*arguments)\n    return {form}"
        )
        assert PASSED.search(report(page, wrapped)), form


@each_turn
def test_what_the_page_derives_passes_as_strictly_as_the_property_tests(page, report):
    turn = TURNS[page]
    adapter = ADAPTED.get(page)
    if adapter != "":
        answer = [adapter] if adapter else []
        assert PASSED.search(report(page, *answer, above=turn.finished, first=STRICT))


@pytest.mark.parametrize(
    ("page", "what"), [(page, what) for page, changes in WRONG.items() for what in changes]
)
def test_a_wrong_answer_fails(page, what, report):
    old, new = WRONG[page][what]
    turn = TURNS[page]
    assert turn.solution.count(old), f"{old!r} is not in the solution"
    said = report(page, turn.solution.replace(old, new))
    assert "  fails  " in said, said
    assert re.search(r"expected|raised", said), said


@each_turn
def test_two_wrong_answers_at_least(page):
    assert len(WRONG[page]) >= 2


@each_turn
def test_the_site_brings_what_keras_gives_now(page, site, recorded):
    """What the page was executed with is in the site; a stale site fails here."""
    script = parsed(SITE / "chapters" / f"{page}.html").select_one("div.cell.tag_check script")
    assert script, "the site has no record"
    before, now = unpacked(script.string), unpacked(recorded[page])
    assert set(before) == set(now)
    for key in now:
        np.testing.assert_allclose(before[key], now[key], rtol=1e-5, atol=1e-6)
