"""Write the setup cell of every notebook from the repository's address in _config.yml.

python tools/setup_cells.py           write the cells that are stale
python tools/setup_cells.py --check   name the notebooks with a stale cell, and fail
"""

import argparse
import sys
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
CELL_ID = "setup"

# The `# fmt: skip` keeps the cell at five lines whatever the length of the address.
TEMPLATE = """\
import importlib.util, sys

if not importlib.util.find_spec("helpers"):
    "google.colab" in sys.modules and get_ipython().system("{clone}")  # fmt: skip
    sys.path += ["..", "../..", "book"]
assert importlib.util.find_spec("helpers"), "{help}"  # fmt: skip
"""

# Without the variable, git waits for a password that nobody can type when the address is wrong.
CLONE = "test -d book || GIT_TERMINAL_PROMPT=0 git clone -q --depth 1 -b {branch} {url} book"

HELP = (
    "No helpers here: on your machine, open this notebook inside the book's folder; "
    "in Colab, {url} must be public and have the branch {branch}."
)


def setup_cell(root: Path = ROOT) -> str:
    """Return the source of the setup cell.

    Raises:
        KeyError: _config.yml has no repository url or branch.
    """
    repository = yaml.safe_load((root / "_config.yml").read_text("utf-8")).get("repository", {})
    missing = [key for key in ("url", "branch") if not repository.get(key)]
    if missing:
        raise KeyError(f"_config.yml: repository has no {' and no '.join(missing)}; expected both")
    address = {key: repository[key] for key in ("url", "branch")}
    return TEMPLATE.format(clone=CLONE.format(**address), help=HELP.format(**address)).rstrip()


def notebooks(root: Path = ROOT) -> list[Path]:
    """Return every notebook of the book, in a fixed order."""
    return sorted((root / "chapters").rglob("[!.]*.ipynb"))


def refresh(path: Path, source: str, write: bool) -> bool:
    """Return whether the notebook's setup cell was stale; mend it when `write` is set.

    Raises:
        ValueError: the notebook has no cell with the id `setup`.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.get("id") == CELL_ID]
    if not cells:
        raise ValueError(f"{path}: no cell has the id '{CELL_ID}'; expected one at the top")
    if cells[0].source == source:
        return False
    if write:
        cells[0].source = source
        nbformat.write(notebook, path)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if any is stale")
    check = parser.parse_args().check
    source = setup_cell()
    stale = [path for path in notebooks() if refresh(path, source, write=not check)]
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
