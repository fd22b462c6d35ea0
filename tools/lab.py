"""A JupyterLab of its own on a copy of the notebooks, for the tests and the benchmark."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from locations import ROOT, notebooks

TIMEOUT = 120  # seconds: a busy machine starts a kernel and TensorFlow slowly

# A popup would ask about news from the internet; and a cell that is scrolled out of sight would
# not be in the page at all.
SETTINGS = {
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
    "notebook-extension/tracker": '{"windowingMode": "none"}',
}

ALL_CELLS_RAN = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
    const texts = prompts.map(prompt => prompt.textContent);
    return texts.some(text => /\\d/.test(text)) && !texts.some(text => text.includes('*'));
}"""


@dataclass
class Lab:
    """A running JupyterLab."""

    address: str
    token: str

    def open(self, tab, page: str) -> None:
        """Open a notebook, such as 'chapters/metrics/mean.ipynb', in a browser's tab and run it."""
        tab.set_default_timeout(1000 * TIMEOUT)
        # Each page has a workspace of its own: in a shared one, a tab opens the others' pages too,
        # and asks in a dialog which of them may save.
        workspace = f"{self.address}/lab/workspaces/{Path(page).stem}"
        tab.goto(f"{workspace}/tree/{page}?token={self.token}")
        # The notebook's own sign says idle before there is a kernel; the status bar does not.
        tab.locator(".jp-StatusBar-TextItem").filter(has_text="| Idle").wait_for()
        tab.locator(".lm-MenuBar-itemLabel").get_by_text("Run", exact=True).click()
        tab.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
        tab.wait_for_function(ALL_CELLS_RAN)


@contextmanager
def lab(theme: str = "JupyterLab Light"):
    """Start JupyterLab on a copy of the book's notebooks; yield it, and end it with its kernels.

    Args:
        theme: the name of one of JupyterLab's themes.

    Raises:
        RuntimeError: the server did not start; the message ends with its log.
    """
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        folder = Path(folder)
        _copy_book(folder / "book")
        _write_settings(folder / "lab" / "user-settings", theme)
        with (folder / "log").open("w") as log:
            process = _start(folder, log)
            try:
                yield _started(process, folder)
            finally:
                _end(process)


def _copy_book(target):
    """Copy what a notebook needs, without outputs: what is then seen was made by this kernel."""
    for folder in ("helpers", "chapters"):
        shutil.copytree(ROOT / folder, target / folder)
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, target / path.relative_to(ROOT))


def _write_settings(folder, theme):
    themes = f'{{"theme": "{theme}"}}'
    for name, text in {**SETTINGS, "apputils-extension/themes": themes}.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _start(folder, log):
    # The user's own settings and running servers stay out of it. Kernels and the widgets' extension
    # are found all the same: they lie beside Python, in its share/jupyter.
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    # A kernel that finds this variable does not show what C++ code writes: TensorFlow's log.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={folder / 'book'}"]
    return subprocess.Popen(
        command,
        env={**inherited, **dict.fromkeys(names, str(folder))},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C ends the tests, which then end the server
    )


def _started(process, folder):
    """Return the server, which writes where it is once it answers."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        for place in folder.glob("jpserver-*.json"):
            with suppress(json.JSONDecodeError):  # it is being written
                found = json.loads(place.read_text("utf-8"))
                return Lab(found["url"].rstrip("/"), found["token"])
        time.sleep(0.1)
    said = (folder / "log").read_text("utf-8")[-2000:]
    raise RuntimeError(f"JupyterLab did not start; its log ends with:\n{said}")


def _end(process):
    """End the server, which ends its kernels when it is asked to end."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()  # a kernel ends itself when it finds its server gone
        process.wait()
