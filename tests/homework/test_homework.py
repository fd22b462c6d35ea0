"""The homework: what students get is up to date, runs unsolved, and says what is wrong."""

import re
import runpy
import subprocess
import sys

from helpers.checks import Homework

import locations
import nbformat
import notebooks
import numpy as np
import pytest
import setup_cells
from assignments import answers, assignments, is_solution, source
from IPython.core.inputtransformer2 import TransformerManager
from locations import ROOT
from sandboxed import extract_answers as takeover

ASSIGNMENTS = assignments()
ALL = locations.homework_notebooks()
MAX_LINES, MAX_WIDTH = 24, 90  # what the site shows without scrolling to the right


def release(assignment):
    return ROOT / "homework" / "release" / assignment / f"{assignment}.ipynb"


def read(path):
    return nbformat.read(path, as_version=4)


def points(notebook):
    """Return the possible points of each check by its answer."""
    graded = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {
        each.grade_id.removesuffix("-check"): each.points for each in graded if each.get("grade")
    }


def run(notebook, change=None):
    """Return the notebook run as a student runs it, with other sources for some cells."""
    for cell in notebook.cells:
        cell.source = (change or {}).get(cell.id, cell.source)
    client = notebooks.NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(locations.CHAPTERS)}}
    )
    return client.execute()


def printed(notebook):
    """Return what each check printed, by its answer."""
    return {
        cell.id.removesuffix("-check"): "".join(
            output.text for output in cell.outputs if output.output_type == "stream"
        )
        for cell in notebook.cells
        if cell.id.endswith("-check")
    }


def test_the_release_is_made_from_the_source():
    command = [ROOT / ".venv-homework" / "bin" / "python", "homework/grading/release.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr + "; run `make homework`"


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_has_the_setup_cell(path):
    assert not setup_cells.refresh(path, setup_cells.setup_cell(), write=False)


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_setup_cell_finds_the_helpers(path):
    """In a folder below the book, whatever the working directory of the server is."""
    setup = next(cell.source for cell in read(path).cells if cell.id == "setup")
    code = TransformerManager().transform_cell(setup)
    done = subprocess.run([sys.executable, "-c", code], cwd=path.parent, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_source_is_in_form(assignment):
    assert notebooks.faults(source(assignment)) == []


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_is_plain_and_cells_are_short(path):
    notebook = read(path)
    prose = " ".join(cell.source.lower() for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.findall(r"\b(easy|easily|just|simply|obviously|of course)\b", prose)
    assert len(prose.split()) <= 1000
    for cell in notebook.cells:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MAX_LINES, cell.id
        if cell.cell_type == "code" and cell.id != "setup":
            assert max(map(len, lines)) <= MAX_WIDTH, cell.id


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_answer_has_its_check(assignment):
    assert list(points(read(source(assignment)))) == answers(assignment)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_release_has_no_solution_and_no_hidden_test(assignment):
    solved, handed_out = read(source(assignment)), read(release(assignment))
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
    notebook = run(read(release(assignment)))
    said = printed(notebook)
    assert list(said) == answers(assignment)
    for name, text in said.items():
        assert text.splitlines() == [
            f"{name}: not solved yet. Write your code in the cell above and run it."
        ]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    table = notebook.cells[-1].outputs[0].data["text/plain"].splitlines()
    possible = sum(points(notebook).values())
    assert table[-1].split() == ["total", "0", str(possible)]
    assert len(table) == len(said) + 3


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_answer_counts_by_itself(assignment):
    """With one answer solved, its check holds and all others are unsolved."""
    solved = {cell.id: cell.source for cell in read(source(assignment)).cells}
    for name in answers(assignment):
        found, note = takeover.Notebook([solved[each] for each in answers(assignment)]).answer(name)
        assert (solved[name].startswith(found), note) == (True, None), "it needs no other answer"
    last = answers(assignment)[-1]
    said = printed(run(read(release(assignment)), {last: solved[last]}))
    full = points(read(source(assignment)))[last]
    assert said.pop(last).startswith(f"{last}: {full} of {full} points")
    assert all("not solved yet" in text for text in said.values())


def snippets(assignment):
    """Return the functions with a mistake that the text hands out, by their names."""
    found = {}
    for cell in read(release(assignment)).cells:
        for code in re.findall(r"```python\n(def .+?)```", cell.source, re.DOTALL):
            found[re.match(r"def (\w+)", code)[1]] = code
    return found


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_mistakes_that_are_handed_out_fail(assignment):
    wrong = snippets(assignment)
    assert set(wrong) == {
        "losses": {"loss_of_batch", "loss_of_classifier", "smooth"},
        "metrics": {"train"},
    }.get(assignment)
    said = printed(run(read(source(assignment)), wrong))
    for name in wrong:
        assert re.match(rf"{name}: 0 of \d points|{name}: 1 of \d points", said[name]), said[name]
        assert "expected" in said[name]


def test_the_predictions_are_of_the_code_that_is_shown():
    """The check runs the very calls that the text shows."""
    cells = {cell.id: cell.source for cell in read(source("metrics")).cells}
    shown = re.search(r"```python\n(.+?)```", cells["predictions-text"], re.DOTALL)[1]
    calls = re.findall(r"^mean\..+$", shown, re.MULTILINE)
    assert calls == re.findall(r"^mean\..+$", cells["predictions-check"], re.MULTILINE)
    assert shown.count("print(") == cells["predictions-check"].count("result()") == 4


# What a check says.


def one_number(rng):
    return {"x": rng.uniform(1, 2, 2)}


def as_text(numbers):
    return np.array2string(numbers, precision=4, separator=", ")


FIRST_INPUT = one_number(np.random.default_rng([0, 0, 0]))["x"]


def check(answer, capsys, reference=np.square):
    namespace = {} if answer is None else {"square": answer}
    homework = Homework(namespace, seed=0)
    got = homework.check("square", reference, [one_number])
    return got, capsys.readouterr().out


def unsolved(x):
    raise NotImplementedError


def leaves(x):
    raise SystemExit("bye")


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
        (lambda x: x + 1, f"x = {np.array2string(FIRST_INPUT, precision=4, separator=', ')}"),
        (
            lambda x: x + 1,
            f"expected {np.array2string(FIRST_INPUT**2, precision=4, separator=', ')}",
        ),
        (lambda x: "text", "raised   ValueError"),
        (lambda x: Liar(), "came     [0., 0.]"),
        (lambda x: np.zeros(2).view(Sly), "came     [0., 0.]"),
        (lambda x: tf.square(x), "this uses TensorFlow"),  # noqa: F821
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
    got = homework.check_metric("Half", Whole, [lambda rng: [("update_state", 1), ("result",)]])
    assert got == 0
    assert (
        "raised   AttributeError: 'Half' object has no attribute 'result'"
        in capsys.readouterr().out
    )


def test_progress_before_any_check(capsys):
    assert Homework({}).progress() is None
    assert "No check has run yet" in capsys.readouterr().out


def test_the_teachers_seed_changes_the_inputs(monkeypatch, capsys):
    said = []
    for seed in ("1", "2", "1"):
        monkeypatch.setenv("HOMEWORK_SEED", seed)
        Homework({"square": lambda x: x}).check("square", np.square, [one_number])
        said.append(capsys.readouterr().out)
    assert said[0] == said[2] != said[1]


# What is taken out of a notebook.


def taken(*cells, name="f"):
    return takeover.Notebook(list(cells)).answer(name)


@pytest.mark.parametrize(
    ("cells", "source", "note"),
    [
        (["def f(x):\n    return x"], "def f(x):\n    return x", None),
        (["f = lambda x: x"], "f = lambda x: x", None),
        (["import math\neps = 1\ndef f(x):\n    return math.exp(x) + eps"],
         "import math\n\n\neps = 1\n\n\ndef f(x):\n    return math.exp(x) + eps", None),
        (["import tensorflow as tf\ndef f(x):\n    return tf.exp(x)"],
         "def f(x):\n    return tf.exp(x)", None),
        (["def g(x): return h(x)", "def h(x): return f(x)", "def f(x): return g(x)"],
         "def g(x): return h(x)\n\n\ndef h(x): return f(x)\n\n\ndef f(x): return g(x)", None),
        (["def f(x): return 1", "def f(x): return 2"], "def f(x): return 2",
         "is defined 2 times; the last one counts"),
        (["def f(x): return 1", "def f(x): raise NotImplementedError()"],
         "def f(x): return 1", None),
        (["y = undefined", "def f(x):\n    y = x\n    return y"],
         "def f(x):\n    y = x\n    return y", None),
        (["%time\n!ls\ndef f(x):\n    return x"], "def f(x):\n    return x", None),
        (["@cache\ndef f(x):\n    return x"], "@cache\ndef f(x):\n    return x", None),
        ([], None, "is not in the notebook"),
        (["def f(x:\n    pass"], "def f(x:\n    pass",
         "has a syntax error in line 1 of code cell 1: '(' was never closed"),
        (["def f(x): raise NotImplementedError", "def f(x) return 1"], "def f(x) return 1",
         "has a syntax error in line 1 of code cell 2: expected ':'"),
    ],
)  # fmt: skip
def test_takes_the_answer_and_what_it_needs(cells, source, note):
    assert taken(*cells) == (source, note)


def test_reads_the_older_format_and_lists_of_lines():
    old = b'{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\\n", "y = 2"]}]}]}'
    assert takeover.code_cells(old) == (["x = 1\ny = 2"], None)


def test_runs_only_the_handler_in_the_sandbox():
    """What the sandbox runs needs nothing of this repository."""
    for handler in ("takeover", "answer"):
        found = runpy.run_path(str(ROOT / "homework" / "grading" / "sandboxed" / f"{handler}.py"))
        assert callable(found["handle"])
