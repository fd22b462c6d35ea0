"""Whatever is handed in, every student gets a row, and nobody harms another or the machine."""

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import hostile
import locations
import nbformat
import pytest
import sandbox
import submissions
from assignments import assignments, source

DANGER = "--run-student-code-unprotected-on-this-machine"
GRADER = [str(locations.ROOT / ".venv-homework" / "bin" / "python"), "homework/grading/grade.py"]


def start(*arguments, **options):
    """Start the grader with a second of computing for each call."""
    command = [*GRADER, *map(str, arguments), "--seconds", "1"]
    return subprocess.Popen(
        command,
        cwd=locations.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def grade(*arguments, **options):
    """Run the grader to its end; return (exit code, output)."""
    process = start(*arguments, **options)
    printed = "\n".join(process.communicate())
    return process.returncode, printed


def rows(output):
    """Return the rows of grades.csv by student."""
    with open(output / "grades.csv", encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


class Run:
    """One run of the grader over all hostile submissions, watched."""

    def __init__(self, folder):
        self.folder, self.output = folder / "handed in", folder / "graded"
        self.targets = [
            str(locations.ROOT / "README.md"),
            str(folder / "spoilt"),
            "/spoilt",
            "/etc/x",
        ]
        self.targets += [str(self.output / "grades.csv"), "/usr/spoilt", "/sandboxed/spoilt"]
        self.connections, self.roots, self.largest = 0, set(), 0
        self.before = (locations.ROOT / "README.md").read_bytes()
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=self._count, args=[server], daemon=True).start()
            port = server.getsockname()[1]
            hostile.write(self.folder, hostile.submissions(self.targets, port))
            process = start(self.folder, "--output", self.output)
            watcher = threading.Thread(target=self._watch, args=[process], daemon=True)
            watcher.start()
            self.printed = "\n".join(process.communicate())
            self.code = process.returncode
            watcher.join()
        self.rows = rows(self.output)

    def _count(self, server):
        while True:
            try:
                server.accept()
            except OSError:
                return
            self.connections += 1

    def _watch(self, process):
        """Note who runs the answers, and how much memory they take."""
        while process.poll() is None:
            for status in _servers():
                self.roots.add(status["Uid"].split()[0])
                self.largest = max(self.largest, int(status.get("VmRSS", "0 kB").split()[0]))
            time.sleep(0.02)


def _servers():
    """Return the status of the processes that run what students wrote."""
    found = []
    for folder in os.listdir("/proc"):
        try:
            if not folder.isdecimal():
                continue
            with open(f"/proc/{folder}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if b"python" in words[0] and b"/sandboxed/answer.py" in words:
                with open(f"/proc/{folder}/status") as file:
                    found.append(dict(line.split(":\t", 1) for line in file if ":\t" in line))
        except OSError:  # it has ended meanwhile
            continue
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return the one run over all hostile submissions."""
    return Run(tmp_path_factory.mktemp("hostile submissions"))


def test_every_student_gets_a_row(run):
    assert run.code == 0, run.printed
    assert set(run.rows) == set(hostile.WORTH)


@pytest.mark.parametrize("student", hostile.WORTH)
def test_graded_by_what_it_is(run, student):
    row, (points, words) = run.rows[student], hostile.WORTH[student]
    assert (hostile.points(row), row["of"]) == (points, str(hostile.POSSIBLE)), row["notes"]
    assert words in row["notes"]
    assert len(row["notes"]) < 1000


def test_a_right_submission_needs_no_words(run):
    assert run.rows["stripped"]["notes"] == ""


@pytest.mark.parametrize("student", hostile.WORTH)
def test_feedback_is_a_page_that_runs_nothing(run, student):
    key = submissions.Submission(student.removeprefix("'"), ()).key
    text = (run.output / "feedback" / f"{key}.html").read_text("utf-8")
    assert f"<h3>{student.removeprefix(chr(39))}</h3>" in text
    assert "BEGIN HIDDEN TESTS" in text, "the student sees what was checked"
    assert "_submission" not in text, "and nothing of the grader's own"
    assert not re.search(r"""(src|href)=\W*\.\./|<script|src=["']?http|<img src=x""", text)


def test_nothing_is_written_outside(run):
    assert (locations.ROOT / "README.md").read_bytes() == run.before
    assert [path for path in run.targets[1:] if os.path.exists(path)] == [str(run.targets[4])]
    assert "spoilt" not in (run.output / "grades.csv").read_text("utf-8")


def test_nobody_connects(run):
    assert run.connections == 0


def test_no_answer_runs_as_root(run):
    assert run.roots, "the watcher has seen processes"
    assert "0" not in run.roots


def test_memory_is_capped(run):
    assert 0 < run.largest < 1.1 * sandbox.Settings().memory / 1024  # kB


def test_no_process_is_left(run):
    assert _servers() == []


@pytest.fixture
def class_of_two(tmp_path):
    """Return a folder with a right submission and one that fails some checks."""
    notebook = hostile.with_first("return (y_true - y_pred).mean(axis=-1)")
    found = {"amy": [("amy.ipynb", hostile.text(hostile.solved()))]}
    found["bob"] = [("bob.ipynb", hostile.text(notebook))]
    hostile.write(tmp_path / "class", found)
    return tmp_path / "class"


def test_two_runs_agree_and_the_seed_changes_the_inputs(class_of_two, tmp_path):
    """An answer that draws at random draws the same each time, and its row shows what it drew."""
    draws = "return y_true.mean(axis=-1) + np.random.default_rng().normal()"
    random = {"cleo": [("cleo.ipynb", hostile.text(hostile.with_first(draws)))]}
    hostile.write(tmp_path / "random", random)
    shutil.copy(tmp_path / "random" / "cleo.ipynb", class_of_two)
    tables = []
    for name, seed in [("one", 7), ("two", 7), ("three", 8)]:
        code, printed = grade(class_of_two, "--output", tmp_path / name, "--seed", seed)
        assert code == 0, printed
        tables.append((tmp_path / name / "grades.csv").read_bytes())
    assert tables[0] == tables[1] != tables[2]
    for name in ("one", "three"):
        assert rows(tmp_path / name)["amy"]["total"] == str(hostile.POSSIBLE)
        assert "(came [" in rows(tmp_path / name)["cleo"]["notes"]


def test_goes_on_where_it_stopped(class_of_two, tmp_path):
    """An interrupted run keeps what is graded; a changed submission is graded again."""
    for number in range(3):
        shutil.copy(class_of_two / "amy.ipynb", class_of_two / f"carl{number}.ipynb")
    output = tmp_path / "graded"
    process = start(class_of_two, "--output", output, "--jobs", 1, start_new_session=True)
    while not list(output.glob("results/*.json")) and process.poll() is None:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, printed = process.communicate()
    assert process.returncode == 130, printed
    assert "goes on where it stopped" in printed
    assert not (output / "grades.csv").exists()
    done = {path: path.stat().st_mtime_ns for path in output.glob("results/*.json")}
    assert 0 < len(done) < 5
    code, printed = grade(class_of_two, "--output", output)
    assert code == 0, printed
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(rows(output)) == 5

    shutil.copy(class_of_two / "amy.ipynb", class_of_two / "bob.ipynb")
    code, printed = grade(class_of_two, "--output", output)
    assert rows(output)["bob"]["total"] == str(hostile.POSSIBLE), printed
    assert {path: path.stat().st_mtime_ns for path in done if path.stem != "bob"} == {
        path: time for path, time in done.items() if path.stem != "bob"
    }


def test_the_page_for_teachers_names_options_that_exist():
    page = (locations.CHAPTERS / "teaching.md").read_text("utf-8")
    shown = re.findall(r"(?:\$grade|tools/grade\.py|OPTIONS=)(.*?)(?:[|)`]|\n)", page)
    named = set(re.findall(r"--[a-z-]+", " ".join(shown))) | {DANGER}
    assert {"--list", "--student", "--assignment", "--jobs", "--seconds"} <= named
    assert DANGER in page
    _, printed = grade("--help")
    assert [option for option in named if option not in printed] == []


def test_refuses_without_a_sandbox(class_of_two, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    environment = os.environ | {"PATH": str(empty)}
    code, printed = grade(class_of_two, env=environment)
    assert code == 2
    assert "bubblewrap is not installed" in printed
    assert DANGER in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no such folder"], "there is no folder 'no such folder'"),
        (["{empty}"], "is empty"),
        (["{class}", "--seed", "-1"], "expected a whole number from 0"),
        (["{class}", "--student", "zoe"], "nobody is called 'zoe'"),
        (["{class}", "--python", "no-such-python"], "'no-such-python' cannot run the checks"),
    ],
)
def test_says_what_is_wrong_with_an_argument(class_of_two, tmp_path, arguments, words):
    (tmp_path / "empty").mkdir()
    places = {"class": str(class_of_two), "empty": str(tmp_path / "empty")}
    code, printed = grade(*(argument.format(**places) for argument in arguments))
    assert code == 2
    assert words in printed


def test_a_note_cannot_bring_html_into_the_feedback(tmp_path):
    """Names of files and messages of errors are shown as they are written."""
    notebook = hostile.with_first("raise ValueError('<img src=x onerror=alert(1)>')")
    name = "<img src=x onerror=alert(1)>.ipynb"
    files = [(name, hostile.text(notebook)), ("other.txt", b"")]
    hostile.write(tmp_path / "class", {"eve": files})
    code, printed = grade(tmp_path / "class", "--output", tmp_path / "graded")
    assert code == 0, printed
    page = (tmp_path / "graded" / "feedback" / "eve.html").read_text("utf-8")
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("assignment", assignments())
def test_takes_only_the_answers(tmp_path, assignment):
    """Code between the answers does not run: it is not taken over."""
    notebook = nbformat.read(source(assignment), as_version=4)
    notebook.cells.insert(3, nbformat.v4.new_code_cell("raise SystemExit('stop everything')"))
    notebook.cells.insert(3, nbformat.v4.new_code_cell("%matplotlib inline\n!rm -rf ~\nx = 1"))
    hostile.write(tmp_path / "class", {"amy": [("amy.ipynb", hostile.text(notebook))]})
    code, printed = grade(tmp_path / "class", "--output", tmp_path / "graded")
    assert code == 0, printed
    row = rows(tmp_path / "graded")["amy"]
    assert (row["total"], row["notes"]) == (row["of"], "")


def test_an_answer_that_cannot_be_defined_says_why(tmp_path):
    notebook = hostile.with_first("return y_pred * factor", "factor = unknown + 1\n")
    hostile.write(tmp_path / "class", {"amy": [("amy.ipynb", hostile.text(notebook))]})
    code, printed = grade(tmp_path / "class", "--output", tmp_path / "graded")
    assert code == 0, printed
    assert "NameError: name 'unknown' is not defined" in rows(tmp_path / "graded")["amy"]["notes"]
