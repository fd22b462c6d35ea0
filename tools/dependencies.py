"""What a page's outputs depend on besides its own cells: the helpers that it imports, versions."""

import ast
import hashlib
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from locations import ROOT, notebooks

PACKAGE = "helpers"
CODE_CELL = re.compile(r"^```\{code-cell\}.*?\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)


def pages(root: Path = ROOT) -> list[Path]:
    """Return every page that holds code: the notebooks, and Markdown with code cells."""
    texts = [*root.glob("*.md"), *(root / "chapters").rglob("*.md")]
    return notebooks(root) + sorted(p for p in texts if CODE_CELL.search(p.read_text("utf-8")))


def sources(page: Path) -> list[str]:
    """Return the code of a page, cell by cell."""
    if page.suffix == ".md":
        cells = CODE_CELL.findall(page.read_text("utf-8"))
        return [re.sub(r"^:\w+:.*\n", "", cell, flags=re.MULTILINE) for cell in cells]
    notebook = nbformat.read(page, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def imported(source: str) -> set[str]:
    """Return the dotted names that Python code may import from the package, parents included."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:  # a page may show one
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # What is imported from a package can be a module of it.
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    inside = [name.split(".") for name in names if name.split(".")[0] == PACKAGE]
    return {".".join(parts[:end]) for parts in inside for end in range(1, len(parts) + 1)}


def module_file(name: str, root: Path) -> Path | None:
    """Return the file of a module of the package, None when the name is no module."""
    place = root.joinpath(*name.split("."))
    found = [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()]
    return found[0] if found else None


def helper_files(code: list[str], root: Path = ROOT) -> set[Path]:
    """Return the files of the package that code uses: modules, theirs in turn, and their data."""
    data = [path for path in (root / PACKAGE).rglob("*.*") if path.suffix not in (".py", ".pyc")]
    waiting, found = set().union(*map(imported, code)), set()
    while waiting:
        file = module_file(waiting.pop(), root)
        if file is None or file in found:
            continue
        text = file.read_text("utf-8")
        waiting |= imported(text)
        found |= {file, *(path for path in data if path.name in text)}
    return found


def digest(page: Path, root: Path = ROOT) -> str:
    """Return a digest of all that a page's outputs depend on, its own cells left out."""
    result = hashlib.sha256(sys.version.encode())
    for file in [*sorted(helper_files(sources(page), root)), root / "environments" / "book.lock"]:
        result.update(file.name.encode() + b"\0" + _contents(file, file.stat().st_mtime_ns))
    return result.hexdigest()


@cache
def _contents(file: Path, changed: int) -> bytes:
    return file.read_bytes()
