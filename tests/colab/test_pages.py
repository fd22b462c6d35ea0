"""Every page and every homework notebook runs in Colab, with the outputs that are stored.

`make test-colab` runs this in an environment of its own, whose pins are in environments/colab.txt.
"""

import importlib.metadata
import sys

import colab
import locations
import nbformat
import notebooks
import pytest
from locations import ENVIRONMENTS, RELEASE, ROOT, SOURCE
from packaging.requirements import Requirement

PAGES = locations.notebooks()
SOLVED = sorted(SOURCE.glob("*/[!.]*.ipynb"))
UNSOLVED = sorted(RELEASE.glob("*/[!.]*.ipynb"))


def name(path):
    """Return a notebook's path in the repository, as differences.toml writes it."""
    return str(path.relative_to(ROOT).with_suffix(""))


def tags(cell):
    return cell.metadata.get("tags", [])


def compared(notebook):
    """Return the text outputs of each code cell that nbval compares, by the cell's id."""
    return {
        cell.id: [{**output, "execution_count": None} for output in cell.outputs]
        for cell in notebooks.normalise(notebook).cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in tags(cell)
    }


def points(cell):
    """Return (points given, points to be had) of a check in a homework, both None elsewhere."""
    to_be_had = cell.metadata.get("nbgrader", {}).get("points")
    given = [output.data["text/plain"] for output in cell.get("outputs", []) if "data" in output]
    return (float(given[-1]), float(to_be_had)) if to_be_had and given else (None, None)


def assert_ran_as_in_colab(done, folder):
    """Check that nothing failed, and that it was this environment and the clone that ran."""
    assert done.faults == []
    assert done.moved["prefix"] == sys.prefix
    assert done.moved["helpers"] == str(folder / "content" / "book" / "helpers" / "__init__.py")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_page(path, tmp_path, repository, environment):
    done = colab.run(path, tmp_path, repository)
    assert_ran_as_in_colab(done, tmp_path)
    for cell in done.notebook.cells:
        if "slider" in tags(cell):
            assert done.moved["moves"].get(cell.id), f"cell '{cell.id}' has nothing to move"
            assert not [each for each in cell.outputs if "text/html" in each.get("data", {})]
    stored, fresh = compared(nbformat.read(path, as_version=4)), compared(done.notebook)
    differing = {cell for cell in stored if stored[cell] != fresh[cell]}
    listed = set(environment.differences.get(name(path), {}))
    for cell in sorted(differing - listed):
        print(f"cell '{cell}' stores\n{stored[cell]}\nand gives here\n{fresh[cell]}")
    assert sorted(differing - listed) == [], "cells differ that differences.toml does not list"
    assert sorted(listed - differing) == [], "cells are listed that no longer differ"


@pytest.mark.parametrize("path", SOLVED, ids=name)
def test_solved_homework_gets_all_points(path, tmp_path, repository):
    done = colab.run(path, tmp_path, repository)
    assert_ran_as_in_colab(done, tmp_path)
    for cell in done.notebook.cells:
        given, to_be_had = points(cell)
        assert given == to_be_had, cell.id


@pytest.mark.parametrize("path", UNSOLVED, ids=name)
def test_unsolved_homework_runs_and_gets_less(path, tmp_path, repository):
    done = colab.run(path, tmp_path, repository, unsolved=True)
    assert_ran_as_in_colab(done, tmp_path)
    marks = [points(cell) for cell in done.notebook.cells]
    assert all(given < to_be_had for given, to_be_had in marks if to_be_had)


def test_listed_pages_exist(environment):
    assert set(environment.differences) <= {name(path) for path in PAGES}


def test_versions_are_the_pinned_ones(environment):
    lines = (ENVIRONMENTS / f"{environment.name}.txt").read_text("utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    here = [each for each in pinned if not each.marker or each.marker.evaluate()]
    wrong = [str(e) for e in here if importlib.metadata.version(e.name) not in e.specifier]
    assert wrong == []
