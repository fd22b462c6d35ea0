"""The assignments: their source notebooks, and the answers that they ask for."""

import sys
from functools import cache
from pathlib import Path

import nbformat

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
from locations import SOURCE


def assignments() -> list[str]:
    """Return the names of the assignments, in a fixed order."""
    return sorted(path.stem for path in SOURCE.glob("*/*.ipynb"))


def source(assignment: str) -> Path:
    """Return the notebook that has the solutions of an assignment."""
    return SOURCE / assignment / f"{assignment}.ipynb"


@cache
def answers(assignment: str) -> list[str]:
    """Return the names of the functions and classes that the students write.

    An answer's cell has the answer's name as its grade_id.
    """
    notebook = nbformat.read(source(assignment), as_version=4)
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if is_solution(cell)]


def is_solution(cell) -> bool:
    """Return whether students write their answer into a cell."""
    return cell.metadata.get("nbgrader", {}).get("solution", False)
