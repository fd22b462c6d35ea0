"""The assignments: their source notebooks, the answers that they ask for, and the checks."""

import sys
from functools import cache
from pathlib import Path

import nbformat

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
from locations import RELEASE, SOURCE


def assignments() -> list[str]:
    """Return the names of the assignments, in a fixed order."""
    return sorted(path.stem for path in SOURCE.glob("*/*.ipynb"))


def source(assignment: str) -> Path:
    """Return the notebook that has the solutions of an assignment."""
    return SOURCE / assignment / f"{assignment}.ipynb"


def release(assignment: str) -> Path:
    """Return the notebook that students get."""
    return RELEASE / assignment / f"{assignment}.ipynb"


@cache
def notebook(path: Path):
    """Return a notebook of this repository. It is read once, and not to be changed."""
    return nbformat.read(path, as_version=4)


def answers(assignment: str) -> list[str]:
    """Return the names of the functions and classes that the students write.

    An answer's cell has the answer's name as its grade_id.
    """
    cells = notebook(source(assignment)).cells
    return [cell.metadata.nbgrader.grade_id for cell in cells if is_solution(cell)]


def checks(assignment: str) -> dict:
    """Return the cell that checks each answer, by the answer's name."""
    cells = {cell.id: cell for cell in notebook(source(assignment)).cells}
    return {name: cells[f"{name}-check"] for name in answers(assignment)}


def is_solution(cell) -> bool:
    """Return whether students write their answer into a cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)
