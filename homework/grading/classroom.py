"""Grade all that a class has handed in, some at a time, and write the table of grades."""

import contextlib
import csv
import ctypes
import hashlib
import io
import json
import multiprocessing
import os
import re
import signal
import sys
import unicodedata
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import submissions
from assignments import answers, assignments, source
from locations import BOOK_LOCK, HELPERS, ROOT

NEARLY_ALL = 0.8  # of the votes that name one assignment
PARENT_DEATH_SIGNAL = 1  # of prctl
STOPPED = 143  # the exit code of a worker


def guess_assignment(found) -> str:
    """Return the assignment whose answers the notebooks define. Each student has one vote.

    Raises:
        ValueError: no notebook names any, or they do not nearly all name the same.
    """
    patterns = {
        name: re.compile(rb"(?:def|class)\s+(%s)\b" % "|".join(answers(name)).encode())
        for name in assignments()
    }
    votes = dict.fromkeys(patterns, 0)
    for submission in found:
        named = {name: set() for name in patterns}
        for path in submission.files[: submissions.MAX_FILES]:
            if path.suffix.lower() == ".ipynb":
                with contextlib.suppress(ValueError):
                    data = submissions.read(path).replace(b"\0", b"")
                    for name, pattern in patterns.items():
                        named[name].update(pattern.findall(data))
        best = max(named, key=lambda name: len(named[name]))
        if sum(len(each) == len(named[best]) for each in named.values()) == 1:
            votes[best] += 1
    chosen, cast = max(votes, key=votes.get), sum(votes.values())
    how = f"ASSIGNMENT={'|'.join(votes)}"
    if not cast:
        raise ValueError(f"no notebook has an answer; name the assignment: {how}")
    counted = ", ".join(f"{name}: {number}" for name, number in votes.items())
    if votes[chosen] < NEARLY_ALL * cast:
        raise ValueError(f"the notebooks are of different assignments ({counted}); say {how}")
    print(f"assignment: {chosen}, guessed from the notebooks of {cast} students ({counted})")
    return chosen


class Classroom:
    """One run over the submissions of a class.

    Args:
        assignment: the assignment's name.
        seed: of the random inputs.
        settings: what students' code may use, a sandbox.Settings.
        output: the folder of the results.
    """

    def __init__(self, assignment: str, seed: int, settings, output: Path):
        self.assignment, self.seed, self.settings = assignment, seed, settings
        self.output = output
        self._digest = _digest(assignment, seed, settings)

    def grade(self, found, jobs: int) -> int:
        """Grade what is not graded yet; return the exit code."""
        for folder in ("results", "feedback"):
            (self.output / folder).mkdir(parents=True, exist_ok=True)
        waiting = [submission for submission in found if not self._is_graded(submission)]
        for submission in waiting:
            self._result(submission).unlink(missing_ok=True)
        failed, done = [], len(found) - len(waiting)
        for submission, error in self._each(waiting, jobs):
            done += 1
            if sys.stderr.isatty():
                print(
                    f"\r\33[K{done} of {len(found)}: {submission.name[:40]}",
                    end="",
                    file=sys.stderr,
                )
            if error:
                failed.append((submission.name, error))
        if waiting and sys.stderr.isatty():
            print(file=sys.stderr)
        for name, error in failed:
            print(f"NOT GRADED {name}: {error.strip().splitlines()[-1]}", file=sys.stderr)
        if failed:
            log = self.output / "errors.log"
            _write(log, "\n\n".join(f"{name}\n{error}" for name, error in failed))
            print(f"The same command tries again. What happened is in {log}", file=sys.stderr)
        return int(bool(failed))

    def grade_one(self, submission):
        """Grade one submission, and write its feedback and then its result."""
        import feedback
        import marking

        marks = marking.mark(submission, self.assignment, self.seed, self.settings)
        notes = [plain(note) for note in marking.in_words(marks)]
        remarks = [plain(remark) for remark in marks.remarks]
        html = feedback.page(submission.name, self.assignment, marks, remarks)
        result = {
            "digest": self._digest_of(submission),
            "student": submission.student,
            "points": {name: points for name, (points, _, _) in marks.reports.items()},
            "possible": {name: possible for name, (_, possible, _) in marks.reports.items()},
            "notes": notes,
        }
        _write(self._feedback(submission), html)
        _write(self._result(submission), json.dumps(result, indent=1))

    def write_table(self, found) -> Path:
        """Write grades.csv from the results of all students; return its path."""
        names = answers(self.assignment)
        rows = [["student", *names, "total", "of", "notes"]]
        for submission in found:
            student = cell(submission.name)
            try:
                result = json.loads(self._result(submission).read_text("utf-8"))
            except FileNotFoundError:
                blank = [""] * (len(names) + 2)
                rows.append([student, *blank, "NOT GRADED: the grader failed"])
                continue
            points = [result["points"][name] for name in names]
            totals = sum(points), sum(result["possible"].values())
            numbers = [f"{value:g}" for value in (*points, *totals)]
            rows.append([student, *numbers, cell("; ".join(filter(None, result["notes"])))])
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(rows)
        _write(self.output / "grades.csv", table.getvalue())
        return self.output / "grades.csv"

    def _each(self, waiting, jobs):
        """Yield (submission, error or None) of each submission when it is done."""
        waiting, tries = list(reversed(waiting)), {}
        while waiting:
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(min(jobs, len(waiting)), context, initializer=_start_worker)
            running = {}
            try:
                while waiting or running:
                    while waiting and len(running) < jobs:
                        submission = waiting.pop()
                        with _interrupts_held():
                            running[pool.submit(self.grade_one, submission)] = submission
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        error = future.exception()
                        if isinstance(error, BrokenProcessPool):
                            raise error
                        error = error and f"{type(error).__name__}: {error}"
                        yield running.pop(future), error
            except BrokenProcessPool:
                # One of those that were being graded ended the grader. Each is tried once more,
                # alone.
                for submission in running.values():
                    tries[submission] = tries.get(submission, 0) + 1
                    if tries[submission] > 1:
                        yield submission, "the grader's own process ended"
                    else:
                        waiting.append(submission)
                jobs = 1
            finally:
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                pool.shutdown(cancel_futures=True)

    def _result(self, submission):
        return self.output / "results" / f"{submission.key}.json"

    def _feedback(self, submission):
        return self.output / "feedback" / f"{submission.key}.html"

    def _is_graded(self, submission):
        """Return whether the same submission was graded by the same assignment, code and seed."""
        try:
            result = json.loads(self._result(submission).read_text("utf-8"))
        except (OSError, ValueError):
            return False
        is_current = result.get("digest") == self._digest_of(submission)
        return is_current and self._feedback(submission).is_file()

    def _digest_of(self, submission):
        """Return a digest of a submission and of all else that its grade depends on."""
        digest = hashlib.sha256(self._digest.encode())
        digest.update(os.fsencode(submission.student))
        digest.update(repr(submission.faults).encode())
        for path in submission.files:
            digest.update(os.fsencode(path.name))
            try:
                digest.update(submissions.read(path))
            except ValueError as error:
                digest.update(str(error).encode())
        return digest.hexdigest()


def _digest(assignment, seed, settings):
    """Return a digest of all but the submission that a grade depends on."""
    digest = hashlib.sha256(f"{seed} {settings}".encode())
    code = sorted(Path(__file__).parent.rglob("*.[pj]*"))
    code = [path for path in code if path.suffix in (".py", ".j2")]
    config = ROOT / "_config.yml"  # its address is in the feedback's links
    helpers = [HELPERS / "checks.py", HELPERS / "tables.py"]
    for path in [source(assignment), *helpers, BOOK_LOCK, config, *code]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _start_worker():
    """Have a worker end with the grader, and its sandboxes with it."""
    import sandbox

    def stop(*_):
        sandbox.close_all()
        os._exit(STOPPED)

    signal.signal(signal.SIGTERM, stop)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
    sys.path.insert(0, str(ROOT))


@contextlib.contextmanager
def _interrupts_held():
    """Hold Ctrl-C back, also from the workers that are started meanwhile: they end by SIGTERM."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def plain(text: str) -> str:
    """Return a text in one line that every file and terminal can hold."""
    letters = (" " if c.isspace() else c if c.isprintable() else "�" for c in text)
    return " ".join("".join(letters).split())


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, also where it cuts at semicolons."""

    def defused(found):
        first = unicodedata.normalize("NFKC", found[2])
        return f"{found[1]}'{found[2]}" if first in ("=", "+", "-", "@") else found[0]

    return re.sub(r"(^\W*?|;\s*)([^\w\s;])", defused, plain(text))


def _write(path, text):
    """Write a file whole or not at all."""
    part = path.with_name(f".{os.getpid()}.part")
    part.write_text(text, "utf-8", errors="replace")
    part.replace(path)
