"""Write the students' notebooks, homework/release, from those with the solutions.

release.py           write what is stale
release.py --check   change nothing; name the notebooks that are stale, and fail

Runs in nbgrader's environment. First run tools/notebooks.py on the sources, which executes them.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import course
import nbformat
from assignments import assignments, source
from locations import RELEASE, ROOT


def release(assignment: str) -> str:
    """Return the text of the students' notebook, made from its source now.

    Raises:
        grading.course.CourseError: the source is not in nbgrader's form.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = course.generate(assignment, Path(folder, "course"))
        notebook = nbformat.read(made, as_version=4)
    # nbgrader writes down the version of the Python that made it.
    notebook.metadata["language_info"] = nbformat.read(source(assignment), 4).metadata.language_info
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if any is stale")
    check = parser.parse_args().check
    stale = False
    for assignment in assignments():
        path, text = RELEASE / assignment / f"{assignment}.ipynb", release(assignment)
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale = True
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
