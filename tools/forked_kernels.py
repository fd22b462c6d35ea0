"""Start kernels as copies of a process that has imported TensorFlow: 0.4 s instead of 4 s.

What code finds in such a kernel is what it finds in one of its own: no name is bound, and the
paths of modules are Python's own. But TensorFlow is imported already: what must be set before that
has no effect. The stored outputs come from kernels of their own, and so show such a difference.
"""

import multiprocessing
import os
import sys
import time
from pathlib import Path

from jupyter_client.provisioning import local_provisioner

IMPORTED = ("tensorflow", "matplotlib.pyplot", "matplotlib_inline", "ipywidgets")
FORKS = multiprocessing.get_context("forkserver")


def use_forked_kernels(imported: tuple[str, ...] = IMPORTED) -> None:
    """Have all kernels that this process starts from now on be copies.

    Nothing changes on systems other than Linux: a Mac's libraries may not be copied at work.

    Args:
        imported: names of the modules that are there before a kernel starts.
    """
    if sys.platform == "linux":
        FORKS.set_forkserver_preload([*imported, "ipykernel.kernelapp"])
        local_provisioner.launch_kernel = ForkedKernel


class ForkedKernel:
    """A kernel's process, with what jupyter_client asks of a subprocess.Popen.

    Args:
        command: of a kernel of its own; from it come the arguments.
        cwd: the folder to work in.
        env: all environment variables.
    """

    stdin = stdout = stderr = None

    def __init__(self, command: list[str], cwd: str, env: dict[str, str], **_):
        self._process = FORKS.Process(target=_run_kernel, args=(command, cwd, env))
        self._process.start()
        self.pid = self._process.pid
        # jupyter_client ends the process's whole group: that must not be the server's.
        while os.getpgid(self.pid) != self.pid:
            time.sleep(0.001)
        self.kill, self.terminate = self._process.kill, self._process.terminate

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._process.exitcode

    def wait(self) -> int:
        """Wait for the end of the process, and return its exit code."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, number)


def _run_kernel(command, cwd, env):
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    prefixes = (sys.prefix, sys.base_prefix)
    sys.path[:] = [path for path in sys.path if any(map(Path(path).is_relative_to, prefixes))]
    # The kernel ends with the process that it is a copy of, and that one with its own parent.
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    sys.argv = ["ipykernel_launcher", *command[command.index("-f") :], parent]
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
