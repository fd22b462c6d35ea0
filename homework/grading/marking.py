"""Mark one submission: choose its file, run it in a sandbox, and check each answer."""

import base64
import contextlib
import io
from dataclasses import dataclass, field

import submissions
from assignments import answers, checks
from remote import OutOfTimeError, RemoteNotebook
from sandbox import Budget, EndedError, Sandbox, Settings

ROUNDS = 10  # of random inputs for each case; students see three
_recorded = {}  # the expected results: the same for all students, by seed and assignment


@dataclass
class Marks:
    """What one submission is worth, and why.

    Attributes:
        reports: {answer: (points, possible points, the lines of its check)}.
        remarks: on the files, one line each.
        notes: {answer: why it may have got less than its student expects}.
        cells: {answer: the sources of the student's cells of that exercise}.
    """

    reports: dict
    remarks: list = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    cells: dict = field(default_factory=dict)


def mark(submission, assignment: str, seed: int, settings: Settings) -> Marks:
    """Return the marks of a submission. It is waited for settings.notebook_seconds at most.

    Args:
        submission: what was handed in, a submissions.Submission.
        assignment: the assignment's name.
        seed: of the random inputs.
        settings: what the student's code may use.
    """
    budget = Budget(settings.notebook_seconds)
    cells, remarks = _chosen(submission, assignment, settings, budget)
    exercises = Exercises(assignment, seed, cells, settings, budget)
    try:
        exercises.run()
    finally:
        exercises.notebook.close()
    marks = exercises.marks
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
    data = base64.b64encode(submissions.read(path)).decode()
    with Sandbox(settings) as sandbox:
        try:
            found = sandbox.ask(
                {"do": "read", "file": data, "names": names},
                budget,
                Budget(settings.exercise_seconds),
            )
        except EndedError as error:
            raise ValueError(f"the file cannot be read: reading it {error}") from None
    if "unreadable" in found:
        raise ValueError(str(found["unreadable"]))
    if not isinstance(found.get("cells"), list):
        raise ValueError(f"the file cannot be read: {found.get('message', 'no reason given')}")
    return found


class Exercises:
    """The exercises of one submission, each asked where its check stands in the notebook."""

    def __init__(self, assignment, seed, cells, settings, budget):
        from helpers.checks import Homework

        self._checks = checks(assignment)
        self._cells = cells
        self.notebook = RemoteNotebook([cell["source"] for cell in cells], settings, budget)
        recorded = _recorded.setdefault((assignment, seed), {})
        self._homework = Homework(self.notebook, seed, ROUNDS, recorded)
        self.marks = Marks(self._homework.reports)

    def run(self):
        """Check every answer."""
        places = {cell["check"]: number + 1 for number, cell in enumerate(self._cells)}
        end, before = len(self._cells), 0
        late = []
        for name in sorted(self._checks, key=lambda name: places.get(name, end)):
            place = places.get(name, end)
            self._check(name, place)
            cells = self._cells[before:place]
            self.marks.cells[name] = [each["source"] for each in cells if not each["check"]]
            before = place
            if place < end and _is_incomplete(*self._homework.reports[name]):
                late.append(name)
        for name in late:
            self._check_again_at_the_end(name, end)
        self.marks.reports = {name: self._homework.reports[name] for name in self._checks}

    def _check(self, name, place):
        self.notebook.run_to(place)
        self.notebook.reads_clock = False
        _run_check(self._checks[name].source, self._homework)
        notes = []
        fault = self._fault(name) if not self._homework.reports[name][0] else None
        if fault:
            notes.append(fault)
        if self.notebook.reads_clock:
            notes.append("reads the clock, so that another run may come to other points")
        self.marks.notes[name] = notes

    def _check_again_at_the_end(self, name, end):
        """Give an answer the better of two: some part of it is defined below its check."""
        before, notes = self._homework.reports[name], self.marks.notes[name]
        self._check(name, end)
        if self._homework.reports[name][0] > before[0]:
            self.marks.notes[name].append("is complete only below its check")
        else:
            self._homework.reports[name], self.marks.notes[name] = before, notes

    def _fault(self, name):
        """Return in words what went wrong in the last cell that names an answer, if anything."""
        for number in sorted(self.notebook.faults, reverse=True):
            cell = self._cells[number]
            if name in cell["source"] and cell["check"] is None:
                return f"its cell (code cell {number + 1}) failed: {self.notebook.faults[number]}"
        return None


def _is_incomplete(points, possible, lines):
    """Return whether something that an answer needs may be defined further down."""
    words = ("there is no", "not solved yet", "NameError", "UnboundLocalError")
    return points < possible and any(word in line for line in lines for word in words)


def _run_check(source, homework):
    """Run the assignment's own check cell, apart from the student's names."""
    import numpy as np
    import tensorflow as tf

    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(OutOfTimeError, EndedError):
        exec(compile(source, "check", "exec"), {"np": np, "tf": tf, "homework": homework})


def in_words(marks: Marks) -> list[str]:
    """Return why answers got less than they could, one line for each reason."""
    unsolved, missing, lines = [], [], []
    for name, (points, possible, report) in marks.reports.items():
        notes = [f"{name} {note}" for note in marks.notes[name]]
        if not points and not notes and "not solved yet" in report[0]:
            unsolved.append(name)
        elif not points and not notes and f"there is no {name}" in report[0]:
            missing.append(name)
        elif points < possible:
            lines += [f"{name}: {_failing(report)}", *notes]
        else:
            lines += notes
    if len(missing) == len(marks.reports) and marks.remarks:
        missing = []  # the remarks say why
    found = [("not solved", unsolved), ("not in the notebook", missing)]
    return marks.remarks + [f"{why}: {', '.join(names)}" for why, names in found if names] + lines


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
