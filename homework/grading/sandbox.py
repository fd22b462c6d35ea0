"""Run Python that is not trusted: no network, a read-only system, a /tmp of its own, and limits.

The sandbox is bubblewrap's (Debian's package `bubblewrap`). In it runs sandboxed/server.py, which
answers requests; this side trusts nothing of what comes back but its form.
"""

import dataclasses
import json
import math
import os
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

SANDBOXED = Path(__file__).parent / "sandboxed"
MAX_REPLY = 4 << 20  # bytes
MAX_DIGITS = 20  # of a number in a reply
MAX_SLOWNESS = 6  # of a busy machine: no student may hold up a class for longer
MIB = 1 << 20
# The exit codes of a process that the limit on computing ends; bubblewrap adds 128 to the signal.
OUT_OF_TIME = {-signal.SIGXCPU, 128 + signal.SIGXCPU}

# Nobody's account: only processes that run as root here ever take one of these numbers.
FIRST_UID, UIDS = 700_000, 100_000


class SandboxError(Exception):
    """There is no sandbox here, or it does not start."""


class EndedError(Exception):
    """The process in the sandbox has ended, or was ended; the message says why."""


class TooLongError(EndedError):
    """The process in the sandbox was ended because it took too long."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What code that is not trusted may use.

    Attributes:
        seconds: of computing, for one request. A busy machine does not use them up.
        memory: bytes of address space.
        file_bytes: size of a file, and of all of /tmp.
        protected: whether there is a sandbox; without it, the code runs as the teacher's own.
    """

    seconds: float = 5.0
    memory: int = 1024 * MIB
    file_bytes: int = 16 * MIB
    protected: bool = True

    @property
    def exercise_seconds(self) -> float:
        """Of wall time, for one exercise or one cell: waiting counts."""
        return 3 * self.seconds * _slowness()

    @property
    def notebook_seconds(self) -> float:
        """Of wall time, for all that one student has handed in."""
        return 19 * self.seconds * _slowness()


def _slowness():
    """Return how many times longer all takes here than on idle cores: waiting is no one's fault."""
    return min(MAX_SLOWNESS, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


class Budget:
    """Seconds of wall time that the grader waits for a sandbox; what it computes does not count."""

    def __init__(self, seconds: float):
        self.left = seconds


_running = set()  # the sandboxes of this process that are not closed


def close_all():
    """End every sandbox of this process."""
    for sandbox in list(_running):
        sandbox.close()


class Sandbox:
    """One process in a sandbox of its own, started at once.

    Args:
        settings: what it may use.
        handler: the file in sandboxed/ that answers requests.
    """

    def __init__(self, settings: Settings, handler: str = "student"):
        self._settings = settings
        self._process = subprocess.Popen(
            command(settings, handler),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment(),
            start_new_session=True,
        )
        _running.add(self)
        self._unread = b""
        os.set_blocking(self._process.stdin.fileno(), False)
        os.set_blocking(self._process.stdout.fileno(), False)

    def ask(self, request: dict, *budgets: Budget) -> dict:
        """Return the reply to a request.

        Args:
            request: the action and its arguments.
            *budgets: what waiting for it is taken from; the smallest is the longest wait.

        Raises:
            TooLongError: it took too long, and was ended.
            EndedError: the process ended, or replied with something else.
        """
        start = time.monotonic()
        deadline = start + max(0, min(budget.left for budget in budgets))
        try:
            self._send(json.dumps(request).encode() + b"\n", deadline)
            return _reply(self._receive(deadline))
        except TimeoutError:
            words = "took too long, waiting included, and was stopped"
            raise self._ended(TooLongError(words)) from None
        except (BrokenPipeError, EOFError):
            ended = self._ended(EndedError("ended the Python process"))
            if self._process.returncode in OUT_OF_TIME:
                seconds = self._settings.seconds
                ended = TooLongError(f"took longer than {seconds:g} s, and was stopped")
            raise ended from None
        except ValueError as error:
            raise self._ended(EndedError(str(error))) from None
        finally:
            for budget in budgets:
                budget.left -= time.monotonic() - start

    def _ended(self, error):
        self.close()
        return error

    def close(self):
        """End the process and all that it has started."""
        _running.discard(self)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)  # how it ended by itself, if it did
        with suppress(ProcessLookupError):
            # bubblewrap takes its whole process namespace with it; without it, the session goes.
            os.killpg(self._process.pid, 9)
        self._process.wait()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _send(self, data, deadline):
        stream = self._process.stdin.fileno()
        while data:
            _wait(stream, selectors.EVENT_WRITE, deadline)
            data = data[os.write(stream, data[:65536]) :]

    def _receive(self, deadline):
        stream = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            if len(self._unread) > MAX_REPLY:
                raise ValueError(f"returned more than {MAX_REPLY >> 20} MiB")
            _wait(stream, selectors.EVENT_READ, deadline)
            piece = os.read(stream, 65536)
            if not piece:
                raise EOFError
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _wait(stream, event, deadline):
    with selectors.DefaultSelector() as selector:
        selector.register(stream, event)
        if not selector.select(max(0, deadline - time.monotonic())):
            raise TimeoutError


def _reply(line):
    try:
        reply = json.loads(line, parse_int=_small_number)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise ValueError("disturbed the process that runs it")
    return reply


def _small_number(digits):
    """Return a number of a reply; one with thousands of digits takes long to compute with."""
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number has too many digits")
    return int(digits)


def environment() -> dict:
    """Return the only environment variables that code in the sandbox sees."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",  # each thread counts as a process
        "OMP_NUM_THREADS": "1",
    }


def command(settings: Settings, handler: str = "student") -> list[str]:
    """Return the command line that starts the server with a handler, in a sandbox if there is one.

    Raises:
        SandboxError: settings.protected, and bubblewrap is not installed.
    """
    folder = Path("/sandboxed") if settings.protected else SANDBOXED
    limits = json.dumps(_limits(settings) | {"seconds": settings.seconds})
    python = Path(sys.prefix, "bin", Path(sys.executable).name)
    server = [str(python), "-s", "-P", "-B", str(folder / "server.py"), limits]
    server.append(str(folder / f"{handler}.py"))
    return [*_bubblewrap(settings), *_as_nobody(), *server] if settings.protected else server


def _limits(settings):
    resources = {"AS": settings.memory, "FSIZE": settings.file_bytes, "CORE": 0}
    resources |= {"CPU": math.ceil(20 * settings.seconds) + 10, "NOFILE": 64}
    if settings.protected:
        # Where the server cannot tell threads from processes, there is one of either. A user
        # namespace has bubblewrap's first one too.
        resources["NPROC"] = 1 if _is_root() else 2
    return {"resources": resources, "protected": settings.protected}


def _as_nobody():
    """Return the command that gives up root: root escapes the limit on processes."""
    if not _is_root():
        return []
    uid = str(FIRST_UID + os.getpid() % UIDS)
    return ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--inh-caps=-all"]


def _is_root():
    return os.geteuid() == 0


def _bubblewrap(settings):
    program = shutil.which("bwrap")
    if not program:
        raise SandboxError(
            "bubblewrap is not installed, so there is no sandbox to run students' code in. "
            "On Debian or Ubuntu: apt-get install bubblewrap"
        )
    namespaces = ["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    if _is_root():  # enough to become nobody, which _as_nobody does
        namespaces += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        namespaces += ["--unshare-user"]
    return [
        *(program, "--die-with-parent", "--new-session", *namespaces),
        *("--proc", "/proc", "--dev", "/dev", *_small("/dev/shm", settings)),
        *("--remount-ro", "/dev"),
        *_small("/tmp", settings),
        *_system(),
        *("--ro-bind", str(SANDBOXED), "/sandboxed", "--remount-ro", "/", "--chdir", "/tmp"),
    ]


def _small(folder, settings):
    return ["--perms", "1777", "--size", str(settings.file_bytes), "--tmpfs", folder]


def _system():
    """Return the options that show Python and the system's libraries, read-only, and no more."""
    shown = ["/usr"]
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for prefix in (sys.base_prefix, os.path.realpath(sys.base_prefix), sys.prefix):
        if any(Path(prefix).is_relative_to(path) for path in shown):
            continue
        shown.append(prefix)
        for parent in reversed(Path(prefix).parents[:-1]):
            if str(parent) != "/tmp":
                options += ["--perms", "0755", "--dir", str(parent)]
        options += ["--ro-bind", prefix, prefix]
    return options + _hidden()


def _hidden():
    """Return the options that hide the reference: nothing in the sandbox can call Keras."""
    options = []
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
        done = subprocess.run(
            command(settings),
            input=b"",
            capture_output=True,
            cwd="/",
            env=environment(),
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        raise SandboxError("the sandbox does not start within a minute") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        reason = words[-1] if words else f"exit code {done.returncode}"
        raise SandboxError(f"the sandbox does not start: {reason}")
