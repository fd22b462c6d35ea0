"""What goes wrong on a reader's machine gets a sentence that says what to do, not a traceback."""

import errno
import os
import socket
import subprocess
import sys

import locations
import pytest
import serve


def run(*command, **options):
    """Return the exit code of a command and the lines that it wrote to stderr."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr.splitlines()


MISSING = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name=name)
sys.meta_path.insert(0, Nowhere())
"""


def without(broken, folder):
    """Return variables for a Python in which TensorFlow is missing or broken."""
    if broken:
        (folder / "tensorflow.py").write_text("raise ImportError('DLL load failed\\n\\nAsk!')")
    else:
        (folder / "sitecustomize.py").write_text(MISSING)
    return {**os.environ, "PYTHONPATH": f"{folder}:{locations.ROOT}"}


def shown(code, **options):
    """Return the lines that a notebook shows of a cell, which ends with an error."""
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode
    return (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (False, "has no TensorFlow: in the book's folder, run `make lab`"),
        (True, "has a TensorFlow that does not start (ImportError: DLL load failed). To install"),
    ],
)
def test_tensorflow_is_missing_or_broken_in_a_notebook(broken, words, tmp_path):
    (line,) = shown("import helpers", env=without(broken, tmp_path), cwd=tmp_path)
    assert line.startswith(f"The Python of this notebook, {sys.executable}, {words}")


def test_port_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        code, said = run(sys.executable, serve.__file__, "--port", str(number))
    reason = os.strerror(errno.EADDRINUSE)
    sentence = f"Port {number}: {reason}. Choose another: make serve PORT=8001"
    assert (code, said) == (1, [sentence])


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_port_is_none(port):
    code, said = run(sys.executable, serve.__file__, "--port", port)
    assert code
    assert f"'{port}' is no port; expected a number from 1 to 65535" in said[-1]
