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
import traceback
import unicodedata
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import submissions
from assignments import answers, assignments, source
from locations import BOOK_LOCK, HELPERS, ROOT

NEARLY_ALL = 0.8  # of the votes that name one assignment
RESULT, FEEDBACK = "results/{}.json", "feedback/{}.html"  # of one submission, by its key
PARENT_DEATH_SIGNAL = 1  # of prctl


def guess_assignment(found) -> str:
    """Return the assignment whose answers the notebooks define. Each student has one vote.

    Raises:
        ValueError: no notebook names any, or they do not nearly all name the same.
    """
    defined = rb"(?:def|class)\s+(%s)\b"
    patterns = {name: defined % "|".join(answers(name)).encode() for name in assignments()}
    votes = dict.fromkeys(patterns, 0)
    for submission in found:
        data = b""
        for path in submission.files[: submissions.MAX_FILES]:
            with contextlib.suppress(ValueError):
                is_notebook = path.suffix.lower() == ".ipynb"
                data += submissions.read(path).replace(b"\0", b"") if is_notebook else b""
        named = {name: len({*re.findall(each, data)}) for name, each in patterns.items()}
        best = max(named, key=named.get)
        if list(named.values()).count(named[best]) == 1:
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
            self._path(RESULT, submission).unlink(missing_ok=True)
        failed, graded = [], len(found) - len(waiting)
        for done, (submission, error) in enumerate(self._each(waiting, jobs), graded + 1):
            if sys.stderr.isatty():
                counter = f"{done} of {len(found)}: {submission.name[:40]}"
                print(f"\r\33[K{counter}", end="\n" * (done == len(found)), file=sys.stderr)
            if error:
                failed.append((submission.name, error))
        for name, error in failed:
            words = plain(f"{type(error).__name__}: {error}")
            print(f"NOT GRADED {name}: {words}", file=sys.stderr)
        if failed:
            log = self.output / "errors.log"
            told = ["".join([name, "\n", *traceback.format_exception(e)]) for name, e in failed]
            _write(log, "\n".join(told))
            print(f"The same command tries again. What happened is in {log}", file=sys.stderr)
        return int(bool(failed))

    def grade_one(self, submission):
        """Grade one submission, and write its feedback and then its result."""
        import feedback
        import marking

        marks = marking.mark(submission, self.assignment, self.seed, self.settings)
        remarks = [plain(remark) for remark in marks.remarks]
        html = feedback.page(submission.name, self.assignment, marks, remarks)
        result = {
            "digest": self._digest_of(submission),
            "points": {name: report[:2] for name, report in marks.reports.items()},
            "notes": [plain(note) for note in marks.in_words()],
        }
        _write(self._path(FEEDBACK, submission), html)
        _write(self._path(RESULT, submission), json.dumps(result, indent=1))

    def write_table(self, found) -> Path:
        """Write grades.csv from the results of all students; return its path."""
        names = answers(self.assignment)
        rows = [["student", *names, "total", "of", "notes"]]
        for submission in found:
            student = cell(submission.name)
            if not (result := self._kept(submission)):
                blank = [""] * (len(names) + 2)
                rows.append([student, *blank, "NOT GRADED: the grader failed"])
                continue
            points, possible = zip(*(result["points"][name] for name in names), strict=True)
            numbers = [f"{value:g}" for value in (*points, sum(points), sum(possible))]
            rows.append([student, *numbers, cell("; ".join(filter(None, result["notes"])))])
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(rows)
        _write(self.output / "grades.csv", table.getvalue())
        return self.output / "grades.csv"

    def _each(self, waiting, jobs):
        """Yield (submission, error or None) of each submission when it is done."""
        waiting, context = list(waiting), multiprocessing.get_context("spawn")
        while waiting:
            pool = ProcessPoolExecutor(min(jobs, len(waiting)), context, initializer=_start_worker)
            try:
                # The workers inherit that Ctrl-C is held back: they end by SIGTERM.
                before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                futures = {pool.submit(self.grade_one, each): each for each in waiting}
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                for future in as_completed(futures):
                    error = future.exception()
                    if not isinstance(error, BrokenProcessPool):
                        waiting.remove(futures[future])
                        yield futures[future], error
            finally:
                for process in list((pool._processes or {}).values()):
                    process.terminate()
                pool.shutdown(cancel_futures=True)
            # One of these ended a worker. One at a time, it is the first that is left over.
            if waiting and jobs == 1:
                yield waiting.pop(0), ChildProcessError("the grader's own process ended")
            jobs = 1

    def _path(self, name, submission):
        return self.output / name.format(submission.key)

    def _is_graded(self, submission):
        """Return whether the same submission was graded by the same assignment, code and seed."""
        is_current = self._kept(submission).get("digest") == self._digest_of(submission)
        return is_current and self._path(FEEDBACK, submission).is_file()

    def _kept(self, submission):
        """Return the result that is kept of a submission, {} where there is none."""
        try:
            return json.loads(self._path(RESULT, submission).read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def _digest_of(self, submission):
        """Return a digest of a submission and of all else that its grade depends on."""
        names = [path.name for path in submission.files]
        parts = (self._digest, submission.student, names, submission.faults)
        digest = hashlib.sha256(repr(parts).encode())
        for path in submissions.candidates(submission, self.assignment):
            try:
                digest.update(submissions.read(path))
            except ValueError as error:
                digest.update(str(error).encode())
        return digest.hexdigest()


def _digest(assignment, seed, settings):
    """Return a digest of all but the submission that a grade depends on."""
    digest = hashlib.sha256(f"{seed} {settings}".encode())
    files = sorted(Path(__file__).parent.rglob("*"))
    code = [path for path in files if path.suffix in (".py", ".j2")]
    config = ROOT / "_config.yml"  # its address is in the feedback's links
    helpers = [HELPERS / "checks.py", HELPERS / "tables.py"]
    for path in [source(assignment), *helpers, BOOK_LOCK, config, *code]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _start_worker():
    """Have a worker end with the grader; its sandboxes end with it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
    sys.path.insert(0, str(ROOT))


def plain(text: str) -> str:
    """Return a text in one line that every file and terminal can hold."""
    return " ".join(submissions.printable(text).split())


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
