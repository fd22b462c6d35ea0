"""Check what can be said quickly of a change: form, derivations, and the pages that changed.

python tools/check.py [--since main]

`make check` builds those pages first. `make test` is the whole truth.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import dependencies
from locations import ROOT

# Not the rebuilds, nor that each changed number in a derivation is noticed.
QUICK = "test_notebook_format or test_setup_cells or test_nbval or test_agrees_with_keras"
PYTEST = [sys.executable, "-m", "pytest", "-q"]
NBVAL = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"]
TESTS = ["--hypothesis-profile=quick", "tests/notebooks", "tests/derivations", "tests/website"]


def git(*arguments: str) -> list[str]:
    """Return the lines that git prints.

    Raises:
        RuntimeError: git failed; the message is its own.
    """
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.splitlines()


def changed_files(since: str) -> set[Path]:
    """Return the files that differ from a commit, and those that git does not know yet."""
    names = git("diff", "--name-only", since, "--")
    names += git("ls-files", "--others", "--exclude-standard")
    return {ROOT / name for name in names}


def changed_pages(files: set[Path], root: Path = ROOT) -> list[Path]:
    """Return the pages among files, and the pages that use one of them."""
    texts = {path for path in files if path.suffix == ".md" and root / "chapters" in path.parents}
    used = {
        page: {page} | dependencies.imported_files(dependencies.sources(page), root)
        for page in dependencies.pages(root)
    }
    return sorted(texts | {page for page, its in used.items() if its & files})


def commands(pages: list[Path]) -> list[list[str]]:
    """Return the commands that compare pages' outputs, and that run the tests."""
    notebooks = [str(page) for page in pages if page.suffix == ".ipynb"]
    names = [page.relative_to(ROOT).with_suffix("").as_posix() for page in pages]
    names = [name.removeprefix("chapters/") for name in names]
    tests = [*PYTEST, *TESTS, "-k", " or ".join([QUICK, *names])]
    return [tests] + ([[*PYTEST, *NBVAL, *notebooks]] if notebooks else [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--since", default="main", help="a commit (default: %(default)s)")
    try:
        pages = changed_pages(changed_files(parser.parse_args().since))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    print("Pages that changed:", ", ".join(page.stem for page in pages) or "none", flush=True)
    # Side by side: one core each.
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands(pages)]
    return max(process.wait() for process in running)


if __name__ == "__main__":
    sys.exit(main())
