"""nbgrader's part: make the students' notebook from the source, and grade one submission.

Each submission gets a course of its own, with a fresh copy of the assignment and its own
gradebook, so that none can touch another's. The notebooks are run by one warm kernel.
"""

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import nbformat
import nbgrader
from assignments import answers, is_solution, source
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from locations import ROOT
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import Execute
from nbgrader.utils import capture_log, is_grade, temp_attrs
from sandbox import SETTINGS
from setup_cells import address
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

# The feedback's template is in the first, nbgrader's, from which it is made, in the second.
TEMPLATES = [
    str(Path(__file__).parent / "templates"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
CELL_SECONDS = 600  # no check takes this long: the answers' own limits are far lower

# nbgrader starts alembic by its bare name; it lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ.get("PATH", "")])

# nbgrader's own models make SQLAlchemy warn of each submission that is new.
warnings.filterwarnings("ignore", category=SAWarning)


class CourseError(Exception):
    """nbgrader could not do its part; the message has its log."""


def generate(assignment: str, folder: Path) -> Path:
    """Make a course in `folder`, with a gradebook; return the students' notebook in it.

    Raises:
        CourseError: the source notebook is not in nbgrader's form.
    """
    shutil.copytree(source(assignment).parent, folder / "source" / assignment)
    _succeed(_api(folder).generate_assignment(assignment))
    return folder / "release" / assignment / f"{assignment}.ipynb"


def with_whole_links(notebook):
    """Have links to the book's pages lead to its repository: feedback is read far from the book."""
    pages = "{url}/blob/{branch}/".format(**address())
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../../../", f"]({pages}")


def grade(course: Path, folder: Path, assignment: str, key: str, notebook) -> tuple[dict, str]:
    """Grade a notebook in a copy of the course.

    Args:
        course: a folder that `generate` has made. It is only read.
        folder: an empty folder for the copy.
        assignment: the assignment's name.
        key: the student's id.
        notebook: the students' notebook, with this student's answers in it.

    Returns:
        {answer: (points, possible points, the lines that the check printed)}, and the feedback
        as HTML.

    Raises:
        CourseError: nbgrader failed; the message has its log.
    """
    shutil.copytree(course, folder, dirs_exist_ok=True)
    submitted = folder / "submitted" / key / assignment / f"{assignment}.ipynb"
    submitted.parent.mkdir(parents=True)
    nbformat.write(notebook, submitted)
    api = _api(folder)
    _succeed(api.autograde(assignment, key))
    with temp_attrs(api.coursedir, assignment_id=assignment, student_id=key):
        # The API's own way to it insists on nbgrader's template.
        _succeed(capture_log(GenerateFeedback(coursedir=api.coursedir, parent=api)))
    points = Points(to=str(folder / "points.json"), student=[key], assignment=[assignment])
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        points.export(gradebook)
    graded = folder / "autograded" / key / assignment / f"{assignment}.ipynb"
    feedback = folder / "feedback" / key / assignment / f"{assignment}.html"
    printed = _printed(nbformat.read(graded, as_version=4))
    scores = {
        name: (*points.of_checks[f"{name}-check"], printed[f"{name}-check"])
        for name in answers(assignment)
    }
    return scores, feedback.read_text("utf-8")


class Points(ExportPlugin):
    """nbgrader's export, by check: {grade_id: (points, possible points)} in `of_checks`."""

    def export(self, gradebook):
        """Read the points of the one student and assignment out of the gradebook."""
        submission = gradebook.find_submission(self.assignment[0], self.student[0])
        self.of_checks = {
            grade.name: (grade.score, grade.max_score)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


class ExecuteApart(Execute):
    """Run the teacher's cells in the warm kernel, and the student's in a sandbox."""

    def preprocess(self, nb, resources, km=None):
        """Run a notebook in a kernel that remembers nothing of the one before it."""
        nb, resources = super().preprocess(nb, resources, km=warm_kernel())
        return nb, resources

    def preprocess_cell(self, cell, resources, index):
        """Run a cell. For an answer, make its stand-in; the page still shows the answer."""
        if index == 0:
            self._begin()
        if not is_solution(cell):
            return super().preprocess_cell(cell, resources, index)
        shown, name = cell.source, cell.metadata.nbgrader.grade_id
        cell.source = f"{name} = _submission.answer({name!r}, {shown!r})"
        try:
            return super().preprocess_cell(cell, resources, index)
        finally:
            cell.source = shown

    def _begin(self):
        """Have the kernel forget the submission before this one."""
        first, begin = self.nb.cells[0], nbformat.v4.new_code_cell(BEGIN)
        self.execute_cell(begin, 0, store_history=False)
        self.nb.cells[0] = first  # nbclient has put what it executed in its place
        if any(output.output_type == "error" for output in begin.outputs):
            raise CourseError(f"the kernel does not start a submission: {begin.outputs}")


BEGIN = """\
if "_submission" in globals():
    _submission.close()
get_ipython().reset(new_session=True)
from remote import Submission
_submission = Submission()
"""

_kernel = None


def warm_kernel() -> KernelManager:
    """Return the kernel of this process; it is started once, in the book's environment."""
    global _kernel
    if _kernel is None or not _kernel.is_alive():
        python = os.environ.get("HOMEWORK_PYTHON", sys.executable)
        path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
        _kernel = KernelManager()
        _kernel._kernel_spec = KernelSpec(
            argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env={"PYTHONPATH": path, "PYTHONNOUSERSITE": "1", SETTINGS: os.environ[SETTINGS]},
        )
        _kernel.transport = "ipc"  # sockets that are files, which nobody else can open
        _kernel.ip = os.path.join(tempfile.mkdtemp(prefix="grading-"), "kernel")
        _kernel.client_class = "jupyter_client.asynchronous.AsyncKernelClient"
        _kernel.start_kernel(cwd=str(ROOT / "homework"))
        atexit.register(_stop, _kernel)
    return _kernel


def _stop(kernel):
    kernel.shutdown_kernel(now=True)
    shutil.rmtree(os.path.dirname(kernel.ip), ignore_errors=True)


def _printed(notebook):
    """Return the lines that each check printed, by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: [
            line
            for output in cell.outputs
            if output.output_type == "stream"
            for line in output.text.splitlines()
        ]
        for cell in notebook.cells
        if is_grade(cell)
    }


def _api(folder):
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.NbGraderAPI.log_level = "WARN"
    config.Execute.timeout = CELL_SECONDS
    config.HTMLExporter.template_name = "marked"
    config.HTMLExporter.template_file = "marked.html.j2"
    config.HTMLExporter.extra_template_basedirs = TEMPLATES
    steps = Autograde.autograde_preprocessors.default()
    config.Autograde.autograde_preprocessors = [
        ExecuteApart if step is Execute else step for step in steps
    ]
    return NbGraderAPI(config=config)


def _succeed(result):
    if not result["success"]:
        raise CourseError("\n".join(filter(None, (result.get("log"), result.get("error")))))
