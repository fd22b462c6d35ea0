"""The notebooks are in the form and on the template that every reader and every test relies on."""

import ast
import itertools
import re
import statistics
from functools import cache

import locations
import nbformat
import notebooks
import pages
import pytest
import setup_cells
import yaml

PAGES = locations.notebooks()
SOLVED = sorted(locations.SOURCE.glob("*/[!.]*.ipynb"))
# They look things up, and teach no function.
OTHERS = ("index", "set_up", "version_table", "your_batch")
LESSONS = [path for path in PAGES if path.stem not in OTHERS]
LOSSES = [path for path in LESSONS if path.parent.name == "losses"]
PARTS = yaml.safe_load((locations.ROOT / "_toc.yml").read_text("utf-8"))["parts"]
ORDER = [
    locations.ROOT / f"{chapter['file']}.ipynb"
    for part in PARTS
    if part["caption"] in ("Start", "Losses", "Metrics")
    for chapter in part["chapters"]
]
DERIVATIONS = [path for path in PAGES if pages.cells(path, "by-hand")]

MAX_CODE_CELLS = 20  # besides those tagged `setup`, and those of the reader's turns
MAX_LINES = 12
MAX_CHECK_LINES = 24  # of the folded cell that checks a turn
MAX_LETTERS = 56  # of a line that a turn starts with: a phone shows it whole
MAX_WORDS = 1300  # besides those of the turn before the finished function
MAX_TURN_WORDS = 45

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


def in_repository(path) -> str:
    return str(path.relative_to(locations.ROOT))


@cache
def cells(path):
    """Return the cells of a notebook, which is read once, and not to be changed."""
    return nbformat.read(path, as_version=4).cells


def text(path) -> str:
    return "\n\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")


def turns(path):
    """Return the cells of the reader's turns: of each the answer, its check and the solution."""
    tags = [set(cell.metadata.get("tags", [])) for cell in code(path)]
    start = [i for i, each in enumerate(tags) if "your-turn" in each]
    return [cell for i in start for cell in code(path)[i : i + 3]]


def exercises(path):
    """Return the cells from the heading of the exercises on."""
    return list(itertools.dropwhile(lambda cell: "## Exercises" not in cell.source, cells(path)))


def ids(cells):
    return {cell.id for cell in cells}


def code(path):
    return [cell for cell in cells(path) if cell.cell_type == "code"]


@pytest.mark.parametrize("path", [*PAGES, *SOLVED], ids=in_repository)
def test_is_in_form(path):
    assert notebooks.faults(path) == []


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_folds_the_set_up_the_checks_and_the_solutions(path):
    """JupyterLab and Colab fold code each by a word of its own."""
    folded = [pages.cells(path, "setup")[0], *pages.cells(path, "check")]
    folded += pages.cells(path, "solution")
    for cell in folded:
        assert cell.metadata.get("jupyter") == {"source_hidden": True}, cell.id
        assert cell.metadata.get("cellView") == "form", cell.id
        assert cell.source.startswith("# @title "), "Colab shows a title in the code's place"


@pytest.mark.parametrize("path", [*PAGES, *locations.homework_notebooks()], ids=in_repository)
def test_has_the_setup_cell(path):
    assert not setup_cells.refresh(path, setup_cells.setup_cell(), write=False)


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_cells_are_short(path):
    checks = pages.cells(path, "check")
    own = [cell for cell in code(path) if cell.id not in {setup_cells.CELL_ID} | ids(checks)]
    lengths = sorted(map(length, own))
    assert lengths[-1] <= MAX_LINES
    assert max(map(length, checks), default=0) <= MAX_CHECK_LINES
    assert statistics.median_low(lengths) <= 5
    besides = ids(turns(path)) | ids(pages.cells(path, "setup"))
    assert len(ids(code(path)) - besides) <= MAX_CODE_CELLS


def length(cell) -> int:
    """Return the lines of code of a cell, the title left out that Colab shows of a folded one."""
    lines = [line for line in cell.source.splitlines() if not line.startswith("# @title")]
    return sum(bool(line.strip()) for line in lines)


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_text_is_short(path):
    prose = re.sub(r"\$\$.*?\$\$|\$.*?\$|\]\(.*?\)|<.*?>", " ", text(path), flags=re.DOTALL)
    asked = re.findall(r"^> \*\*Your turn\.\*\*.*$", prose, flags=re.MULTILINE)
    assert len(asked) == len(ids(pages.cells(path, "your-turn")) - ids(exercises(path)))
    words = sum(len(each.split()) for each in asked)
    assert words <= MAX_TURN_WORDS
    assert len(prose.split()) - words <= MAX_WORDS


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_a_turn_is_an_answer_a_check_and_a_solution(path):
    kinds = [cell.metadata.tags[0] for cell in turns(path)]
    starts = pages.cells(path, "your-turn")
    assert kinds == ["your-turn", "check", "solution"] * len(starts)
    lines = [line for cell in starts for line in cell.source.splitlines()]
    assert not [line for line in lines if len(line) > MAX_LETTERS]


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
    assert 2 <= len(ids(solutions) & ids(exercises(path))) <= 3
    for solution in solutions:
        assert re.search(r"assert", solution.source.splitlines()[-1]), (
            "a solution ends in an assert"
        )
        assert "hide-cell" in solution.metadata.tags


@pytest.mark.parametrize("path, after", list(itertools.pairwise(ORDER)), ids=pages.name)
def test_leads_to_the_page_after_it(path, after):
    link = re.search(r"\*\*Next:\*\* \[.+?\]\((.+?)\)", text(path))
    assert link, "no Next"
    assert (path.parent / link[1]).resolve() == after


@pytest.mark.parametrize("path", LOSSES, ids=pages.name)
def test_has_an_open_problem(path):
    """Several answers solve it, and the check that accepts them refuses another one."""
    assert text(path).count(". An open problem.**") == 1
    below = itertools.dropwhile(lambda cell: "An open problem.**" not in cell.source, cells(path))
    solution = next(cell.source for cell in below if "solution" in cell.metadata.get("tags", []))
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(ast.parse(solution))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    answers = assigned["answers"]
    assert isinstance(answers, ast.ListComp) or len(answers.elts) > 1
    assert re.search(r"assert .*answers.*( and not | < )", solution.splitlines()[-1])


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_text_is_plain(path):
    assert pages.belittling(text(path)) == []
    assert not re.search(r"^\s*(:::|```\{)", text(path), flags=re.MULTILINE), "no MyST in notebooks"


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_prints_no_log_and_no_tensor(path):
    for cell in code(path):
        for output in cell.outputs:
            printed = output.get("text") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"<tf\.|oneDNN|cuda|WARNING|Traceback", printed), cell.id


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the first cells of a page, once changed, to another file."""

    def written(change, most=None):
        notebook = nbformat.read(DERIVATIONS[0], as_version=4)
        notebook.cells = notebook.cells[:most]
        change(notebook.cells)
        nbformat.write(notebook, tmp_path / "page.ipynb")
        return tmp_path / "page.ipynb"

    return written


def test_notices_a_stripped_notebook_an_image_and_an_unknown_tag(written):
    def spoil(cells):
        cells[-1].metadata["tags"] = ["no-such-tag"]
        first, second, *_ = (cell for cell in cells if cell.cell_type == "code")
        first.outputs.append(nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo="}))
        second.execution_count = None

    faults = "\n".join(notebooks.faults(written(spoil)))
    for fault in ("was never run", "no-such-tag", "not normalised"):
        assert fault in faults


def test_names_the_notebook_and_the_cell_that_raises(written, monkeypatch):
    page = written(lambda cells: cells[1].update(source="1 / 0"), most=2)
    monkeypatch.setattr(notebooks, "ROOT", page.parent)
    with pytest.raises(notebooks.PageError) as caught:
        notebooks.execute(page)
    expected = "page.ipynb, cell 'setup' (number 2) failed: ZeroDivisionError"
    assert str(caught.value).startswith(expected)
