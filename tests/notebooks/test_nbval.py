"""nbval notices a wrong number in any cell, and pages print what their derivations compute.

That a page prints what it stores is the whole run of nbval's to show. So nbval's comparison is
tried on stored outputs alone, without a kernel, and derivations in the process of the tests.
"""

import copy
import re
import shutil
import subprocess
import sys

import chapters

import locations
import nbformat
import pages
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbval.plugin import IPyNbFile

DERIVATIONS = [path for path in locations.notebooks() if pages.cells(path, "by-hand")]


def collected(path, request):
    """Return a page's cells as nbval collects them, with what conftest.py has it leave out."""
    file = IPyNbFile.from_parent(request.session, path=path)
    request.config.hook.pytest_collectstart(collector=file)
    return [cell for cell in file.collect() if cell.options["check"]]


def spoilt(outputs):
    """Return each way to change the last digit of one text that a cell has printed."""
    for number, output in enumerate(outputs):
        for key, text in [("text", output.get("text")), *output.get("data", {}).items()]:
            if key in ("text", "text/plain") and text and re.search(r"\d", text):
                changed = copy.deepcopy(outputs)
                holder = changed[number] if key == "text" else changed[number].data
                holder[key] = re.sub(
                    r"\d(?=\D*\Z)", lambda digit: str((int(digit[0]) + 1) % 10), text
                )
                yield changed


@pytest.mark.parametrize("path", locations.notebooks(), ids=pages.name)
def test_any_wrong_digit_is_noticed(path, request):
    noticed = 0
    for cell in collected(path, request):
        right = cell.cell.outputs
        assert cell.compare_outputs(right, right), cell.name
        for wrong in spoilt(right):
            assert not cell.compare_outputs(right, wrong), cell.name
            noticed += 1
    assert noticed or path not in DERIVATIONS


def printed(shell, source):
    """Return what a cell prints and shows, or the error that it raises, without white space."""
    with capture_output() as captured:
        done = shell.run_cell(source)
    shown = "".join(output.data.get("text/plain", "") for output in captured.outputs)
    text = repr(done.error_in_exec) if done.error_in_exec else captured.stdout + shown
    return squeezed(re.sub(r"Out\[\d+\]: ", "", text))


def stored(cell):
    """Return what a cell has stored, in the same form."""
    texts = [output.get("text") or output.data.get("text/plain", "") for output in cell.outputs]
    return squeezed("".join(texts))


def squeezed(text):
    return "".join(text.split())


def first_difference(cells, change=lambda source: source):
    """Run cells, each changed first, until one prints something else; return its place."""
    shell = InteractiveShell.instance()
    shell.reset()
    for number, cell in enumerate(cells):
        if printed(shell, change(cell.source)) != stored(cell):
            return number
    return None


@pytest.mark.parametrize("path", DERIVATIONS, ids=pages.name)
def test_a_changed_derivation_shows_in_a_number(path):
    """What the page's last derivation returns is changed; what it prints soon differs."""
    derivation = chapters.cells(path, {"by-hand"})[-1]
    wrong = re.sub(r"return (?!.*return )", "return 1.5 * ", derivation)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    at = first_difference(cells, lambda source: wrong if source == derivation else source)
    assert at is not None
    assert first_difference(cells[: at + 1]) is None, "the change alone makes the difference"


@pytest.mark.parametrize(("digit", "code"), [("0.6", 0), ("0.7", 1)])
def test_ends_with_an_error_for_a_wrong_number(digit, code, tmp_path):
    cell = nbformat.v4.new_code_cell("print(0.6)", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text=f"{digit}\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "page.ipynb")
    shutil.copy(locations.ROOT / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", tmp_path]
    assert subprocess.run(command, cwd=tmp_path).returncode == code
