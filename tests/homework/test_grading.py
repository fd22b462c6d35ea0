"""Whatever is handed in, every student gets a row, and nobody harms another or the machine."""

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import classroom
import feedback
import grade as grade_module
import hostile
import locations
import marking
import nbformat
import pytest
import remote
import sandbox
import submissions
from assignments import answers, source

pytestmark = pytest.mark.usefixtures("sandbox_starts")
DANGER = "--run-student-code-unprotected-on-this-machine"
GRADER = [sys.executable, "homework/grading/grade.py"]
SECONDS = ["--seconds", "1"]


def start(*arguments, **options):
    """Start the grader with a second of computing for each call."""
    command = [*GRADER, *map(str, arguments), *SECONDS]
    return subprocess.Popen(
        command,
        cwd=locations.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def main(*arguments):
    """Run the grader here, with a second of computing for each call; return its exit code."""
    try:
        return grade_module.main([*map(str, arguments), *SECONDS])
    except SystemExit as end:  # argparse
        return end.code


def rows(output):
    """Return the rows of grades.csv by student."""
    with open(output / "grades.csv", encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.fixture
def no_processes(monkeypatch):
    """Have the grader work in this process: each of its own would import TensorFlow anew."""

    def each(room, waiting, _):
        for submission in waiting:
            yield submission, room.grade_one(submission)

    monkeypatch.setattr(classroom.Classroom, "_each", each)


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
        found = submissions.find(self.folder)
        self.names = {classroom.cell(one.name): one for one in found}

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
            # Their seconds tell these from the processes of other tests.
            if b"python" in words[0] and words[-4::2] == [b"/sandboxed/server.py", b"1.0"]:
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
    assert len(row["notes"]) < 2000


def test_a_right_submission_needs_no_words(run):
    assert run.rows["stripped"]["notes"] == ""


@pytest.mark.parametrize("student", hostile.WORTH)
def test_feedback_is_a_page_that_runs_nothing(run, student):
    name = run.names[student]
    text = (run.output / "feedback" / f"{name.key}.html").read_text("utf-8")
    assert f"<h1>{name.name}</h1>" in text
    assert "probabilities_of_0_and_1" in text, "the student sees what was checked"
    assert "Traceback (" not in text, "and nothing of the grader's own"
    assert text.isprintable() or all(c.isprintable() or c == "\n" for c in text)
    assert not re.search(r"""(src|href)=\W*\.\./|<script|src=["']?http|<img src=x""", text)


def test_nothing_is_written_outside(run):
    assert (locations.ROOT / "README.md").read_bytes() == run.before
    assert [path for path in run.targets[1:] if os.path.exists(path)] == [str(run.targets[4])]
    assert "spoilt" not in (run.output / "grades.csv").read_text("utf-8")
    assert "\x1b" not in (run.output / "grades.csv").read_text("utf-8") + run.printed


def test_nobody_connects(run):
    assert run.connections == 0


def test_no_answer_runs_as_root(run):
    assert run.roots, "the watcher has seen processes"
    assert "0" not in run.roots


def test_memory_is_capped(run):
    assert 0 < run.largest < 1.1 * sandbox.MEMORY / 1024  # kB


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


@pytest.mark.usefixtures("no_processes")
def test_two_runs_agree_and_the_seed_changes_the_inputs(class_of_two, tmp_path):
    """An answer that draws at random draws the same each time, and its row shows what it drew."""
    draws = "return y_true.mean(axis=-1) + np.random.default_rng().normal()"
    random = {"cleo": [("cleo.ipynb", hostile.text(hostile.with_first(draws)))]}
    hostile.write(tmp_path / "random", random)
    shutil.copy(tmp_path / "random" / "cleo.ipynb", class_of_two)
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        assert main(class_of_two, "--output", tmp_path / name, "--seed", seed) == 0
    tables = [(tmp_path / name / "grades.csv").read_bytes() for name in ("one", "two", "three")]
    assert tables[0] == tables[1] != tables[2]
    for name in ("one", "three"):
        assert rows(tmp_path / name)["amy"]["total"] == str(hostile.POSSIBLE)
        assert "(came [" in rows(tmp_path / name)["cleo"]["notes"]


@pytest.mark.usefixtures("no_processes")
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
    assert main(class_of_two, "--output", output) == 0
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(rows(output)) == 5

    shutil.copy(class_of_two / "amy.ipynb", class_of_two / "bob.ipynb")
    assert main(class_of_two, "--output", output) == 0
    assert rows(output)["bob"]["total"] == str(hostile.POSSIBLE)
    assert {path: path.stat().st_mtime_ns for path in done if path.stem != "bob"} == {
        path: time for path, time in done.items() if path.stem != "bob"
    }


def test_the_page_for_teachers_names_options_that_exist(capsys):
    page = (locations.CHAPTERS / "teaching.md").read_text("utf-8")
    shown = re.findall(r"(?:\$grade|grade\.py|OPTIONS=)(.*?)(?:[|)`]|\n)", page)
    named = set(re.findall(r"--[a-z-]+", " ".join(shown))) | {DANGER}
    assert {"--list", "--student", "--assignment", "--jobs", "--seconds"} <= named
    assert DANGER in page
    assert main("--help") == 0
    printed = capsys.readouterr().out
    assert [option for option in named if option not in printed] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no such folder"], "there is no folder 'no such folder'"),
        (["{empty}"], "is empty"),
        (["{file}"], "is a file; expected a folder"),
        (["{class}", "--seed", "-1"], "expected a whole number from 0"),
        (["{class}", "--jobs", "0"], "expected a whole number from 1 to"),
        (["{class}", "--seconds", "-3"], "expected a number from 0.1"),
        (["{class}", "--seconds", "inf"], "expected a number from 0.1"),
        (["{class}", "--output", "{class}/graded"], "lies in the folder of what was handed in"),
        (["{class}", "--assignment", "x"], "invalid choice: 'x' (choose from 'losses', 'metrics')"),
        (["{class}", "--student", "zoe"], "nobody is called 'zoe'"),
    ],
)
def test_says_what_is_wrong_with_an_argument(class_of_two, tmp_path, arguments, words, capsys):
    (tmp_path / "empty").mkdir()
    file = class_of_two / "amy.ipynb"
    places = {"class": class_of_two, "empty": tmp_path / "empty", "file": file}
    assert main(*(argument.format(**places) for argument in arguments)) == 2
    assert words in capsys.readouterr().err


def test_refuses_without_a_sandbox(class_of_two, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(class_of_two) == 2
    said = capsys.readouterr().err
    assert "bubblewrap is not installed" in said
    assert DANGER in said


@pytest.mark.usefixtures("no_processes")
def test_a_note_cannot_bring_html_into_the_feedback(tmp_path):
    """Names of files and messages of errors are shown as they are written."""
    notebook = hostile.with_first("raise ValueError('<img src=x onerror=alert(1)>')")
    name = "<img src=x onerror=alert(1)>.ipynb"
    files = [(name, hostile.text(notebook)), ("other.txt", b"")]
    hostile.write(tmp_path / "class", {"eve": files})
    assert main(tmp_path / "class", "--output", tmp_path / "graded") == 0
    page = (tmp_path / "graded" / "feedback" / "eve.html").read_text("utf-8")
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_blank_lines_are_not_coloured():
    """Ten thousand of them would take Pygments a minute, and no limit of the sandbox ends it."""
    html = feedback._coloured("x = 1\n" + "\n\t" * 4000 + "\ny = 2")
    assert len(html.splitlines()) < 10
    assert re.sub("<.*?>", "", html).split() == ["x", "=", "1", "y", "=", "2"]


def test_a_key_is_of_one_name_alone():
    """No file can be called so that it shares the result of another student."""
    names = ["Jane Doe", "Jane_Doe", "Jane%20Doe", "x", "X", ".x", "%2Ex", "-x", "a/b"]
    names += ["é", "e\u0301", "\udce9", "n" * 300, "n" * 301, "과제" * 60, "②", "x\n", "", "%"]
    names += [submissions.Submission(name, ()).key for name in names]
    names = set(names)
    keys = {submissions.Submission(name, ()).key for name in names}
    assert len(keys) == len(names)
    assert max(len(os.fsencode(key)) for key in keys) < 200


@pytest.mark.parametrize(
    ("files", "students"),
    [
        (["doe_12_34_losses.ipynb", "doe_LATE_12_35_losses-1.ipynb"], ["doe_12"]),
        (["dl_2024_1_201_kim.ipynb", "dl_2024_1_202_lee.ipynb"], None),
        (["dl_2024_201_kim.ipynb", "dl_2024_202_lee.ipynb"], None),
        (["dl_101_20231_kim.ipynb", "dl_101_20232_lee.ipynb"], None),
        (["jane (1).ipynb", "jane (2).ipynb", "Copy_of_x.ipynb", "Copy_of_x (1).ipynb"], None),
        (["jane.ipynb", "jane.txt"], ["jane.ipynb", "jane.txt"]),
        (["doe_12_34_a.ipynb", "doe_12.ipynb"], ["doe_12", "doe_12.ipynb"]),
        (
            ["Jo_1_assignsubmission_file/a.ipynb", "Jo_1_assignsubmission_onlinetext/b.html"],
            ["Jo_1"],
        ),
        (["²/a.ipynb", "과제1①.ipynb"], ["²", "과제1①"]),
    ],
)
def test_only_the_platforms_form_makes_one_student_of_two_files(tmp_path, files, students):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = [one.student for one in submissions.find(tmp_path)]
    assert sorted(found) == sorted(students or [name.removesuffix(".ipynb") for name in files])


def test_a_deep_folder_is_a_row(tmp_path):
    folder = tmp_path / "class" / "deep"
    folder.mkdir(parents=True)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    (found,) = submissions.find(tmp_path / "class")
    # pytest removes old folders by a function that calls itself, too often for this one.
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    assert found.faults == ("there are more folders and files than are looked at",)


@pytest.fixture
def ordinary_user():
    """Be nobody for the time of a test that root would pass, and have a folder that nobody owns."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield Path(folder, "class")
        finally:
            os.seteuid(user)


def test_what_may_not_be_read_is_a_row(ordinary_user, monkeypatch, capsys):
    """A folder, a file, and all of the submissions."""
    # The checkout may be root's alone.
    monkeypatch.setattr("assignments.assignments", lambda: ["losses"])
    (ordinary_user / "bob").mkdir(parents=True)
    for name in ("amy.ipynb", "bob/losses.ipynb", "carl.ipynb"):
        (ordinary_user / name).write_bytes(b"{}")
    for name in ("amy.ipynb", "bob"):
        (ordinary_user / name).chmod(0)
    amy, bob, carl = submissions.find(ordinary_user)
    assert bob.faults == ("the folder bob cannot be read: Permission denied",)
    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        submissions.read(*amy.files)
    assert submissions.read(*carl.files) == b"{}"
    (ordinary_user / "bob").chmod(0o700)
    ordinary_user.chmod(0)
    assert main(ordinary_user) == 2
    assert "Permission denied" in capsys.readouterr().err
    ordinary_user.chmod(0o700)


@pytest.mark.parametrize(("sleeping_cells", "answer"), [(0, "{}; return 0.0"), (60, "pass")])
def test_no_student_takes_longer_than_the_limit(tmp_path, monkeypatch, sleeping_cells, answer):
    """Whatever waits: here all answers in each call, and the cells, which would take 42 s."""
    # A busy machine has higher limits, and others from one second to the next.
    monkeypatch.setattr(sandbox, "_slowness", lambda: 1.0)
    notebook, settings = hostile.solved(), sandbox.Settings(seconds=0.3)
    nap = f"import time; time.sleep({0.8 * settings.exercise_seconds})"
    for name in answers("losses"):
        hostile.cell(notebook, name).source = f"def {name}(*_): {answer.format(nap)}"
    notebook.cells[2:2] = [nbformat.v4.new_code_cell(nap) for _ in range(sleeping_cells)]
    (tmp_path / "amy.ipynb").write_bytes(hostile.text(notebook))
    submission = submissions.Submission("amy", (tmp_path / "amy.ipynb",))
    start = time.monotonic()
    marks = marking.mark(submission, "losses", 5, settings)
    waited = time.monotonic() - start
    assert waited < settings.notebook_seconds + 25, "on a busy machine TensorFlow takes its time"
    assert "used up" in "".join(marks.in_words())


def test_the_graders_own_work_counts_for_the_limit():
    """An answer's threads may slow it."""
    notebook = remote.RemoteNotebook([], sandbox.Settings(), time.monotonic() + 0.2)
    time.sleep(0.3)
    with pytest.raises(TimeoutError, match="time for this notebook is used up"):
        notebook.ask(do="kind", name="answer")


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        (["losses"] * 9 + ["metrics"], "losses: 9, metrics: 1"),
        (["losses"] * 2 + ["metrics"], "different assignments (losses: 2, metrics: 1)"),
        ([], "no notebook has an answer"),
    ],
)
def test_each_student_has_one_vote_for_the_assignment(tmp_path, capsys, votes, words):
    """Text files have none, however many there are."""
    for number, name in enumerate(votes):
        data = source(name).read_bytes()
        (tmp_path / f"student{number}.ipynb").write_bytes(data)
    (tmp_path / "loud").mkdir()
    for number in range(5):
        (tmp_path / "loud" / f"{number}.txt").write_bytes(source("metrics").read_bytes())
    try:
        assert classroom.guess_assignment(submissions.find(tmp_path)) == "losses"
        said = capsys.readouterr().out
    except ValueError as error:
        said = str(error)
    assert words in said


def test_a_new_seed_is_drawn_once_and_kept(tmp_path):
    path = tmp_path / "seed.txt"
    first = grade_module._kept_seed(path, None)
    assert (
        grade_module._kept_seed(path, None)
        == first
        != grade_module._kept_seed(tmp_path / "other.txt", None)
    )
    assert (grade_module._kept_seed(path, 7), grade_module._kept_seed(path, None)) == (7, 7)


@pytest.mark.parametrize("name", ["tables.py", "checks.py", "book.lock"])
def test_what_a_grade_depends_on_is_in_its_digest(tmp_path, monkeypatch, name):
    for folder, files in (("HELPERS", ["tables.py", "checks.py"]), ("BOOK_LOCK", ["book.lock"])):
        for file in files:
            (tmp_path / file).write_text("before")
        path = tmp_path if folder == "HELPERS" else tmp_path / "book.lock"
        monkeypatch.setattr(classroom, folder, path)
    before = classroom._digest("losses", 1, sandbox.Settings())
    (tmp_path / name).write_text("after")
    assert classroom._digest("losses", 1, sandbox.Settings()) != before


def test_ctrl_c_at_the_start_is_no_traceback(class_of_two, tmp_path):
    """While the grader is still importing: it takes SIGTERM from then on, which is signal 15."""
    process = start(class_of_two, "--output", tmp_path / "graded", start_new_session=True)
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as file:
            caught = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.MULTILINE)[1]
        if int(caught, 16) >> 14 & 1:
            break
    os.killpg(process.pid, signal.SIGINT)
    printed = "".join(process.communicate())
    assert process.returncode == 130, printed
    assert "Traceback" not in printed


def test_make_says_what_is_missing_before_it_installs_anything(tmp_path):
    (tmp_path / "file").touch()
    for folder, words in (
        ("", "came empty"),
        (tmp_path / "none", "there is no folder"),
        (tmp_path / "file", "is a file"),
    ):
        command = ["make", "--no-print-directory", "grade", f"SUBMISSIONS={folder}"]
        done = subprocess.run(command, cwd=locations.ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stdout == ""


def test_feedback_says_why_an_answer_is_not_there(run):
    """Its cell is no Python, or another one has failed."""
    text = (run.output / "feedback" / "syntax_error.html").read_text("utf-8")
    assert "its cell (code cell 3) failed: SyntaxError" in text


def test_sigterm_leaves_nothing_behind(class_of_two, tmp_path):
    hostile.write(
        tmp_path / "slow",
        {"zed": [("zed.ipynb", hostile.text(hostile.with_first("while True: pass")))]},
    )
    process = start(tmp_path / "slow", "--output", tmp_path / "graded", start_new_session=True)
    deadline = time.monotonic() + 60
    while not _servers() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    _, printed = process.communicate(timeout=20)
    assert process.returncode == 143, printed
    assert "Traceback" not in printed
    for _ in range(100):
        if not (_servers() or _session(process.pid)):
            break
        time.sleep(0.1)
    assert (_servers(), _session(process.pid)) == ([], [])


def _session(number):
    """Return the processes of a session."""
    found = subprocess.run(["ps", "-o", "pid=", "-s", str(number)], capture_output=True, text=True)
    return found.stdout.split()
