"""What a page's outputs depend on besides its own cells: what it imports, versions."""

import ast
import hashlib
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from locations import ROOT, notebooks

sys.path.append(str(ROOT))
import chapters

PACKAGES = ("helpers", "chapters")
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


def lent(notebook: str) -> list[str]:
    """Return the cells of a notebook's text that other pages import."""
    cells = nbformat.reads(notebook, as_version=4).cells
    return [cell.source for cell in cells if chapters.TAGS & {*cell.metadata.get("tags", ())}]


@cache
def imported(source: str) -> set[str]:
    """Return the dotted names that Python code may import from the book, parents included."""
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
    inside = [name.split(".") for name in names if name.split(".")[0] in PACKAGES]
    return {".".join(parts[:end]) for parts in inside for end in range(1, len(parts) + 1)}


def module_file(name: str, root: Path) -> Path | None:
    """Return the file of one of the book's modules, None when the name is no module."""
    place = root.joinpath(*name.split("."))
    places = place / "__init__.py", place.with_suffix(".py"), place.with_suffix(".ipynb")
    return next(filter(Path.is_file, places), None)


def imported_files(code: list[str], root: Path = ROOT) -> set[Path]:
    """Return the book's files that code uses: modules, pages, theirs in turn, and their data."""
    data = [path for path in (root / "helpers").rglob("*.*") if path.suffix not in (".py", ".pyc")]
    waiting, found = set().union(*map(imported, code)), set()
    while waiting:
        file = module_file(waiting.pop(), root)
        if file is None or file in found:
            continue
        text = _contents(file, file.stat().st_mtime_ns)
        waiting |= imported(text)
        found |= {file, *(path for path in data if path.name in text)}
    return found


def digest(page: Path, root: Path = ROOT) -> str:
    """Return a digest of all that a page's outputs depend on, its own cells left out."""
    result = hashlib.sha256(sys.version.encode())
    for file in [*sorted(imported_files(sources(page), root)), root / "environments" / "book.lock"]:
        text = _contents(file, file.stat().st_mtime_ns)
        result.update(f"{file.name}\0{text}".encode())
    return result.hexdigest()


@cache
def _contents(file: Path, changed: int) -> str:
    """Return a file's text; of a page, what another one can import from it."""
    if file.suffix == ".ipynb":
        return chapters.code(chapters.cells(file))
    return file.read_text("utf-8")
