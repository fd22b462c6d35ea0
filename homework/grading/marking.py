"""Mark one submission: choose its file, run it in a sandbox, and check each answer."""

import base64
import contextlib
import io
import re
import time
from functools import cache

from helpers.checks import Homework

import numpy as np
import submissions
import tensorflow as tf
from assignments import answers, checks
from remote import RemoteNotebook
from sandbox import Sandbox, Settings

ROUNDS = 10  # of random inputs for each case; students see three
MAY_COME_LATER = ("there is no", "not solved yet", "NameError", "UnboundLocalError")


def mark(submission, assignment: str, seed: int, settings: Settings) -> "Marks":
    """Return the marks of a submission. It takes settings.notebook_seconds at most.

    Args:
        submission: what was handed in, a submissions.Submission.
        assignment: the assignment's name.
        seed: of the random inputs.
        settings: what the student's code may use.
    """
    expected(assignment, seed, ROUNDS)  # once, before a student's time begins
    deadline = time.monotonic() + settings.notebook_seconds
    cells, remarks = _chosen(submission, assignment, settings, deadline)
    notebook = RemoteNotebook([cell["source"] for cell in cells], settings, deadline)
    with contextlib.closing(notebook):
        marks = Marks(assignment, seed, cells, notebook)
        marks.run()
    marks.remarks = [*submission.faults, *remarks]
    return marks


@cache
def expected(assignment: str, seed: int, rounds: int) -> dict:
    """Return what the reference gives for all inputs, by (answer, case, round)."""
    recorded = {}
    homework = _Recorder(dict.fromkeys(checks(assignment), print), seed, rounds, recorded)
    for check in checks(assignment).values():
        _run(check, homework)
    return recorded


class _Recorder(Homework):
    """Asks no answer, only the reference."""

    def _check(self, name, cases, rounds, expect, judge):
        return super()._check(name, cases, rounds, expect, lambda *_: [])


def _run(check, homework):
    """Run the assignment's own check cell, apart from the student's names."""
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(check.source, "check", "exec"), {"np": np, "tf": tf, "homework": homework})


def _chosen(submission, assignment, settings, deadline):
    """Return (the cells of the file that counts, remarks on the files)."""
    unreadable, best, names = [], None, answers(assignment)
    for path in submissions.candidates(submission, assignment):
        try:
            found = _read(path, names, settings, deadline)
        except ValueError as error:
            unreadable.append(f"{submissions.shown(path.name)}: {error}")
            continue
        if best is None or found["solved"] > best[1]["solved"]:
            best = path, found
    if best is None:
        return [], unreadable or ([] if submission.faults else ["nothing was handed in"])
    path, found = best
    name, remarks = submissions.shown(path.name), []
    if len(submission.files) > 1:
        remarks.append(f"{len(submission.files)} files were handed in; {name} counts")
    if not found["found"]:
        remarks.append(f"{name} has none of the answers of the assignment '{assignment}'")
    return found["cells"], remarks


def _read(path, names, settings, deadline):
    """Return what sandboxed/student.py finds in a file.

    Raises:
        ValueError: the file cannot be read; the message says why.
    """
    request = {"do": "read", "names": names}
    request["file"] = base64.b64encode(submissions.read(path)).decode()
    with contextlib.closing(Sandbox(settings)) as sandbox:
        try:
            soon = time.monotonic() + settings.exercise_seconds
            found = sandbox.ask(request, min(soon, deadline))
        except (TimeoutError, ProcessLookupError) as error:
            raise ValueError(f"the file cannot be read: reading it {error}") from None
    if "cells" not in found:
        raise ValueError(found.get("unreadable") or f"it cannot be read: {found.get('message')}")
    return found


class Marks:
    """What one submission is worth, and why: each answer is asked where its check stands.

    Args:
        assignment: the assignment's name.
        seed: of the random inputs.
        cells: the code cells, as sandboxed/student.py reads them.
        notebook: a RemoteNotebook of these cells.

    Attributes:
        reports: {answer: (points, possible points, the lines of its check)}.
        notes: {answer: why it may have got less than its student expects}.
        sources: {answer: the sources of the student's cells of that exercise}.
        remarks: on the files, one line each.
    """

    def __init__(self, assignment: str, seed: int, cells: list[dict], notebook: RemoteNotebook):
        self._checks, self._cells, self._notebook = checks(assignment), cells, notebook
        self._homework = Homework(notebook, seed, ROUNDS, expected(assignment, seed, ROUNDS))
        self.reports = dict.fromkeys(self._checks)
        self.notes, self.sources, self.remarks = {}, {}, []

    def run(self):
        """Check every answer. One that lacks something is asked again at the end."""
        end, before = len(self._cells), 0
        places = dict.fromkeys(self._checks, end)
        places |= {cell["check"]: n + 1 for n, cell in enumerate(self._cells) if cell["check"]}
        for name in sorted(places, key=places.get):
            self._check(name, places[name])
            cells = self._cells[before : places[name]]
            self.sources[name] = [each["source"] for each in cells if not each["check"]]
            before = places[name]
        for name, (points, possible, lines) in list(self.reports.items()):
            said, notes = "\n".join(lines), self.notes[name]
            may_come_later = any(words in said for words in MAY_COME_LATER)
            if points < possible and may_come_later and places[name] < end:
                self._check(name, end)
                if self.reports[name][0] > points:
                    self.notes[name].append("is complete only below its check")
                else:
                    self.reports[name], self.notes[name] = (points, possible, lines), notes

    def _check(self, name, place):
        self._notebook.run_to(place)
        self._notebook.reads_clock = False
        _run(self._checks[name], self._homework)
        self.reports[name] = self._homework.reports[name]
        fault = None if self.reports[name][0] else self._fault(name)
        clock = "reads the clock, so that another run may come to other points"
        self.notes[name] = [fault] * bool(fault) + [clock] * self._notebook.reads_clock

    def _fault(self, name):
        """Return in words what went wrong in the last cell that names an answer, if anything."""
        for number, fault in sorted(self._notebook.faults.items(), reverse=True):
            cell = self._cells[number]
            if name in cell["source"] and cell["check"] is None:
                return f"its cell (code cell {number + 1}) failed: {fault}"
        return None

    def in_words(self) -> list[str]:
        """Return why answers got less than they could, one line for each reason."""
        lists, lines = {"not solved yet": [], "there is no": []}, []
        for name, (points, possible, report) in self.reports.items():
            notes = [f"{name} {note}" for note in self.notes[name]]
            said = [words for words in lists if words in report[0] and not (points or notes)]
            if said:
                lists[said[0]].append(name)
            else:
                lines += [f"{name}: {_failing(report)}"] * (points < possible) + notes
        unsolved, missing = lists.values()
        if len(missing) == len(self.reports) and self.remarks:
            missing = []  # the remarks say why
        found = [("not solved", unsolved), ("not in the notebook", missing)]
        return [*self.remarks, *(f"{why}: {', '.join(x)}" for why, x in found if x), *lines]


def _failing(report):
    """Return in words what the lines of a check say about its failing cases."""
    text = "\n".join(report)
    failing = re.findall(r"^  fails  (.+)", text, re.MULTILINE)
    faults = re.findall(r"^ +(raised|came) +(.*)", text, re.MULTILINE) or [["not solved yet"]]
    if failing:
        return f"{', '.join(failing)} failed ({' '.join(faults[0])})"
    return report[0].partition(": ")[2]
