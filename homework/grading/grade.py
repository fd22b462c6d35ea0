"""Grade a folder of submissions: grades.csv, and a feedback page for each student.

grade.py SUBMISSIONS                  grade all that is not graded yet
grade.py SUBMISSIONS --student NAME   grade this one, and write no grades.csv
grade.py SUBMISSIONS --list           name the students, one a line

Runs in nbgrader's environment (`make grade` does). Results lie in SUBMISSIONS-graded, one file a
student, so that an interrupted run goes on where it stopped.
"""

import argparse
import base64
import contextlib
import csv
import hashlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import nbformat
import submissions
from assignments import answers, assignments, is_solution, source
from locations import HELPERS, environment_python
from sandbox import SETTINGS, EndedError, Sandbox, SandboxError, Settings, check
from tqdm import tqdm

INTERRUPTED = 130  # the exit code
DANGER = "--run-student-code-unprotected-on-this-machine"


def main(arguments=None) -> int:
    options = _options(arguments)
    # A shell ignores Ctrl-C for what it starts in the background, and a program inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = submissions.find(options.submissions)
        if options.list:
            print("\n".join(submission.student for submission in found))
            return 0
        assignment = options.assignment or guess_assignment(found)
        settings = Settings(
            seconds=options.seconds,
            seconds_in_all=12 * options.seconds,
            protected=not options.unprotected,
        )
        os.environ |= {SETTINGS: settings.to_json(), "HOMEWORK_SEED": str(options.seed)}
        os.environ["HOMEWORK_PYTHON"] = str(options.python)
        check(settings)
        _check_python(options.python)
    except SandboxError as error:
        print(error, file=sys.stderr)
        print(f"Students' code is not run without one, unless you say {DANGER}.", file=sys.stderr)
        return 2
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.unprotected:
        print("NO SANDBOX: students' code can read, change and send what you can.", file=sys.stderr)
    if options.student:
        chosen = [submission for submission in found if submission.student == options.student]
        if not chosen:
            print(f"--student: nobody is called {options.student!r}; see --list", file=sys.stderr)
            return 2
        return _grade_all(chosen, assignment, options)
    code = _grade_all(found, assignment, options)
    path = write_table(found, assignment, options.output)
    print(f"{len(found)} students: {path}, and {options.output / 'feedback'}")
    return code


def _check_python(python):
    """Refuse a Python that has not what the checks and the answers need.

    Raises:
        FileNotFoundError: there is no such Python, or it lacks something; the message says what.
    """
    code = "import ipykernel, numpy; from importlib.metadata import version; version('keras'); "
    code += "from sandbox import Settings, check; "
    code += "check(Settings.from_environment(), 'answer')"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    reason = "there is no such program"
    if shutil.which(python):
        done = subprocess.run([python, "-c", code], capture_output=True, env=environment, text=True)
        if done.returncode == 0:
            return
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    raise FileNotFoundError(f"--python: {str(python)!r} cannot run the checks: {reason}")


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", type=Path, help="folder of what was handed in")
    parser.add_argument("--output", type=Path, help="folder of the results: SUBMISSIONS-graded")
    parser.add_argument("--assignment", choices=assignments(), help="by default, guessed")
    parser.add_argument("--seed", type=_seed, default=0, help="of the random inputs (0)")
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time (2)")
    parser.add_argument("--seconds", type=float, default=5, help="for one call of an answer (5)")
    parser.add_argument("--student", help="grade this one alone")
    parser.add_argument("--list", action="store_true", help="name the students and do no more")
    parser.add_argument(
        "--python",
        type=Path,
        default=environment_python(),
        help="the book's Python, which has TensorFlow",
    )
    parser.add_argument(DANGER, dest="unprotected", action="store_true")
    options = parser.parse_args(arguments)
    if options.output is None:
        folder = Path(os.path.abspath(options.submissions))
        options.output = folder.with_name(f"{folder.name}-graded")
    return options


def _seed(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"came as {text!r}; expected a whole number from 0")
    return int(text)


def guess_assignment(found) -> str:
    """Return the assignment whose answers the files name most often.

    Raises:
        ValueError: no file names any.
    """
    names = {name: answers(name) for name in assignments()}
    patterns = {
        name: re.compile(rb"(def|class) (%s)\b" % "|".join(each).encode())
        for name, each in names.items()
    }
    votes = dict.fromkeys(names, 0)
    for submission in found:
        for path in submission.files[: submissions.MAX_FILES]:
            with contextlib.suppress(ValueError, OSError):
                data = submissions.read(path)
                for name, pattern in patterns.items():
                    votes[name] += len({match[2] for match in pattern.finditer(data)})
    if not any(votes.values()):
        raise ValueError(
            f"no file has an answer; name the assignment: ASSIGNMENT={'|'.join(names)}"
        )
    return max(votes, key=votes.get)


def _grade_all(found, assignment, options):
    """Grade what is not graded yet, some at a time; return the exit code."""
    (options.output / "results").mkdir(parents=True, exist_ok=True)
    (options.output / "feedback").mkdir(exist_ok=True)
    digest = _digest(assignment)
    waiting = [one for one in found if not _is_graded(one, assignment, digest, options.output)]
    failed = []
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        template = Path(folder, "course")
        if waiting:
            import course  # nbgrader takes seconds to import

            course.generate(assignment, template)
        for submission in waiting:
            _result(submission, options.output).unlink(missing_ok=True)
        job = Job(assignment, digest, template, options.output)
        bar = tqdm(total=len(found), initial=len(found) - len(waiting), unit="student")
        with bar:
            for student, error in _each(waiting, job, options.jobs, bar):
                bar.update()
                if error:
                    failed.append((student, error))
    for student, error in failed:
        print(f"NOT GRADED {student}: {error.strip().splitlines()[-1]}", file=sys.stderr)
    if failed:
        log = options.output / "errors.log"
        _write(log, "\n\n".join(f"{student}\n{error}" for student, error in failed))
        print(f"The same command tries again. What happened is in {log}", file=sys.stderr)
    return int(bool(failed))


class Job:
    """What the grading of every submission of one run shares."""

    def __init__(self, assignment, digest, template, output):
        self.assignment = assignment
        self.digest = digest
        self.template = template
        self.output = output


def _each(waiting, job, jobs, bar):
    """Yield (student, error or None) of each submission when it is done."""
    waiting = list(reversed(waiting))
    tries = {}
    while waiting:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(jobs, len(waiting)), context, initializer=_ignore_interrupt)
        running = {}
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    submission = waiting.pop()
                    running[pool.submit(grade, submission, job)] = submission
                bar.set_description(", ".join(one.student[:20] for one in running.values()))
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        raise error
                    yield running.pop(future).student, error and f"{type(error).__name__}: {error}"
        except BrokenProcessPool:
            # One of those that were being graded ended the grader. Each is tried once more, alone.
            for submission in running.values():
                tries[submission] = tries.get(submission, 0) + 1
                if tries[submission] > 1:
                    yield submission.student, "the grader's own process ended"
                else:
                    waiting.append(submission)
            jobs = 1
        finally:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(cancel_futures=True)


def _ignore_interrupt():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())


def grade(submission, job):
    """Grade one submission, and write its feedback and then its result."""
    import course

    taken, notes, about = take_over(submission, job.assignment)
    release = job.template / "release" / job.assignment / f"{job.assignment}.ipynb"
    notebook = nbformat.read(release, as_version=4)
    course.with_whole_links(notebook)
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = taken.get(cell.metadata.nbgrader.grade_id, cell.source)
    remarks = [f"{name} {note}." for name, note in notes.items()] + about
    notebook.cells.insert(0, _note(submission.student, remarks))
    with tempfile.TemporaryDirectory(prefix="grading-") as folder:
        where = Path(folder)
        scores, feedback = course.grade(
            job.template, where, job.assignment, submission.key, notebook
        )
    result = {
        "digest": _digest_of(submission, job.digest),
        "student": submission.student,
        "points": {name: got for name, (got, _, _) in scores.items()},
        "possible": {name: of for name, (_, of, _) in scores.items()},
        "notes": about + (_in_words(scores, notes) if taken else []),
    }
    _write(job.output / "feedback" / f"{submission.key}.html", feedback)
    _write(_result(submission, job.output), json.dumps(result, indent=1))


def _note(student, remarks):
    """Return a cell that shows remarks as they are, whatever they hold, and knows the student."""
    lines = [" ".join(line.split()) for line in remarks]
    text = "\n".join(f"    {line}" for line in lines)
    return nbformat.v4.new_markdown_cell(text, metadata={"student": student})


def take_over(submission, assignment):
    """Return ({answer: source}, {answer: note}, remarks on the files) of one submission."""
    names, unreadable, best = answers(assignment), [], None
    files = submissions.candidates(submission, assignment)
    for path in files:
        try:
            taken = _taken_from(path, names)
        except ValueError as error:
            unreadable.append(f"{path.name}: {error}")
            continue
        if best is None or len(taken["answers"]) > len(best[1]["answers"]):
            best = path, taken
        if taken["answers"]:
            break
    if best is None:
        return {}, {}, unreadable or ["nothing was handed in"]
    path, taken = best
    if not taken["answers"]:
        return {}, {}, [f"{path.name} has none of the answers of the assignment '{assignment}'"]
    others = len(submission.files) - 1
    counted = [f"{others + 1} files were handed in; {path.name} counts"] if others else []
    return taken["answers"], taken["notes"], counted


def _taken_from(path, names):
    """Return what sandboxed/takeover.py finds in a file.

    Raises:
        ValueError: the file cannot be read; the message says why.
    """
    data = submissions.read(path)
    request = {"file": base64.b64encode(data).decode(), "names": names}
    with Sandbox("takeover", Settings(**json.loads(os.environ[SETTINGS]))) as sandbox:
        try:
            taken = sandbox.ask(request)
        except EndedError as error:
            raise ValueError(f"the file cannot be read: reading it {error}") from None
    if "unreadable" in taken:
        raise ValueError(str(taken["unreadable"]))
    texts = [taken.get("answers"), taken.get("notes")]
    if not all(isinstance(each, dict) for each in texts):
        raise ValueError(f"the file cannot be read: {taken.get('message', 'no reason given')}")
    return taken


def _in_words(scores, notes):
    """Return why answers got less than they could, one line for each reason."""
    unsolved = [name for name, score in scores.items() if _is_unsolved(*score, notes.get(name))]
    lines = [f"not solved: {', '.join(unsolved)}"] if unsolved else []
    for name, (got, possible, printed) in scores.items():
        note = notes.get(name)
        if note:
            lines.append(f"{name} {note}")
        if got < possible and name not in unsolved and not (note and got == 0):
            lines.append(f"{name}: {_failing(printed)}")
    return lines


def _is_unsolved(got, possible, printed, note):
    return not got and not note and any("not solved yet" in line for line in printed[:1])


def _failing(printed):
    """Return in words what the lines of a check say about its failing cases."""
    failing, faults = [], []
    for line in printed[1:]:
        word, _, rest = line.strip().partition(" ")
        if word == "fails":
            failing.append(rest.strip())
        elif word in ("raised", "came"):
            faults.append(f"{word} {rest.strip()}")
    if failing:
        return f"{', '.join(failing)} failed ({faults[0] if faults else 'not solved yet'})"
    return printed[0].partition(": ")[2] if printed else "the check ended without a word"


def write_table(found, assignment, output) -> Path:
    """Write grades.csv from the results of all students; return its path."""
    names = answers(assignment)
    rows = []
    for submission in found:
        try:
            result = json.loads(_result(submission, output).read_text("utf-8"))
        except FileNotFoundError:
            blank = [""] * (len(names) + 2)
            rows.append([_cell(submission.student), *blank, "NOT GRADED: the grader failed"])
            continue
        points = [result["points"][name] for name in names]
        totals = sum(points), sum(result["possible"].values())
        notes = "; ".join(filter(None, result["notes"]))
        rows.append([_cell(submission.student), *map(_number, (*points, *totals)), _cell(notes)])
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerows(
        [["student", *names, "total", "of", "notes"], *rows]
    )
    _write(output / "grades.csv", "".join(lines))
    return output / "grades.csv"


class _Lines(list):
    write = list.append


def _cell(text):
    """Return a text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _number(value):
    return f"{value:g}"


def _write(path, text):
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, "utf-8", errors="replace")
    part.replace(path)


def _result(submission, output):
    return output / "results" / f"{submission.key}.json"


def _is_graded(submission, assignment, digest, output):
    """Return whether the same submission was graded by the same assignment, code and seed."""
    try:
        result = json.loads(_result(submission, output).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    feedback = output / "feedback" / f"{submission.key}.html"
    return feedback.is_file() and result.get("digest") == _digest_of(submission, digest)


def _digest(assignment):
    """Return a digest of all but the submission that a grade depends on."""
    digest = hashlib.sha256()
    found = sorted(Path(__file__).parent.rglob("*.*"))
    code = [path for path in found if path.suffix in (".py", ".j2", ".json")] + [Path(__file__)]
    for path in [source(assignment), HELPERS / "checks.py", *code]:
        digest.update(path.read_bytes())
    for name in ("HOMEWORK_SEED", SETTINGS):
        digest.update(os.environ[name].encode())
    return digest.hexdigest()


def _digest_of(submission, digest):
    """Return a digest of a submission and of all else that its grade depends on."""
    digest = hashlib.sha256(digest.encode())
    for path in submission.files:
        digest.update(path.name.encode(errors="replace"))
        try:
            digest.update(submissions.read(path))
        except (OSError, ValueError) as error:
            digest.update(str(error).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
