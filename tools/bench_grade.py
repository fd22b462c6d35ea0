"""Measure what grading costs for each submission, in two ways, side by side in one run.

.venv/bin/python tools/bench_grade.py [--count 40]

cold   a process for each submission, as under GNU parallel: homework/grading/grade.py --student
warm   two processes for the whole class, which is what `make grade` does

Both grade the same class, two at a time, and must come to the same grades.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from locations import ROOT, SOURCE

ASSIGNMENT, JOBS = "losses", 2
GRADER = [sys.executable, str(ROOT / "homework" / "grading" / "grade.py")]


def cold(folder, output):
    """Grade each submission in a process of its own."""
    students = subprocess.run([*GRADER, folder, "--list"], capture_output=True, text=True)
    common = [*GRADER, folder, "--output", output, "--assignment", ASSIGNMENT, "--seed=1"]

    def one(student):
        subprocess.run([*common, f"--student={student}"], check=True, capture_output=True)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, students.stdout.splitlines()))
    subprocess.run(common, check=True, capture_output=True)  # writes grades.csv


def warm(folder, output):
    """Grade as `make grade` does."""
    command = [*GRADER, folder, "--output", output, "--jobs", str(JOBS), "--seed=1"]
    subprocess.run(command, check=True, capture_output=True)


def write_class(folder: Path, count: int):
    """Write a class: a third right, a third with a mistake, a third with an answer missing."""
    folder.mkdir()
    for number in range(count):
        notebook = nbformat.read(SOURCE / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
        first = next(cell for cell in notebook.cells if cell.id == "binary_crossentropy")
        if number % 3:
            first.source = first.source.replace("np.log", ("", "np.log2", "np.nothing")[number % 3])
        nbformat.write(notebook, folder / f"student{number:02}.ipynb")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=40)
    chosen = parser.parse_args()
    tables = []
    print(f"{chosen.count} submissions, {JOBS} at a time; seconds for each")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where, "class")
        write_class(folder, chosen.count)
        for way in (warm, cold):
            output = Path(where, way.__name__)
            start = time.monotonic()
            way(folder, output)
            spent = time.monotonic() - start
            print(f"{way.__name__:6}{spent / chosen.count:8.2f}{spent:8.0f} in all", flush=True)
            tables.append((output / "grades.csv").read_bytes())
    assert len(set(tables)) == 1, "the ways come to different grades"
    return 0


if __name__ == "__main__":
    sys.exit(main())
