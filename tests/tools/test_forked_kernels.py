"""A copied kernel is as a kernel of its own: what code finds in it, and how it ends."""

import os
import sys
from types import ModuleType

import pytest
from forked_kernels import use_forked_kernels
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning import local_provisioner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copied on Linux alone")

FINDINGS = """
print(sorted(set(dir()) - {"_" + "i" * n for n in range(4)}))
import os, signal, sys
from importlib.util import find_spec
print(sys.path, os.getcwd(), os.environ["A_VARIABLE"])
print(find_spec("helpers"), find_spec("locations"), os.getpgid(0) == os.getpid())
print(signal.getsignal(signal.SIGINT))
"""


@pytest.fixture
def start_kernel(monkeypatch, tmp_path):
    """Return a function that starts a kernel, and returns its manager and its client."""
    monkeypatch.setenv("A_VARIABLE", "its value")
    monkeypatch.setattr(local_provisioner, "launch_kernel", local_provisioner.launch_kernel)
    # An IPython of another test, in this process, may stand in its place.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    started = []

    def start():
        started.append(start_new_kernel(cwd=str(tmp_path)))
        return started[-1]

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def printed(client, code):
    """Return what code prints in a kernel."""
    messages = []
    client.execute_interactive(code, timeout=30, output_hook=messages.append)
    return "".join(message["content"].get("text", "") for message in messages)


def test_code_finds_the_same(start_kernel):
    _, own = start_kernel()
    use_forked_kernels(imported=())
    _, copied = start_kernel()
    found = printed(own, FINDINGS)
    assert "its value" in found
    assert printed(copied, FINDINGS) == found
    assert printed(copied, "import sys; print('forked_kernels' in sys.modules)") == "True\n"


def test_a_copied_kernel_can_be_interrupted_and_ends(start_kernel):
    use_forked_kernels(imported=())
    manager, client = start_kernel()
    pid = int(printed(client, "import os; print(os.getpid())"))
    client.execute("import time; print('begun'); time.sleep(60)")
    while client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    while client.get_iopub_msg(timeout=30)["msg_type"] != "error":
        pass
    manager.shutdown_kernel(now=True)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
