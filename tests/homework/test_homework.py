"""The homework: what students get is up to date, runs unsolved, and says what is wrong."""

import base64
import importlib
import json
import re
import subprocess
import sys
import time
from functools import partial

import helpers.checks
from helpers.checks import Homework

import locations
import notebooks
import numpy as np
import pages
import pytest
import tensorflow as tf
from assignments import answers, assignments, checks, is_solution, notebook, release, source
from locations import ROOT

ASSIGNMENTS = assignments()
ALL = locations.homework_notebooks()
MAX_LINES, MAX_WIDTH = 24, 90  # what the site shows without scrolling to the right


def points(made):
    """Return the possible points of each check by its answer."""
    graded = [cell.metadata.get("nbgrader", {}) for cell in made.cells]
    return {
        each.grade_id.removesuffix("-check"): each.points for each in graded if each.get("grade")
    }


def test_the_release_is_made_from_the_source():
    command = [ROOT / ".venv-homework" / "bin" / "python", "homework/grading/release.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr + "; run `make homework`"


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_is_plain_and_cells_are_short(path):
    cells = notebook(path).cells
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert not pages.belittling(prose)
    assert len(prose.split()) <= 1000
    for cell in cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MAX_LINES, cell.id
        if cell.cell_type == "code" and cell.id != "setup":
            assert max(map(len, lines)) <= MAX_WIDTH, cell.id


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_answer_has_its_check(assignment):
    assert list(points(notebook(source(assignment)))) == answers(assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_has_no_solution_and_no_hidden_test(assignment):
    solved, handed_out = notebook(source(assignment)), notebook(release(assignment))
    text = release(assignment).read_text("utf-8")
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    for before, after in zip(solved.cells, handed_out.cells, strict=True):
        assert before.id == after.id
        assert is_solution(before) == is_solution(after)
        assert after.get("outputs", []) == []
        if is_solution(after):
            assert "YOUR CODE HERE" in after.source


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_fails_only_by_being_unsolved(assignment):
    """All cells run; each check says in one line that its answer is not solved, and gives 0."""
    done = notebooks.execute(release(assignment))
    said = {
        cell.id: "".join(output.text for output in cell.outputs if output.output_type == "stream")
        for cell in done.cells
        if cell.id.endswith("-check")
    }
    unsolved = "not solved yet. Write your code above, run it, and check again.\n"
    assert said == {f"{name}-check": f"{name}: {unsolved}" for name in answers(assignment)}
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    table = done.cells[-1].outputs[0].data["text/plain"].splitlines()
    assert table[-1].split() == ["total", "0", str(sum(points(done).values()))]
    assert len(table) == len(said) + 3


def snippets(assignment):
    """Return the functions with a mistake that the text hands out, by their names."""
    found = {}
    for cell in notebook(release(assignment)).cells:
        for code in re.findall(r"```python\n(def .+?)```", cell.source, re.DOTALL):
            found[re.match(r"def (\w+)", code)[1]] = code
    return found


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_mistakes_that_are_handed_out_fail(assignment, capsys):
    wrong = snippets(assignment)
    assert set(wrong) == {
        "losses": {"loss_of_batch", "loss_of_classifier", "smooth"},
        "metrics": {"train"},
    }.get(assignment)
    for name, code in wrong.items():
        names = {"np": np, "tf": tf}
        exec(code, names)
        names["homework"] = Homework(names)
        exec(checks(assignment)[name].source, names)
        said = capsys.readouterr().out
        assert said.startswith(f"{name}: 0 of"), said
        assert "expected" in said


def test_the_predictions_are_of_the_code_that_is_shown():
    """The check runs the very calls that the text shows."""
    cells = {cell.id: cell.source for cell in notebook(source("metrics")).cells}
    shown = re.search(r"```python\n(.+?)```", cells["predictions-text"], re.DOTALL)[1]
    calls = re.findall(r"mean\.\w+_state\(.*\)$", shown, re.MULTILINE)
    checked = cells["predictions-check"]
    assert calls == re.findall(r"mean\.\w+_state\(.*\)$", checked, re.MULTILINE)
    assert shown.count("print(") == checked.count("result()") == 4


# What a check says.


class OneNumber:
    def one_number(rng):  # noqa: N805
        return {"x": rng.uniform(1, 2, 2)}


def as_text(numbers):
    return np.array2string(numbers, precision=4, separator=", ")


FIRST_INPUT = OneNumber.one_number(np.random.default_rng([0, 0, 0]))["x"]


def check(answer, capsys, reference=np.square):
    namespace = {} if answer is None else {"square": answer}
    homework = Homework(namespace, seed=0)
    got = homework.check("square", reference, OneNumber)
    return got, capsys.readouterr().out


def unsolved(x):
    raise NotImplementedError


def leaves(x):
    raise SystemExit("bye")


def by_keras(x):
    return tf.keras.ops.square(x)


def by_an_import(x):
    return importlib.import_module("tensorflow").square(x).numpy()


def by_an_operator(x):
    return TENSOR * x * x / TENSOR


def falls_back(x):
    try:
        return tf.square(x).numpy()
    except ImportError:
        return np.square(x)


def prints_its_name(x):
    raise BadlyNamedError


class BadlyNamedError(Exception):
    """An error that cannot say what it is."""

    def __str__(self):
        raise self


TENSOR = tf.constant([1.0, 2.0], "float64")


class Liar:
    """Equal to everything, and a number of its own choice."""

    def __eq__(self, other):
        return True

    def __array__(self, *arguments, **options):
        return np.zeros(2)


class Sly(np.ndarray):
    """An array that takes part in no comparison."""

    def __array_function__(self, *arguments, **options):
        return True


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: x * x, "square: 1 of 1 points"),
        (None, "there is no square"),
        (3, "this is a int; expected a function"),
        (unsolved, "not solved yet"),
        (leaves, "raised   SystemExit: bye"),
        (lambda x: None, "nothing: is there a return?"),
        (lambda x: 1 / 0, "raised   ZeroDivisionError: division by zero"),
        (lambda x: x[:1], "came     shape (1,)"),
        (lambda x: x + 1, f"x = {as_text(FIRST_INPUT)}"),
        (lambda x: x + 1, f"expected {as_text(FIRST_INPUT**2)}"),
        (lambda x: "text", "raised   TypeError: returned text"),
        (lambda x: Liar(), "came     [0., 0.]"),
        (lambda x: np.zeros(2).view(Sly), "came     [0., 0.]"),
        (tf.square, "this uses TensorFlow"),
        (partial(tf.square), "this uses TensorFlow"),
        (lambda x: by_keras(x), "this uses TensorFlow"),
        (by_an_import, "this uses TensorFlow"),
        (by_an_operator, "this uses TensorFlow"),
        (falls_back, "square: 1 of 1 points"),
        (prints_its_name, "raised   BadlyNamedError"),
    ],
)
def test_says_what_came_and_what_was_expected(answer, words, capsys):
    got, said = check(answer, capsys)
    assert words in said
    assert got == float(words.endswith("1 of 1 points"))
    assert len(said.splitlines()) <= 6


def test_a_missing_method_is_one_line(capsys):
    class Half:
        def update_state(self, values):
            self.values = values

    class Whole(Half):
        def result(self):
            return self.values

    homework = Homework({"Half": Half}, seed=0)

    class Cases:
        def one_batch(rng):  # noqa: N805
            return [("update_state", 1), ("result",)]

    got = homework.check_metric("Half", Whole, Cases)
    assert got == 0
    assert (
        "raised   AttributeError: 'Half' object has no attribute 'result'"
        in capsys.readouterr().out
    )


def test_progress_before_any_check(capsys):
    assert Homework({}).progress() is None
    assert "No check has run yet" in capsys.readouterr().out


def test_the_seed_changes_the_inputs_and_students_get_a_round_that_none_can_foresee(capsys):
    said = []
    for seed in (1, 2, 1):
        Homework({"square": lambda x: x}, seed).check("square", np.square, OneNumber)
        said.append(capsys.readouterr().out)
    assert said[0] == said[2] != said[1]
    seen = [OneNumber.one_number(np.random.default_rng([0, 0, turn]))["x"] for turn in range(3)]
    table = {tuple(x): x**2 for x in seen}
    by_heart = Homework({"square": lambda x: table.get(tuple(x), x)})
    assert by_heart.check("square", np.square, OneNumber) == 0


def test_what_is_recorded_needs_no_reference():
    """A browser has NumPy alone: the expected results come from tf.keras, by case and round."""
    recorded = {}
    Homework({"square": np.square}, 0, recorded=recorded).check("square", np.square, OneNumber)
    assert set(recorded) == {("square", "one_number", turn) for turn in range(3)}
    homework = Homework({"square": lambda x: x * x}, 0, recorded=recorded)
    assert homework.check("square", None, OneNumber) == 1


def test_a_result_may_not_depend_on_when_one_asks(capsys):
    calls = []

    def later(x):
        calls.append(x)
        return x**2 if len(calls) < 4 else x

    assert Homework({"square": later}, 0).check("square", np.square, OneNumber) == 0
    assert "when asked the same again" in capsys.readouterr().out


def test_a_slow_answer_is_tried_on_fewer_inputs_and_loses_nothing():
    calls = []

    def slow(x):
        calls.append(time.sleep(0.02))
        return x**2

    helpers.checks.SLOW, before = 0.01, helpers.checks.SLOW
    try:
        assert Homework({"square": slow}, 0, rounds=9).check("square", np.square, OneNumber) == 1
    finally:
        helpers.checks.SLOW = before
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("answer", "points", "words"),
    [
        (lambda: [1, 2, 3, 4], 4, "4 of 4 points"),
        (lambda: [1, None, 3, 9], 2, "None or nan instead of a number"),
        (lambda: [1, 2, 3], 0, "fails  all 4"),
        (lambda: None, 0, "nothing: is there a return?"),
        (lambda: 1 / 0, 0, "raised   ZeroDivisionError"),
        (lambda: "text", 0, "TypeError: returned text; expected numbers"),
        (lambda: [[1], [1, 2]], 0, "raised   ValueError"),
    ],
)
def test_says_once_what_is_wrong_with_predictions(answer, points, words, capsys):
    assert Homework({"say": answer}, 0).check_predictions("say", [1, 2, 3, 4]) == points
    said = capsys.readouterr().out
    assert words in said
    assert said.count("raised") + said.count("came  ") <= 4 - points


# What the sandbox runs, here without one.


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'{"worksheets": [{"cells": [CELL]}]}', "x = 1\ny = 2"),
        (b'{"worksheets": [], "cells": [CELL]}', "x = 1\ny = 2"),
        (b'\xef\xbb\xbf{"cells": [CELL]}', "x = 1\ny = 2"),
        ('{"cells": [CELL], "a": "é"}'.encode("utf-16"), "x = 1\ny = 2"),
        ('{"cells": [CELL], "a": "é"}'.encode("latin-1"), "x = 1\ny = 2"),
        ('{"cells": [CELL], "a": "表ソ"}'.encode("cp932"), "x = 1\ny = 2"),
        (b'{"cells": [CELL', "the file is not a whole notebook: it breaks off (line 1)"),
        (b"{}", "the file is not a notebook: it has no list of cells"),
        (b"[" * 100_000, "the file is nested too deeply or too large to be read"),
        (b" ", "the file is empty"),
    ],
)
def test_reads_what_programs_save(data, found):
    cell = '{"cell_type": "code", "input": ["x = 1\\n", "y = 2"], "metadata": []}'
    wide = b"\0" if b"\0" in data[:6] else b""
    old, new = (wide.join(bytes([b]) for b in text.encode()) for text in ("CELL", cell))
    file = base64.b64encode(data.replace(old, new)).decode()
    code = "import student, json; print(json.dumps(student.handle(json.load(open(0)))))"
    request = {"do": "read", "file": file, "names": ["f"]}
    folder = ROOT / "homework" / "grading" / "sandboxed"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(request).encode(),
        capture_output=True,
        cwd=folder,
    )
    reply = json.loads(done.stdout)
    assert (reply.get("unreadable") or reply["cells"][0]["source"]) == found
