"""Measure what grading costs for each submission, in three ways, side by side in one run.

.venv-homework/bin/python tools/bench_grade.py [--count 40]

cold   a process for each submission, as under GNU parallel: homework/grading/grade.py --student
fork   a kernel for each submission, forked from a process that has TensorFlow imported
warm   one kernel for many submissions, which is what `make grade` does

All grade the same class, two at a time, and must come to the same grades. `fork` exists only here.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import course
import grade
import nbformat
from assignments import source
from locations import ROOT

ASSIGNMENT, JOBS = "losses", 2
GRADER = [sys.executable, str(ROOT / "homework" / "grading" / "grade.py")]

# The process that is forked. It computes nothing: TensorFlow's threads would not survive the fork.
PARENT = """
import os, select, socket, sys, threading
import helpers.checks, tensorflow
from ipykernel.kernelapp import launch_new_instance

server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print(len(os.listdir("/proc/self/task")), flush=True)

def end_with(caller):
    caller.recv(1)
    os._exit(0)

while server in select.select([server, sys.stdin], [], [])[0]:
    caller, _ = server.accept()
    if os.fork() == 0:
        file = caller.makefile().readline().strip()
        threading.Thread(target=end_with, args=[caller], daemon=True).start()
        launch_new_instance(argv=["-f", file])
    caller.close()
"""
# What the kernel's manager starts and ends in the place of a kernel.
CALLER = """
import socket, sys
parent = socket.socket(socket.AF_UNIX)
parent.connect(sys.argv[1])
parent.sendall(sys.argv[2].encode() + b"\\n")
parent.recv(1)
"""


@functools.cache
def parent():
    """Start the process that is forked, once; return it, and the path of its socket.

    It ends when nobody holds it any more: its input is closed then.
    """
    path = os.path.join(tempfile.mkdtemp(prefix="bench-"), "parent")
    command = [os.environ["HOMEWORK_PYTHON"], "-c", PARENT, path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tools")])}
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True)
    print(f"forked with {process.stdout.readline().strip()} threads", file=sys.stderr)
    return process, path


def grade_in_a_fork(submission, job):
    """Grade one submission in a kernel of its own."""
    python = os.environ["HOMEWORK_PYTHON"]
    argv = [python, "-I", "-S", "-c", CALLER, parent()[1], "{connection_file}"]
    if course._kernel:
        course._kernel.shutdown_kernel(now=True)
        course._kernel = None
    course.KernelSpec = lambda **options: KernelSpec(**{**options, "argv": argv})
    return grade_one(submission, job)


grade_one, KernelSpec = grade.grade, course.KernelSpec


def cold(folder, output, options):
    """Grade each submission in a process of its own."""
    students = subprocess.run([*GRADER, folder, "--list"], capture_output=True, text=True)
    common = [*GRADER, folder, "--output", output, "--assignment", ASSIGNMENT, *options]

    def one(student):
        subprocess.run([*common, f"--student={student}"], check=True, capture_output=True)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, students.stdout.splitlines()))
    subprocess.run(common, check=True, capture_output=True)  # writes grades.csv


def fork(folder, output, options):
    """Grade in this process's pool, with a forked kernel for each submission."""
    script = [sys.executable, __file__, "--fork", folder, "--output", output, *options]
    subprocess.run(script, check=True, stdout=subprocess.DEVNULL)


def warm(folder, output, options):
    """Grade as `make grade` does."""
    subprocess.run([*GRADER, folder, "--output", output, *options], check=True, capture_output=True)


def write_class(folder: Path, count: int):
    """Write a class: a third right, a third with a mistake, a third with an answer missing."""
    folder.mkdir()
    for number in range(count):
        notebook = nbformat.read(source(ASSIGNMENT), as_version=4)
        first = next(cell for cell in notebook.cells if cell.id == "binary_crossentropy")
        if number % 3:
            first.source = first.source.replace("np.log", ("", "np.log2", "np.nothing")[number % 3])
        nbformat.write(notebook, folder / f"student{number:02}.ipynb")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--python", default=str(ROOT / ".venv" / "bin" / "python"))
    chosen = parser.parse_args()
    options, tables = ["--python", chosen.python], []
    print(f"{chosen.count} submissions, {JOBS} at a time; seconds for each")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where, "class")
        write_class(folder, chosen.count)
        for way in (cold, fork, warm):
            output = Path(where, way.__name__)
            start = time.monotonic()
            way(folder, output, options)
            spent = time.monotonic() - start
            print(f"{way.__name__:6}{spent / chosen.count:8.2f}{spent:8.0f} in all", flush=True)
            tables.append((output / "grades.csv").read_bytes())
    assert len(set(tables)) == 1, "the ways come to different grades"
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fork"]:
        grade.grade = grade_in_a_fork
        sys.exit(grade.main(sys.argv[2:]))
    sys.exit(main())
