"""The setup cell of every notebook, made from the repository's address in _config.yml."""

import re
from pathlib import Path

import nbformat
import yaml
from locations import ROOT

CELL_ID = "setup"

# Without the variable, git waits for a password that nobody can type when the address is wrong.
# A second try finds what the first one missed: Python remembers that there was no folder `book`.
TEMPLATE = """\
# @title Set-up: find the book's helpers in a folder above; in Colab, fetch them first
import importlib.util, sys
from IPython.core.error import UsageError

if not importlib.util.find_spec("helpers"):
    if "google.colab" in sys.modules:
        book = "{url}"
        !test -d book || GIT_TERMINAL_PROMPT=0 git clone -q --depth 1 -b {branch} {{book}} book
    sys.path += ["..", "../..", "../../..", "book"]
    importlib.invalidate_caches()
if not importlib.util.find_spec("helpers"):
    raise UsageError("No helpers: open this in the book's folder; Colab needs it public.")
"""

# Both stand in a shell command and in a Python string: nothing that either of them would read.
URL = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+(?<!\.git)")
BRANCH = re.compile(r"\w[\w./-]*")


def address(root: Path = ROOT) -> dict[str, str]:
    """Return the repository's `url` and `branch`.

    Raises:
        KeyError: _config.yml has no repository url or branch.
        ValueError: one of them cannot be an address or a branch.
    """
    repository = yaml.safe_load((root / "_config.yml").read_text("utf-8")).get("repository") or {}
    missing = [key for key in ("url", "branch") if not repository.get(key)]
    if missing:
        raise KeyError(f"_config.yml: repository has no {' and no '.join(missing)}; expected both")
    url, branch = (str(repository[key]).rstrip("/") for key in ("url", "branch"))
    if not URL.fullmatch(url):
        raise ValueError(
            f"_config.yml: repository.url is {url!r}; expected one like "
            "https://github.com/your-name/your-book (Colab opens pages from GitHub alone)"
        )
    if not BRANCH.fullmatch(branch):
        raise ValueError(f"_config.yml: repository.branch is {branch!r}; expected a name like main")
    return {"url": url, "branch": branch}


def setup_cell(root: Path = ROOT) -> str:
    """Return the source of the setup cell; what it raises is what `address` raises."""
    return TEMPLATE.format(**address(root)).rstrip()


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
