"""The notebooks are in the form and on the template that every reader and every test relies on."""

import re
import shutil
import statistics
import subprocess
import sys

import locations
import nbformat
import notebooks
import pages
import pytest
import setup_cells

PAGES = locations.notebooks()
OTHERS = ("index", "set_up", "version_table")  # they look things up, and teach no function
LESSONS = [path for path in PAGES if path.stem not in OTHERS]
DERIVATIONS = [path for path in PAGES if pages.cells(path, "by-hand")]

MAX_CODE_CELLS = 20  # besides those tagged `setup`
MAX_LINES = 12
MAX_WORDS = 1300

HEADINGS = [
    "A tiny example",
    "By hand",
    "In Keras",
    "See it move",
    "Where it breaks",
    ("In training", "Over batches"),
    "Check yourself",
    "Exercises",
    "In short",
]


def read(path):
    return nbformat.read(path, as_version=4)


def text(path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def code(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_is_in_form(path):
    assert notebooks.faults(path) == []


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_has_the_setup_cell(path):
    assert not setup_cells.refresh(path, setup_cells.setup_cell(), write=False)


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_cells_are_short(path):
    own = [cell.source for cell in code(path) if cell.id != setup_cells.CELL_ID]
    lengths = sorted(sum(bool(line.strip()) for line in source.splitlines()) for source in own)
    assert lengths[-1] <= MAX_LINES
    assert statistics.median_low(lengths) <= 5
    assert len(lengths) + 1 - len(pages.cells(path, "setup")) <= MAX_CODE_CELLS


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_text_is_short(path):
    prose = re.sub(r"\$\$.*?\$\$|\$.*?\$|\]\(.*?\)|<.*?>", " ", text(path), flags=re.DOTALL)
    assert len(prose.split()) <= MAX_WORDS


@pytest.mark.parametrize("path", DERIVATIONS, ids=pages.name)
def test_follows_the_template(path):
    found = re.findall(r"^## (.+)$", text(path), flags=re.MULTILINE)
    assert len(found) == len(HEADINGS)
    for heading, expected in zip(found, HEADINGS, strict=True):
        assert heading == expected or heading in expected


@pytest.mark.parametrize("path", LESSONS, ids=pages.name)
def test_teaches(path):
    prose = text(path)
    assert pages.cells(path, "slider"), "something moves"
    assert re.search(r"^# .+\n\n\*\*.+\?\*\*$", prose, flags=re.MULTILINE), "a question comes first"
    assert re.search(r"^\*\d+ minutes\.", prose, flags=re.MULTILINE), "reading time"
    assert prose.count("<details>") == 3, "three questions to check yourself"
    assert prose.count("> **Predict.**") > len(pages.cells(path, "slider")), "ask before it moves"
    further = prose.split("**Further reading**")[1]
    assert 1 <= further.count("](http") <= 3
    solutions = pages.cells(path, "solution")
    assert 2 <= len(solutions) <= 3
    for solution in solutions:
        assert re.search(r"assert", solution.source.splitlines()[-1]), (
            "a solution ends in an assert"
        )
        assert "hide-cell" in solution.metadata.tags


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_text_is_plain(path):
    words = re.findall(r"\b(easy|easily|just|simply|obviously|of course)\b", text(path).lower())
    assert words == []
    assert not re.search(r"^\s*(:::|```\{)", text(path), flags=re.MULTILINE), "no MyST in notebooks"


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_prints_no_log_and_no_tensor(path):
    for cell in code(path):
        for output in cell.outputs:
            printed = output.get("text") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"<tf\.|oneDNN|cuda|WARNING|Traceback", printed), cell.id


def spoilt(path, tmp_path, change):
    """Return a copy of a notebook, changed, in a copy of what it imports."""
    copy = tmp_path / path.relative_to(locations.ROOT)
    for folder in ("chapters", "helpers"):
        shutil.copytree(locations.ROOT / folder, tmp_path / folder)
    notebook = read(path)
    change(notebook)
    nbformat.write(notebook, copy)
    return copy


def nbval(path):
    """Return the exit code and output of nbval on one notebook."""
    shutil.copy(locations.ROOT / "conftest.py", path.parents[2])
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", path]
    done = subprocess.run(command, cwd=path.parents[2], capture_output=True, text=True)
    return done.returncode, done.stdout


def strip(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def change_a_digit(notebook):
    """Change the last digit that the notebook has stored."""
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            data = output if "text" in output else output.data
            key = "text" if "text" in output else "text/plain"
            found = list(re.finditer(r"\d", data[key]))
            if found:
                at = found[-1].start()
                data[key] = (
                    data[key][:at] + str((int(data[key][at]) + 1) % 10) + data[key][at + 1 :]
                )
                return
    raise AssertionError("the notebook stores no digit")


def change_the_derivation(notebook):
    """Change the sign of what the notebook's last derivation returns."""
    cell = [cell for cell in notebook.cells if "by-hand" in cell.metadata.get("tags", [])][-1]
    cell.source = re.sub(r"return (?!.*return )", "return 1.5 * ", cell.source)


def test_notices_a_stripped_notebook(tmp_path):
    copy = spoilt(DERIVATIONS[0], tmp_path, strip)
    assert any("was never run" in fault for fault in notebooks.faults(copy))


def test_notices_an_image_and_an_unknown_tag(tmp_path):
    def spoil(notebook):
        notebook.cells[-1].metadata["tags"] = ["no-such-tag"]
        output = nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo="})
        code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        code_cells[0].outputs.append(output)

    faults = notebooks.faults(spoilt(DERIVATIONS[0], tmp_path, spoil))
    assert any("no-such-tag" in fault for fault in faults)
    assert any("not normalised" in fault for fault in faults)


@pytest.mark.parametrize("change", [change_a_digit, change_the_derivation])
@pytest.mark.parametrize("path", DERIVATIONS, ids=pages.name)
def test_nbval_notices(path, change, tmp_path):
    code, report = nbval(spoilt(path, tmp_path, change))
    assert code == 1, report
    assert " failed" in report.splitlines()[-1]


def test_nbval_passes_what_is_right(tmp_path):
    code, report = nbval(spoilt(DERIVATIONS[-1], tmp_path, lambda notebook: None))
    assert code == 0, report


def test_names_the_notebook_and_the_cell_that_raises(tmp_path, monkeypatch):
    def spoil(notebook):
        notebook.cells = notebook.cells[:2]
        notebook.cells[1].source = "1 / 0"

    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    copy = spoilt(DERIVATIONS[-1], tmp_path, spoil)
    with pytest.raises(notebooks.PageError) as caught:
        notebooks.execute(copy)
    expected = f"{copy.relative_to(tmp_path)}, cell 'setup' (number 2) failed: ZeroDivisionError"
    assert str(caught.value).startswith(expected)
