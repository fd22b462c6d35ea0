"""Measure a rebuild: of everything, after one page was edited, and after nothing was.

python tools/bench_rebuild.py [--page chapters/metrics/mean.ipynb]

All three are measured in one run, in a copy of the book, as `make book` does them: execute what has
changed, then build.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from locations import NODE_MODULES, ROOT

LEFT_OUT = shutil.ignore_patterns("_build", "node_modules", ".venv*", ".git", ".*_cache")
BUILD = "from jupyter_book.cli.main import main; main()"
STEPS = (["tools/notebooks.py", "--execute"], ["-c", BUILD, "build", ".", "-W", "--quiet"])


def build(book: Path) -> float:
    """Return the seconds that executing and building take.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    start = time.monotonic()
    for step in STEPS:
        subprocess.run([sys.executable, *step], cwd=book, check=True, capture_output=True)
    return time.monotonic() - start


def edit(page: Path):
    """Change a cell of a notebook, so that it is executed again."""
    notebook = nbformat.read(page, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[-1].source += "\n# edited"
    nbformat.write(notebook, page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=Path("chapters/metrics/mean.ipynb"))
    page = parser.parse_args().page
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        shutil.copytree(ROOT, book, ignore=LEFT_OUT)
        (book / "website" / "node_modules").symlink_to((NODE_MODULES).resolve())
        full = build(book)
        edit(book / page)
        times = {"everything": full, f"{page} edited": build(book), "nothing edited": build(book)}
    print(f"{'':40}{'seconds':>8}{'of all':>8}")
    for name, seconds in times.items():
        print(f"{name:40}{seconds:8.1f}{seconds / full:8.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
