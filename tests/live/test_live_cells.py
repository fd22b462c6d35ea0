"""The cells that run in the page print there, in Pyodide, what nbval compares in a notebook."""

from helpers.batch import answer

import locations
import nbformat
import pages
import pytest
from turns import BASIS, as_sent

PAGES = [path for path in locations.notebooks() if pages.cells(path, "live")]


def stored(cell) -> str:
    """Return the text of a cell's stored outputs."""
    return "".join(
        output["text"] if "text" in output else output["data"]["text/plain"] + "\n"
        for output in cell.outputs
    )


def test_some_page_has_live_cells():
    assert PAGES


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_prints_what_the_notebook_has_stored(path, run):
    above = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & BASIS:
            above.append(as_sent(cell))
        if "live" in tags:
            came = run(*above)
            assert (came["text"], came["error"]) == (stored(cell), None), cell.id


def test_by_hand_cells_are_live():
    for path in PAGES:
        for cell in pages.cells(path, "by-hand"):
            assert "live" in cell.metadata.tags, pages.name(path)


DEEP = "def f(n):\n    return g(n + 1)\n\ndef g(n):\n    return f(n + 1)\n\nf(0)"
HOSTILE = {
    "ends Python": ("exit()", "SystemExit"),
    "recursion without end": (DEEP, "RecursionError"),
    "a million levels": ("import sys\nsys.setrecursionlimit(10**6)\n" + DEEP, "RecursionError"),
    "100 MB of output": ("for _ in range(10**5): print('x' * 1000)", "OutputLimitError"),
    "output in spite of all": (
        "for _ in range(10**5):\n    try: print('x' * 1000)\n    except Exception: pass",
        "OutputLimitError",
    ),
    "a deleted builtin": ("import builtins\ndel builtins.len\nlen([])", "NameError"),
    "a deleted print": ("del __builtins__.print\nprint(1)", "AttributeError"),
    "every module gone": ("import sys\nsys.modules.clear()\nimport re", "AttributeError"),
    "another numpy": ("import numpy as np\nnp.log = np.array = None\nnp.log(1)", "TypeError"),
    "other settings": (
        "import numpy as np, warnings\nnp.set_printoptions(precision=1)\nwarnings.showwarning = 1",
        None,
    ),
    "an answer to a question": ("input()", "EOFError"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_ends_what_never_ends_and_is_whole_afterwards(what, run):
    source, error = HOSTILE[what]
    came = run(source)
    assert came["error"] == error
    assert len(came["text"]) < 21_000 and came["text"].count("File ") <= 50
    after = run("import numpy as np\nprint(len([0]))\nnp.log(np.array([1 / 3]))")
    assert after["text"] == "1\narray([-1.09861229])\n"


def test_an_error_names_the_readers_own_lines_alone(run):
    came = run("import numpy as np\ndef f(a):\n    return a @ a", "f(np.ones((2, 3)))")
    assert came["error"] == "ValueError"
    assert 'File "this cell", line 1' in came["text"]
    assert 'File "a cell above, number 1", line 3, in f\n    return a @ a' in came["text"]
    assert came["text"].count("File") == 2
    wrong = run("x = (1")["text"]
    assert wrong.count("File") == 1
    assert "SyntaxError: '(' was never closed" in wrong


def test_says_when_a_cell_above_failed(run):
    assert run("1 / 0", "2").get("text").startswith("A cell above failed, so this one did not run.")


def test_names_of_tensorflow_can_be_imported_and_not_called(run):
    imports = "import tensorflow as tf\nfrom helpers import slide, table\ntf.constant(1)"
    came = run({"source": imports, "setup": True}, "tf.keras.losses.binary_crossentropy(0, 1)")
    assert came["error"] == "NotHereError"
    assert "tf.keras.losses.binary_crossentropy is not in the page" in came["text"]
    assert "Call it in Colab." in came["text"]
    derived = run({"source": imports, "setup": True}, "class Mine(tf.keras.Model): pass")
    assert "tf.keras.Model is not in the page" in derived["text"]


def test_a_form_is_answered_in_the_page_as_in_a_notebook(run):
    fields = {"y_true": "[2, 0]", "y_pred": "[[2, -1, 0.5], [1, 0, 0]]", "reduction": "none"}
    fields |= {"loss": "sparse_categorical_crossentropy", "ignore_class": ""}
    came = run({"call": "helpers.batch.answer", "values": fields})
    assert came == {"text": "", **answer(**fields)}
