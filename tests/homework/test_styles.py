"""A right answer gets all its points in whatever style; a wrong one loses some.

The first in the student's own notebook and when it is graded, the second where its check is public.
"""

import asyncio
import contextlib
import io
import json
from functools import partial

import helpers.checks
from helpers.checks import Homework

import marking
import numpy as np
import pytest
import sandbox
import styles
import submissions
import tensorflow as tf
import wrong_answers
from assignments import assignments, checks
from IPython.core.interactiveshell import InteractiveShell

CHECKS = {name: cell.source for each in assignments() for name, cell in checks(each).items()}
recorded = {}  # the expected results of all tests here, by their seed


def expected(seed):
    return recorded.setdefault(seed, {})


@pytest.fixture(scope="module")
def shell():
    return InteractiveShell.instance()


@contextlib.contextmanager
def no_event_loop():
    """Have no event loop run, as in a kernel between cells: a browser that is open has one."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


def at_home(shell, notebook, folder, monkeypatch):
    """Return the reports of a notebook that IPython has run from top to bottom."""
    shell.reset(new_session=True)
    void = io.StringIO()
    with (
        monkeypatch.context() as patch,
        contextlib.redirect_stdout(void),
        contextlib.redirect_stderr(void),
        np.errstate(),  # a style may change NumPy's settings, and the tests after it run on
        np.printoptions(),
        no_event_loop(),
    ):
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        patch.setattr(helpers.checks, "Homework", partial(Homework, seed=0, recorded=expected(0)))
        for cell in notebook.cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source)
    return shell.user_ns["homework"].reports


def graded(notebook, assignment, folder):
    path = folder / "amy.ipynb"
    path.write_text(json.dumps(notebook))
    submission = submissions.Submission("amy", (path,))
    return marking.mark(submission, assignment, 5, sandbox.Settings())


@pytest.mark.usefixtures("sandbox_starts")
@pytest.mark.parametrize("style", styles.STYLES)
def test_a_right_answer_gets_all_points_in_any_style(style, shell, tmp_path, monkeypatch):
    """At home and when it is graded."""
    chosen = styles.STYLES[style]
    notebook = styles.styled(chosen)
    seen = at_home(shell, notebook, tmp_path, monkeypatch)
    assert set(seen) == set(checks(chosen["assignment"]))
    assert {name: lines for name, (got, of, lines) in seen.items() if got < of} == {}
    marks = graded(notebook, chosen["assignment"], tmp_path)
    lost = {name: lines for name, (got, of, lines) in marks.reports.items() if got < of}
    assert (lost, list(marks.reports)) == ({}, list(checks(chosen["assignment"])))


def report(name, code):
    """Return (points, possible points, lines) of a check as students see it."""
    namespace = {"np": np, "__name__": "__main__"}
    exec(code, namespace)
    homework = Homework(namespace, 0, 3, expected(0))
    with contextlib.redirect_stdout(io.StringIO()):
        exec(CHECKS[name], {"np": np, "tf": tf, "homework": homework})
    return homework.reports[name]


@pytest.mark.parametrize(("name", "what"), wrong_answers.WRONG)
def test_a_wrong_answer_loses_points(name, what):
    points, possible, lines = report(name, wrong_answers.WRONG[name, what])
    assert points < possible, lines


@pytest.mark.parametrize("name", wrong_answers.CONSTANT)
def test_a_constant_gets_nothing(name):
    points, _, lines = report(name, wrong_answers.CONSTANT[name])
    assert points == 0, lines
