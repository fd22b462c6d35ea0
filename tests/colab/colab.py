"""Run a page as Colab does: an empty folder, Colab's kernel, and the page's own setup cell.

The setup cell clones the repository's address. Git is told to take a copy of the working folder in
its place, so the cell runs as it is committed, and no network is needed.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml
from locations import ROOT
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from notebooks import TIMEOUT, strip_ansi

HERE = Path(__file__).parent
LIVE = "application/vnd.jupyter.widget-view+json"
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]

# Colab's kernel has this module from its start; the pages ask for its name alone.
STAND_IN = 'import sys, types\nsys.modules["google.colab"] = types.ModuleType("google.colab")\n'

# What the machine's owner has set must not help a page, nor hinder it.
NO_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

# What the compiler says once of itself, below Python: no setting keeps it off a page.
XLA = re.compile(
    r"^(WARNING: All log .* absl::Init|I0000 .*(using XLA!|XLA service|StreamExecutor)).*\n?",
    re.MULTILINE,
)


@dataclass
class Run:
    """A page after its run: the notebook with fresh outputs, what failed, and what moved."""

    notebook: nbformat.NotebookNode
    faults: list[str] = field(default_factory=list)
    moved: dict = field(default_factory=dict)  # what `exercise.report` returns


def snapshot(folder: Path) -> Path:
    """Return a new repository with all that git would keep of the working folder as it stands."""
    repository = folder / "repository.git"
    git = ["git", f"--git-dir={repository}", f"--work-tree={ROOT}"]
    author = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (
        [*git, "init", "-q", "-b", REPOSITORY["branch"]],
        [*git, "add", "-A"],
        [*git, *author, "commit", "-q", "--no-gpg-sign", "-m", "As it stands"],
    ):
        subprocess.run(command, check=True, env={**os.environ, **NO_SETTINGS})
    return repository


def run(path: Path, folder: Path, repository: Path, unsolved: bool = False) -> Run:
    """Run a page in an empty folder, then move every control that it displays.

    Args:
        path: the notebook; the file is left alone.
        folder: an empty folder of this run's own.
        repository: what is cloned in the place of the address in _config.yml.
        unsolved: the notebook is a homework's release, whose cells may raise NotImplementedError.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    work = folder / "content"
    work.mkdir()
    done, client = Run(notebook), NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3")
    with client.setup_kernel(cwd=str(work), env=_environment(folder, repository)):
        client.kc.allow_stdin = True  # a reader sits at the page, and may be asked
        _run_cells(client, done, unsolved)
        if not done.faults:
            _move_controls(client, done)
    return done


def _environment(folder, repository):
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "colab.py").write_text(STAND_IN, "utf-8")
    ours = ("TF_", "PYTHON", "PYTEST_", "JUPYTER", "GIT_", "MPLBACKEND")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        **NO_SETTINGS,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY["url"],
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _run_cells(client, done, unsolved):
    """Run all cells, as 'Run all' does: the first one that raises ends it."""
    client.allow_errors = True  # they are told apart here
    for index, cell in enumerate(client.nb.cells):
        try:
            client.execute_cell(cell, index)
        except (CellTimeoutError, DeadKernelError) as error:
            faults = [strip_ansi(str(error)).strip().splitlines()[-1]]
        else:
            faults = _errors(cell, unsolved) + _red(cell)
        if faults:
            where = f"cell '{cell.id}' (number {index + 1})"
            done.faults += [f"{where} {fault}" for fault in faults]
            return


def _errors(cell, unsolved):
    """Return the errors that the cell raised and should not have raised."""
    if "raises-exception" in cell.metadata.get("tags", []):
        return []
    raised = [each for each in cell.get("outputs", []) if each.output_type == "error"]
    return [
        f"raised {error.ename}: {error.evalue}"
        for error in raised
        if not (unsolved and error.ename == "NotImplementedError")
    ]


def _red(cell):
    """Return what the cell wrote to stderr, which a reader sees in red."""
    streams = [each for each in cell.get("outputs", []) if each.get("name") == "stderr"]
    texts = [XLA.sub("", each.text).strip() for each in streams]
    return [f"wrote in red: {text}" for text in texts if text]


def displayed(cell) -> list[str]:
    """Return the models of the widgets that a cell displays."""
    bundles = [output.get("data", {}) for output in cell.get("outputs", [])]
    return [bundle[LIVE]["model_id"] for bundle in bundles if LIVE in bundle]


def _move_controls(client, done):
    """Move the controls of each displayed widget, in the page's own kernel."""
    models = {cell.id: displayed(cell) for cell in client.nb.cells if displayed(cell)}
    source = (HERE / "exercise.py").read_text("utf-8")
    cell = nbformat.v4.new_code_cell(
        f"{source}\n\nimport json\n\nprint(json.dumps(report({models!r})))"
    )
    client.nb.cells.append(cell)
    client.execute_cell(cell, len(client.nb.cells) - 1)
    client.nb.cells.pop()
    printed = "".join(each.text for each in cell.outputs if each.get("name") == "stdout")
    done.faults += [f"a control's callback {fault}" for fault in _errors(cell, unsolved=False)]
    if printed:
        done.moved = json.loads(printed.splitlines()[-1])
        done.faults += done.moved.pop("faults")
