"""Report which stored outputs the newest releases no longer print.

python tools/drift.py          make an environment of the newest releases, and compare there
python tools/drift.py --here   compare in the environment that runs this

The report is _build/drift.json, and the same as a table, _build/drift.md. Nothing in git changes.
"""

import argparse
import datetime
import itertools
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import nbformat
from locations import BUILD, ROOT, notebooks
from notebooks import WORKERS, PageError, execute, normalise
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

FREED = ("tensorflow", "tensorflow-cpu", "numpy")  # pinned only so that readers see equal numbers
NAMED = (*FREED, "keras", "matplotlib", "scikit-learn", "ipywidgets")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def newest_requirements(root: Path = ROOT) -> list[str]:
    """Return the lines of requirements.txt, with the pins that only hold numbers still dropped."""
    lines = (root / "requirements.txt").read_text("utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    for requirement in wanted:
        if requirement.name in FREED:
            requirement.specifier = SpecifierSet()
    return [str(requirement) for requirement in wanted]


def make_environment(folder: Path) -> Path:
    """Install the newest releases into a new environment; return its Python.

    Raises:
        RuntimeError: nothing could be installed; the message ends with the installer's own.
    """
    python = folder / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "--quiet"]
    for command in (
        [*uv, "venv", "--python", sys.executable, folder],
        [*uv, "pip", "install", "--python", python, *newest_requirements()],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the newest releases could not be installed:\n{done.stderr}")
    return python


def text(output) -> str:
    """Return what a normalised output says."""
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return output.text if output.output_type == "stream" else output.data["text/plain"]


def compared(notebook) -> dict[str, list[str]]:
    """Return the lines that each compared cell of a normalised notebook prints, by cell id."""
    return {
        cell.id: "\n".join(map(text, cell.outputs)).splitlines()
        for cell in notebook.cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", [])
    }


def differences(old, new) -> list[dict[str, str]]:
    """Return what two runs of one page print differently, number by number.

    Args:
        old: the notebook as git keeps it.
        new: the same notebook after another run.

    Returns:
        For each difference the cell's id, the line as it was, and what was `old` and is `new`:
        two numbers where all else in the line is equal, else two lines.
    """
    found, fresh = [], compared(normalise(new))
    for cell, lines in compared(normalise(old)).items():
        for before, after in itertools.zip_longest(lines, fresh[cell], fillvalue=""):
            pairs = _pairs(before, after)
            found += [{"cell": cell, "line": before, "old": a, "new": b} for a, b in pairs]
    return found


def _pairs(before, after):
    """Return the pairs in which two lines differ: numbers where the words agree, else the lines."""
    if before == after:
        return []
    if NUMBER.sub("#", before).split() != NUMBER.sub("#", after).split():
        return [(before, after)]
    numbers = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return [(a, b) for a, b in numbers if a != b]


def report(paths: list[Path]) -> dict:
    """Execute pages in this environment; return what they print differently, as data."""
    drift, failed = [], []
    with ThreadPoolExecutor(WORKERS) as pool:
        for path, job in [(path, pool.submit(execute, path)) for path in paths]:
            try:
                found = differences(nbformat.read(path, as_version=4), job.result())
            except PageError as error:
                failed.append(str(error))
                continue
            page = f"{path.parent.name}/{path.stem}"
            drift += [{"page": page, **difference} for difference in found]
    return {
        "date": datetime.date.today().isoformat(),
        "python": sys.version.split()[0],
        "versions": versions(),
        "pages": len(paths),
        "failed": failed,
        "drift": drift,
    }


def versions(root: Path = ROOT) -> dict[str, dict[str, str | None]]:
    """Return the locked version and this environment's of each package that makes the numbers."""
    lock = (root / "environments/book.lock").read_text("utf-8")
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, flags=re.MULTILINE))
    here = {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions()}
    return {name: {"old": locked.get(name), "new": here[name]} for name in NAMED if name in here}


def as_table(report: dict) -> str:
    """Return the report as Markdown."""
    packages = ", ".join(
        f"{name} {version['old']} → {version['new']}"
        for name, version in report["versions"].items()
    )
    lines = [
        f"## {len(report['drift'])} differences, {len(report['failed'])} failed pages",
        "",
        f"{report['date']}, {report['pages']} pages, Python {report['python']}: {packages}.",
        "",
        *(f"- {_cell(failure)}" for failure in report["failed"]),
    ]
    if report["drift"]:
        lines += ["", "| page | cell | line | old | new |", "|---|---|---|---|---|"]
    for row in report["drift"]:
        cells = (_cell(row[key]) for key in ("page", "cell", "line", "old", "new"))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(words):
    return words.strip().replace("|", "\\|").replace("<", "&lt;")


def there(paths: list[Path]) -> int:
    """Compare in a new environment of the newest releases; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="newest-") as folder:
        try:
            python = make_environment(Path(folder))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 2
        return subprocess.run([python, Path(__file__), "--here", *paths]).returncode


def here(paths: list[Path]) -> int:
    """Compare in this environment and write the report; return 1 where anything differs."""
    found = report(paths)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "drift.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    (BUILD / "drift.md").write_text(as_table(found), "utf-8")
    print(as_table(found))
    return int(bool(found["drift"] or found["failed"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--here", action="store_true", help="install nothing")
    parser.add_argument("pages", nargs="*", type=Path, help="notebooks; all of them by default")
    options = parser.parse_args()
    paths = [path.resolve() for path in options.pages] or notebooks()
    return here(paths) if options.here else there(paths)


if __name__ == "__main__":
    sys.exit(main())
