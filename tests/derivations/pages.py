"""Load what a page derives: its cells tagged `setup` and `by-hand`, run as plain Python."""

import types
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from locations import CHAPTERS


def name(path: Path) -> str:
    """Return a page's short name, the id of its tests."""
    return str(path.relative_to(CHAPTERS).with_suffix(""))


def cells(path: Path, tag: str):
    """Return the page's code cells that have a tag."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def derived(path: Path, change=lambda source: source) -> dict:
    """Return the functions and classes of a page's `by-hand` cells by name.

    Args:
        path: the notebook.
        change: what is done to the source of each `by-hand` cell before it runs.
    """
    notebook = nbformat.read(path, as_version=4)
    page = types.ModuleType(path.stem)
    found = {}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "by-hand" in tags:
            before = set(vars(page))
            exec(compile(change(cell.source), f"{path.name}:{cell.id}", "exec"), vars(page))
            found |= {key: vars(page)[key] for key in set(vars(page)) - before if key[0] != "_"}
        elif "setup" in tags:
            exec(
                compile(
                    TransformerManager().transform_cell(cell.source),
                    f"{path.name}:{cell.id}",
                    "exec",
                ),
                vars(page),
            )
    return found
