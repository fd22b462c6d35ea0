"""Several machines played by several processes on this one."""

import inspect
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

HOST = "127.0.0.1"

# The last line that a process prints is its answer, whatever it printed before.
ANSWER = """
import json, sys
answer = {}(json.loads(sys.argv[1]))
print("\\n" + json.dumps(answer))
"""


def on_machines(function, arguments, *called, seconds=240):
    """Run a function once for each argument, each time in a process of its own, all at once.

    Every process finds in the variable TF_CONFIG what tf.distribute.MultiWorkerMirroredStrategy
    reads: the addresses of all processes and its own place among them. The functions travel as
    source code. So they import what they need, and see nothing else of the page.

    Args:
        function: takes one argument; returns what JSON can hold.
        arguments: for each process its argument, of a kind that JSON can hold.
        *called: functions that `function` calls.
        seconds: how long the processes may take together.

    Returns:
        A list of what the function returned, in the order of `arguments`.

    Raises:
        RuntimeError: a process failed, or they took too long. All of them have ended by then.
    """
    sources = [dedent(inspect.getsource(each)) for each in (*called, function)]
    program = "\n".join([*sources, ANSWER.format(function.__name__)])
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        addresses = [_reserved(stack) for _ in arguments]
        processes = []
        stack.callback(_end, processes)
        for index, argument in enumerate(arguments):
            command = [sys.executable, "-c", program, json.dumps(argument)]
            environment = _environment(addresses, index)
            processes.append(_started(command, environment, folder, index))
        _wait(processes, folder, seconds)
        written = [(folder / f"{index}.out").read_text() for index in range(len(processes))]
    return [json.loads(text.splitlines()[-1]) for text in written]


def _reserved(stack):
    """Return the address of a free port that no other program can be given meanwhile."""
    held = stack.enter_context(socket.socket())
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((HOST, 0))
    return f"{HOST}:{held.getsockname()[1]}"


def _environment(addresses, index):
    config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    return os.environ | {
        "TF_CONFIG": json.dumps(config),
        "TF_GRPC_REUSE_PORT": "1",  # the port is held until the processes have ended
        "no_proxy": HOST,  # TensorFlow would ask a proxy for this very machine, and wait
        "CUDA_VISIBLE_DEVICES": "-1",  # one GPU cannot serve two machines
    }


def _started(command, environment, folder, index):
    with (folder / f"{index}.out").open("w") as out, (folder / f"{index}.err").open("w") as err:
        return subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )


def _wait(processes, folder, seconds):
    """Wait until all processes have ended well; one that fails would let the others wait."""
    end = time.monotonic() + seconds
    while any(process.poll() is None for process in processes) and time.monotonic() < end:
        if any(process.poll() for process in processes):
            break
        time.sleep(0.05)
    for index, process in enumerate(processes):
        if process.poll():
            last = (folder / f"{index}.err").read_text().strip().splitlines()[-1:]
            raise RuntimeError(f"on_machines: process {index} failed: {''.join(last)}")
    if any(process.poll() is None for process in processes):
        raise RuntimeError(f"on_machines: the processes did not end within {seconds} s")


def _end(processes):
    for process in processes:
        process.kill()
        process.wait()
