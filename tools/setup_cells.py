"""The setup cell of every notebook, made from the repository's address in _config.yml."""

import re
from pathlib import Path

import nbformat
import yaml
from locations import ROOT

CELL_ID = "setup"

# The `# fmt: skip` keeps the cell at five lines whatever the length of the address.
TEMPLATE = """\
import importlib.util, sys

if not importlib.util.find_spec("helpers"):
    "google.colab" in sys.modules and get_ipython().system("{clone}")  # fmt: skip
    sys.path += [{above}, "book"]
    if not importlib.util.find_spec("helpers"): raise {error}("{help}")  # fmt: skip
"""

# Without the variable, git waits for a password that nobody can type when the address is wrong.
# A host tells no stranger whether a repository is private or missing, so one sentence says both.
CLONE = (
    "export GIT_TERMINAL_PROMPT=0; test -d book || git clone -q --depth 1 -b {branch} {url} book"
    " || (git ls-remote -q --exit-code {url} refs/heads/{branch} > /dev/null 2>&1; case $? in"
    " 2) echo 'The book has no branch {branch}.';;"
    " 128) echo 'The book is private, missing or out of reach.';; esac)"
)

HELP = (
    "No helpers here: on your machine, open this notebook inside the book's folder; "
    "in Colab, {url} must be public and have the branch {branch}."
)

# A notebook shows its sentence alone, without a traceback.
ERROR = 'type("NoHelpers", (ImportError,), {"_render_traceback_": lambda error: [str(error)]})'


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


def setup_cell(root: Path = ROOT, depth: int = 2) -> str:
    """Return the source of the setup cell; what it raises is what `address` raises.

    Args:
        root: the folder of _config.yml.
        depth: how many folders below it the notebook may lie.
    """
    here = address(root)
    above = ", ".join(f'"{"/".join([".."] * steps)}"' for steps in range(1, depth + 1))
    clone, help_ = CLONE.format(**here), HELP.format(**here)
    return TEMPLATE.format(clone=clone, above=above, error=ERROR, help=help_).rstrip()


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
