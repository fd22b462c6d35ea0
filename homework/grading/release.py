"""Write the students' notebooks, homework/release, from those with the solutions.

release.py           write what is stale
release.py --check   change nothing; name the notebooks that are stale, and fail

Runs in nbgrader's environment. First run tools/notebooks.py on the sources, which executes them.
"""

import argparse
import sys

import assignments
import nbformat
from locations import ROOT
from nbgrader import preprocessors

# What `nbgrader generate_assignment` does, but for its database of grades, which is not needed.
STEPS = (
    preprocessors.LockCells,
    preprocessors.ClearSolutions,
    preprocessors.ClearOutput,
    preprocessors.CheckCellMetadata,
    preprocessors.ClearHiddenTests,
    preprocessors.ComputeChecksums,
)


def text(assignment: str) -> str:
    """Return the text of the students' notebook, made from its source now.

    Raises:
        nbgrader.preprocessors.base.NbGraderException: the source is not in nbgrader's form.
    """
    made = nbformat.read(assignments.source(assignment), as_version=4)
    for step in STEPS:
        made, _ = step().preprocess(made, {})
    return nbformat.writes(made) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if any is stale")
    check = parser.parse_args().check
    stale = False
    for assignment in assignments.assignments():
        path, made = assignments.release(assignment), text(assignment)
        if path.is_file() and path.read_text("utf-8") == made:
            continue
        stale = True
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, "utf-8")
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
