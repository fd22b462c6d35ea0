"""Run Python that is not trusted: no network, a read-only system, a /tmp of its own, and limits.

The sandbox is bubblewrap's (Debian's package `bubblewrap`). In it runs sandboxed/server.py, which
answers requests; this side trusts nothing of what comes back but its form.
"""

import dataclasses
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

SANDBOXED = Path(__file__).parent / "sandboxed"
MAX_REPLY = 4 << 20  # bytes
MEMORY, FILE_BYTES = 1 << 30, 16 << 20  # of address space; of a file, and of all of /tmp
MOST_SECONDS = 105  # for one student on a busy machine, so that none takes more than two minutes
# The exit codes of a process that the limit on computing ends; bubblewrap adds 128 to the signal.
OUT_OF_TIME = {-signal.SIGXCPU, 128 + signal.SIGXCPU}

# Nobody's account: only processes that run as root here ever take one of these numbers.
FIRST_UID, UIDS = 700_000, 100_000
IS_ROOT = os.geteuid() == 0

# The only environment variables that code in the sandbox sees; each thread counts as a process.
VARIABLES = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
VARIABLES |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class SandboxError(Exception):
    """There is no sandbox here, or it does not start."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What code that is not trusted may use.

    Attributes:
        seconds: of computing, for one request. A busy machine does not use them up.
        protected: whether there is a sandbox; without it, the code runs as the teacher's own.
    """

    seconds: float = 5.0
    protected: bool = True

    @property
    def exercise_seconds(self) -> float:
        """Of wall time, for one exercise or one cell: waiting counts. A busy machine gives more."""
        return 3 * self.seconds * _slowness()

    @property
    def notebook_seconds(self) -> float:
        """Of wall time, for all that one student has handed in: a busy machine gives a little."""
        return max(19 * self.seconds, min(MOST_SECONDS, 19 * self.seconds * _slowness()))


def _slowness():
    """Return how many times longer all takes here than on idle cores."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Sandbox:
    """One process in a sandbox of its own, started at once.

    Args:
        settings: what it may use.
    """

    def __init__(self, settings: Settings):
        self._settings, self._unread = settings, b""
        self._channel, theirs = socket.socketpair()
        with theirs:
            streams = {"stdin": theirs, "stdout": theirs, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen(
                command(settings), **streams, cwd="/", env=VARIABLES, start_new_session=True
            )

    def ask(self, request: dict, deadline: float) -> dict:
        """Return the reply to a request. Where there is none, the process is ended.

        Args:
            request: the action and its arguments.
            deadline: until when to wait for it, in seconds of time.monotonic().

        Raises:
            TimeoutError: it took too long.
            ProcessLookupError: the process ended, or replied with something else.
        """
        nonce = os.urandom(8).hex()  # only our side repeats it
        try:
            line = self._exchanged(json.dumps(request | {"nonce": nonce}).encode(), deadline)
            reply = json.loads(line)
            if isinstance(reply, dict) and reply.pop("nonce", None) == nonce:
                return reply
            raise ValueError
        except TimeoutError:
            self.close()
            raise TimeoutError("took too long, waiting included, and was stopped") from None
        except (ConnectionError, EOFError):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.05)  # how it ended by itself
            self.close()
            if self._process.returncode in OUT_OF_TIME:
                words = f"took longer than {self._settings.seconds:g} s, and was stopped"
                raise TimeoutError(words) from None
            raise ProcessLookupError("ended the Python process") from None
        except (ValueError, RecursionError):
            self.close()
            raise ProcessLookupError("disturbed the process that runs it") from None

    def _exchanged(self, line, deadline):
        """Return the line that answers a line."""
        self._channel.settimeout(max(0.001, deadline - time.monotonic()))
        self._channel.sendall(line + b"\n")
        while b"\n" not in self._unread and len(self._unread) <= MAX_REPLY:
            self._channel.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self._channel.recv(65536)
            if not piece:
                raise EOFError
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def close(self):
        """End the process and all that it has started."""
        with suppress(ProcessLookupError):
            # bubblewrap takes its whole process namespace with it; without it, the session goes.
            os.killpg(self._process.pid, 9)
        self._process.wait()
        self._channel.close()


def command(settings: Settings) -> list[str]:
    """Return the command line that starts sandboxed/server.py, in a sandbox if there is to be one.

    Raises:
        SandboxError: settings.protected, and bubblewrap is not installed.
    """
    folder = Path("/sandboxed") if settings.protected else SANDBOXED
    limits = {"AS": MEMORY, "FSIZE": FILE_BYTES, "CORE": 0, "NOFILE": 64}
    limits["CPU"] = math.ceil(20 * settings.seconds) + 10
    if settings.protected:
        # Where the server cannot tell threads from processes, there is one of either. A user
        # namespace has bubblewrap's first one too.
        limits["NPROC"] = 1 if IS_ROOT else 2
    python = Path(sys.prefix, "bin", Path(sys.executable).name)
    server = [str(python), "-s", "-P", "-B", str(folder / "server.py")]
    server += [json.dumps(limits), str(settings.seconds)]
    return [*_bubblewrap(), *_as_nobody(), *server] if settings.protected else server


def _as_nobody():
    """Return the command that gives up root: root escapes the limit on processes."""
    if not IS_ROOT:
        return []
    uid = str(FIRST_UID + os.getpid() % UIDS)
    return ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--inh-caps=-all"]


def _bubblewrap():
    program = shutil.which("bwrap")
    if not program:
        raise SandboxError(
            "bubblewrap is not installed, so there is no sandbox to run students' code in. "
            "On Debian or Ubuntu: apt-get install bubblewrap"
        )
    namespaces = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    if IS_ROOT:  # enough to become nobody, which _as_nobody does
        namespaces += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        namespaces += ["--unshare-user"]
    small = ["--perms", "1777", "--size", str(FILE_BYTES), "--tmpfs"]
    return [
        *(program, "--die-with-parent", "--new-session", *namespaces),
        *("--proc", "/proc", "--dev", "/dev", *small, "/dev/shm", "--remount-ro", "/dev"),
        *(*small, "/tmp", *_system()),
        *("--ro-bind", str(SANDBOXED), "/sandboxed", "--remount-ro", "/", "--chdir", "/tmp"),
    ]


def _system():
    """Return the options that show Python and the system's libraries, read-only, and no more.

    The reference is hidden: nothing in the sandbox can call Keras.
    """
    options = ["--ro-bind", "/usr", "/usr"]
    for path in (Path("/", name) for name in ("bin", "lib", "lib32", "lib64")):
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for prefix in dict.fromkeys((sys.base_prefix, os.path.realpath(sys.base_prefix), sys.prefix)):
        if Path(prefix).is_relative_to("/usr"):
            continue
        for parent in reversed(Path(prefix).parents[:-1]):
            if str(parent) != "/tmp":
                options += ["--perms", "0755", "--dir", str(parent)]
        options += ["--ro-bind", prefix, prefix]
    for name in ("tensorflow", "keras"):
        folder = Path(sysconfig.get_path("purelib"), name)
        if folder.is_dir():
            options += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    return options


def check(settings: Settings):
    """Start a sandbox once.

    Raises:
        SandboxError: it does not start; the message has the last words of what failed.
    """
    try:
        options = {"input": b"", "capture_output": True, "timeout": 60}
        done = subprocess.run(command(settings), **options, cwd="/", env=VARIABLES)
    except subprocess.TimeoutExpired:
        raise SandboxError("the sandbox does not start within a minute") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise SandboxError(f"the sandbox does not start: {words.splitlines()[-1]}")
