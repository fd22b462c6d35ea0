"""Write the students' notebooks, homework/release, from those with the solutions.

release.py           write what is stale
release.py --check   change nothing; name the notebooks that are stale, and fail

Runs in nbgrader's environment. First run tools/notebooks.py on the sources, which executes them.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import assignments
import nbformat
from locations import ROOT
from nbgrader.apps.api import NbGraderAPI
from traitlets.config import Config

# nbgrader starts alembic by its bare name; it lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ.get("PATH", "")])


class ReleaseError(Exception):
    """nbgrader cannot make the students' notebook; the message has its log."""


def text(assignment: str) -> str:
    """Return the text of the students' notebook, made from its source now.

    Raises:
        ReleaseError: the source is not in nbgrader's form.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(assignments.source(assignment).parent, Path(folder, "source", assignment))
        config = Config()
        config.CourseDirectory.root = folder
        config.NbGraderAPI.log_level = "WARN"
        result = NbGraderAPI(config=config).generate_assignment(assignment)
        if not result["success"]:
            raise ReleaseError(result.get("error") or result.get("log"))
        made = Path(folder, "release", assignment, f"{assignment}.ipynb")
        notebook = nbformat.read(made, as_version=4)
    # nbgrader writes down the version of the Python that made it.
    written = assignments.notebook(assignments.source(assignment)).metadata
    notebook.metadata["language_info"] = written.language_info
    return nbformat.writes(notebook) + "\n"


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
