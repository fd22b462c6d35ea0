"""What goes wrong on a reader's machine gets a sentence that says what to do, not a traceback."""

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import install
import notebooks
import pages
import pytest
import serve
import setup_cells

DISK = namedtuple("DISK", "total used free")
UNREACHABLE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "0",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "npm_config_registry": "http://127.0.0.1:9/",
    "npm_config_fetch_retries": "0",
}


def run(*command, **options):
    """Return the exit code of a command and the lines that it wrote to stderr."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr.splitlines()


def make(folder, *words, **options):
    """Run make in a copy of what an installation needs; return its code and first words."""
    for name in ("Makefile", "requirements.lock", "package-lock.json"):
        shutil.copy(pages.ROOT / name, folder)
    (folder / "tools").mkdir(exist_ok=True)
    shutil.copy(install.__file__, folder / "tools")
    # A test that is itself run by make must not hand its own flags on.
    env = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "PYTHON")}
    return run("make", *words, cwd=folder, env={**env, **options})


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Return an environment of its own."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.mark.parametrize("version", ["3, 10, 13", "3, 14, 0", "2, 7, 18"])
def test_python_too_old_or_too_new(version, tmp_path):
    """A stand-in runs the Makefile's own question as if it were another version."""
    stand_in = tmp_path / "python"
    change = f"import sys; sys.version_info = ({version}); exec(sys.argv[1])"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{change}" "$2"\n')
    stand_in.chmod(0o755)
    code, said = make(tmp_path, "install", f"PYTHON={stand_in}")
    assert code
    assert said[-2].startswith(f"{stand_in} is not Python 3.11, 3.12 or 3.13. Name one that is:")
    assert not (tmp_path / ".venv").exists()


def test_no_python_that_fits(tmp_path):
    code, said = make(tmp_path, "install", "PYTHON=")
    assert code
    assert said[-2].startswith("No Python 3.11, 3.12 or 3.13 was found.")


def test_python_of_the_environment_is_gone(tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    (tmp_path / ".venv" / "created").touch()
    make(tmp_path, "--dry-run", "install")
    assert not (tmp_path / ".venv" / "created").exists(), "so that it is made again"


@pytest.mark.parametrize("lock", ["requirements.lock", "package-lock.json"])
def test_no_network(lock, environment, tmp_path):
    python = environment / "bin" / "python" if lock == "requirements.lock" else sys.executable
    folder = tmp_path / "book"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(install.__file__, folder / "tools")
    for name in (lock, "package.json"):
        shutil.copy(pages.ROOT / name, folder)
    env = {**os.environ, **UNREACHABLE, "npm_config_cache": str(tmp_path / "cache")}
    code, said = run(python, "tools/install.py", lock, cwd=folder, env=env)
    assert code == 1
    assert "packages was not reached. Check the network; behind a proxy" in said[0]
    assert said[1:] == ["Then run the same command again."]


def test_no_space_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: DISK(9e9, 8.5e9, 0.5e9))
    with pytest.raises(install.InstallError, match=r"^No space: 0\.5 GB are free in .* 3\.0 GB"):
        install.pip_install(Path("requirements.lock"), tmp_path)
    assert not (tmp_path / "unfinished").exists()


def test_no_space_left_while_installing():
    code = "import os, sys; sys.exit(OSError(28, os.strerror(28)))"
    with pytest.raises(install.InstallError, match="No space is left on the disk"):
        install.run([sys.executable, "-c", code], "The index")


def test_no_space_to_build(monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: DISK(9e9, 8.9e9, 0.1e9))
    monkeypatch.setattr(sys, "argv", ["notebooks.py", "--execute"])
    assert notebooks.main() == 1
    assert capsys.readouterr().err.startswith("No space: 0.1 GB are free in ")


def test_another_fault_is_shown_as_it_came():
    code = "import sys; sys.exit('hashes do not match')"
    with pytest.raises(install.InstallError, match=r"^The index: hashes do not match$"):
        install.run([sys.executable, "-c", code], "The index")


def test_failed_installation_is_marked_and_mended(environment, tmp_path):
    """What pip was killed at is not taken for whole: the environment is emptied first."""
    with pytest.raises(install.InstallError, match="no-such-file"):
        install.pip_install(tmp_path / "no-such-file", environment)
    assert (environment / "unfinished").exists()
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "half_a_package").mkdir()
    lock = tmp_path / "empty.lock"
    lock.write_text("")
    install.pip_install(lock, environment)
    assert not (packages / "half_a_package").exists()
    assert not (environment / "unfinished").exists()
    assert (environment / "created").exists()


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
    return {**os.environ, "PYTHONPATH": f"{folder}:{pages.ROOT}"}


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


def test_helpers_are_not_found_by_a_notebook(tmp_path):
    (line,) = shown(setup_cells.setup_cell(), cwd=tmp_path)
    assert line.startswith("No helpers here: on your machine, open this notebook inside the book's")


def test_tensorflow_is_broken_when_it_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", without(True, tmp_path)["PYTHONPATH"])
    with pytest.raises(install.InstallError, match="does not start: ImportError: DLL load failed"):
        install.check_tensorflow()


def test_port_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        code, said = run(sys.executable, serve.__file__, "--port", str(number))
    sentence = f"Port {number}: it is taken. Choose another: make serve PORT=8001"
    assert (code, said) == (1, [sentence])


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_port_is_none(port):
    code, said = run(sys.executable, serve.__file__, "--port", port)
    assert code
    assert f"'{port}' is no port; expected a number from 1 to 65535" in said[-1]
