"""Mark one submission: choose its file, run it in a sandbox, and check each answer."""

import base64
import contextlib
import io

from helpers.checks import Homework

import numpy as np
import submissions
import tensorflow as tf
from assignments import answers, checks
from remote import RemoteNotebook
from sandbox import Budget, Sandbox, Settings

ROUNDS = 10  # of random inputs for each case; students see three
MAY_COME_LATER = ("there is no", "not solved yet", "NameError", "UnboundLocalError")
_recorded = {}  # the expected results: the same for all students, by seed and assignment


def mark(submission, assignment: str, seed: int, settings: Settings) -> "Marks":
    """Return the marks of a submission. It is waited for settings.notebook_seconds at most.

    Args:
        submission: what was handed in, a submissions.Submission.
        assignment: the assignment's name.
        seed: of the random inputs.
        settings: what the student's code may use.
    """
    budget = Budget(settings.notebook_seconds)
    cells, remarks = _chosen(submission, assignment, settings, budget)
    notebook = RemoteNotebook([cell["source"] for cell in cells], settings, budget)
    with contextlib.closing(notebook):
        marks = Marks(assignment, seed, cells, notebook)
        marks.run()
    marks.remarks = [*submission.faults, *remarks]
    return marks


def _chosen(submission, assignment, settings, budget):
    """Return (the cells of the file that counts, remarks on the files)."""
    unreadable, best, names = [], None, answers(assignment)
    for path in submissions.candidates(submission, assignment):
        try:
            found = _read(path, names, settings, budget)
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


def _read(path, names, settings, budget):
    """Return what sandboxed/student.py finds in a file.

    Raises:
        ValueError: the file cannot be read; the message says why.
    """
    request = {"do": "read", "names": names}
    request["file"] = base64.b64encode(submissions.read(path)).decode()
    with contextlib.closing(Sandbox(settings)) as sandbox:
        try:
            found = sandbox.ask(request, budget, Budget(settings.exercise_seconds))
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
        recorded = _recorded.setdefault((assignment, seed), {})
        self._homework = Homework(notebook, seed, ROUNDS, recorded)
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
        """Run the assignment's own check cell, apart from the student's names."""
        self._notebook.run_to(place)
        self._notebook.reads_clock = False
        code = compile(self._checks[name].source, "check", "exec")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, {"np": np, "tf": tf, "homework": self._homework})
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
        unsolved, missing, lines = [], [], []
        for name, (points, possible, report) in self.reports.items():
            notes = [f"{name} {note}" for note in self.notes[name]]
            if not points and not notes and "not solved yet" in report[0]:
                unsolved.append(name)
            elif not points and not notes and f"there is no {name}" in report[0]:
                missing.append(name)
            else:
                lines += [f"{name}: {_failing(report)}"] * (points < possible) + notes
        if len(missing) == len(self.reports) and self.remarks:
            missing = []  # the remarks say why
        found = [("not solved", unsolved), ("not in the notebook", missing)]
        lists = [f"{why}: {', '.join(names)}" for why, names in found if names]
        return self.remarks + lists + lines


def _failing(report):
    """Return in words what the lines of a check say about its failing cases."""
    failing, faults = [], []
    for line in report[1:]:
        word, _, rest = line.strip().partition(" ")
        if word == "fails":
            failing.append(rest.strip())
        elif word in ("raised", "came"):
            faults.append(f"{word} {rest.strip()}")
    if failing:
        return f"{', '.join(failing)} failed ({faults[0] if faults else 'not solved yet'})"
    return report[0].partition(": ")[2]
