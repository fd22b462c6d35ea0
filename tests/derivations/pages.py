"""What a page derives, as the pages after it import it, with or without a change."""

import re
from pathlib import Path

import chapters

import nbformat
from locations import CHAPTERS


def name(path: Path) -> str:
    """Return a page's short name, the id of its tests."""
    return str(path.relative_to(CHAPTERS).with_suffix(""))


def belittling(text: str) -> list[str]:
    """Return the words of a text that tell readers who find it hard that it is not."""
    return re.findall(r"\b(easy|easily|just|simply|obviously|of course)\b", text.lower())


def cells(path: Path, tag: str):
    """Return the page's code cells that have a tag."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def run(path: Path, change=lambda source: source) -> dict:
    """Return all that the page's `setup` and `by-hand` cells define, each source changed first."""
    return chapters.run([change(source) for source in chapters.cells(path)], path.stem)


def derived(path: Path, change=lambda source: source) -> dict:
    """Return the functions and classes of the page's `by-hand` cells by name."""
    names = run(path, change)
    return {name: names[name] for name in chapters.definitions(chapters.cells(path, {"by-hand"}))}
