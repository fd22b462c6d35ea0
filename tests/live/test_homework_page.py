"""The homework in the page: its checks say there what they say in a notebook.

What is expected comes from Keras, here as when the site is built; the answers run in Pyodide.
"""

import re

from helpers.turns import unpacked

import numpy as np
import pytest
import wrong_answers
from assignments import answers, assignments, notebook, release
from built import parsed
from locations import SITE
from record import record
from turns import as_sent

NAMES = [(each, name) for each in assignments() for name in answers(each)]
OF = dict(map(reversed, NAMES))  # the assignment of each answer
each_answer = pytest.mark.parametrize("name", OF)


@pytest.fixture(scope="module")
def recorded():
    """Return what Keras gives for the check of each answer."""
    records = [record(assignment) for assignment in assignments()]
    return {name: found["recorded"] for each in records for name, found in each.items()}


@pytest.fixture
def check(run, recorded):
    """Return a function that checks an answer in the page, and returns what the check says."""

    def check(name, answer, before=()):
        sent = [*set_up(OF[name]), *({"source": each, "answer": True} for each in before)]
        sent += [{"source": answer, "answer": True, "aloud": True}]
        checking = {"source": cell(name, "-check").source, "recorded": recorded[name]}
        return run(*sent, checking)["text"]

    return check


@pytest.fixture
def progress(run, recorded):
    """Return a function that checks all answers in the page, and returns the table."""

    def progress(assignment, written):
        sent = set_up(assignment)
        for name in answers(assignment):
            sent += [{"source": written.get(name, cell(name).source), "answer": True}]
            sent += [{"source": cell(name, "-check").source, "recorded": recorded[name]}]
        return run(*sent, cell("progress", of=assignment).source)["text"]

    return progress


def cell(name, end="", of=None):
    cells = notebook(release(of or OF[name])).cells
    return next(cell for cell in cells if cell.id == name + end)


def set_up(assignment):
    return [as_sent(cell("setup", of=assignment)), as_sent(cell("imports", of=assignment))]


def rows(table):
    """Return the points and the possible points of each row of the table of progress."""
    return {words[0]: words[1:] for words in map(str.split, table.splitlines()[2:])}


@each_answer
def test_says_that_nothing_is_written_yet(name, check):
    expected = f"{name}: not solved yet. Write your code above, run it, and check again.\n"
    assert check(name, cell(name).source) == expected


@each_answer
def test_the_solution_gets_all_points(name, check):
    said = check(name, wrong_answers.SOLUTIONS[name])
    assert re.match(rf"{name}: (\d) of \1 points\n", said), said


@pytest.mark.parametrize(("name", "what"), wrong_answers.WRONG)
def test_a_wrong_answer_loses_points(name, what, check):
    said = check(name, wrong_answers.WRONG[name, what])
    assert "  fails  " in said, said
    assert re.search(r"expected|raised|came", said), said


def test_an_answer_above_that_fails_costs_no_points_of_another(check):
    broken = ["def binary_crossentropy(", "1 / 0", "raise SystemExit"]
    said = check("smooth", wrong_answers.SOLUTIONS["smooth"], broken)
    assert said.startswith("smooth: 2 of 2 points"), said
    assert "SyntaxError" in check("smooth", broken[0])


@each_answer
def test_keras_answers_for_nobody(name, check):
    said = check(name, f"import tensorflow as tf\ndef {name}(*_): return tf.constant(1)")
    assert f"{name}: 0 of" in said, said
    assert "Write it with NumPy alone" in said, said
    typed = check(name, "import tensorflow as tf\ntf.constant(1)")
    assert "Write it with NumPy alone" in typed, typed
    assert "Colab" not in said + typed


@pytest.mark.parametrize("assignment", assignments())
def test_the_table_shows_the_points_so_far(assignment, progress):
    names = answers(assignment)
    possible = {name: cell(name, "-check").metadata.nbgrader.points for name in names}
    unsolved = rows(progress(assignment, {}))
    assert list(unsolved) == [*names, "total"]
    assert unsolved["total"] == ["0", str(sum(possible.values()))]
    first = rows(progress(assignment, {names[0]: wrong_answers.SOLUTIONS[names[0]]}))
    assert first[names[0]] == [str(possible[names[0]])] * 2
    assert first["total"][0] == str(possible[names[0]])
    solved = rows(progress(assignment, wrong_answers.SOLUTIONS))
    assert solved["total"] == [str(sum(possible.values()))] * 2


@pytest.mark.parametrize("assignment", assignments())
def test_the_site_brings_what_keras_gives_now(assignment, wheel, site, recorded):
    """What the pages bring was made by this code and these versions; a stale site fails here."""
    page = parsed(SITE / "homework" / "release" / assignment / f"{assignment}.html")
    scripts = page.select("div.cell.tag_check script")
    assert len(scripts) == len(answers(assignment)) > 0
    for name, script in zip(answers(assignment), scripts, strict=True):
        before, now = unpacked(script.string), unpacked(recorded[name])
        assert set(before) == set(now)
        for key in now:
            np.testing.assert_allclose(before[key], now[key], rtol=1e-5, atol=1e-6)
