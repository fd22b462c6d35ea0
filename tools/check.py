"""Check what can be said quickly of a change: form, derivations, and the pages that changed.

python tools/check.py [--since main]

`make check` builds those pages first. `make test` is the whole truth.
"""

import argparse
import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dependencies
from locations import ROOT

PYTEST = [sys.executable, "-m", "pytest", "-q"]
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"]
# Neither the rebuilds nor the tests of the tests: that nbval, and the comparison, notice a change.
FORM = ["--hypothesis-profile=quick", "tests/notebooks", "tests/derivations", "-k"]
FORM += ["test_notebook_format or test_setup_cells or test_agrees_with_keras"]


def git(*arguments: str) -> str:
    """Return what git prints.

    Raises:
        RuntimeError: git failed; the message is its own.
    """
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def changed_files(since: str) -> set[Path]:
    """Return the files that differ from a commit, and those that git does not know yet."""
    names = git("diff", "--name-only", since, "--")
    names += git("ls-files", "--others", "--exclude-standard")
    return {ROOT / name for name in names.splitlines()}


def lends_the_same(page: Path, since: str) -> bool:
    """Return whether other pages import from a notebook what they imported at a commit."""
    try:
        before = git("show", f"{since}:{page.relative_to(ROOT).as_posix()}")
    except RuntimeError:  # it is new
        return False
    now = page.read_text("utf-8") if page.is_file() else before
    return dependencies.lent(now) == dependencies.lent(before)


def changed_pages(since: str) -> list[Path]:
    """Return the pages that changed on the way from a commit, and those that import what did."""
    since = git("merge-base", since, "HEAD").strip()  # what others did there meanwhile is no change
    files = changed_files(since)
    texts = set((ROOT / "chapters").rglob("*.md")) & files
    same = {path for path in files if path.suffix == ".ipynb" and lends_the_same(path, since)}
    pages = {
        page
        for page in dependencies.pages(ROOT)
        if page in files
        or dependencies.imported_files(dependencies.sources(page), ROOT) & (files - same)
    }
    return sorted(texts | pages)


def tests_that_open(names: list[str]) -> list[str]:
    """Return the site's tests that name one of some pages, which their own name does not say."""
    files = sorted((ROOT / "tests" / "website").glob("test_*.py"))
    parts = [part for file in files for part in ast.parse(file.read_text("utf-8")).body]
    return [
        part.name
        for part in parts
        if getattr(part, "name", "").startswith("test_")
        and any(f"{name}.html" in ast.unparse(part) for name in names)
    ]


def commands(pages: list[Path]) -> list[list[list[str]]]:
    """Return the commands for each of two cores: those of the notebooks, and of the site."""
    notebooks = [str(page) for page in pages if page.suffix == ".ipynb"]
    names = [page.relative_to(ROOT).with_suffix("").as_posix() for page in pages]
    names = [name.removeprefix("chapters/") for name in names]
    names += tests_that_open(names)
    nbval = [[*PYTEST, *NBVAL, *notebooks]] if notebooks else []
    site = [[*PYTEST, "tests/website", "-k", " or ".join(names)]] if names else []
    return [[*nbval, [*PYTEST, *FORM]], site]


def run(row: list[list[str]]) -> int:
    """Run commands one after the other; return the greatest of their codes."""
    return max((subprocess.run(command, cwd=ROOT).returncode for command in row), default=0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--since", default="main", help="a commit (default: %(default)s)")
    try:
        pages = changed_pages(parser.parse_args().since)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    print("Pages that changed:", ", ".join(page.stem for page in pages) or "none", flush=True)
    with ThreadPoolExecutor() as cores:
        return max(cores.map(run, commands(pages)))


if __name__ == "__main__":
    sys.exit(main())
