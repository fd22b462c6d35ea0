"""Grade a folder of submissions: grades.csv, and a feedback page for each student.

grade.py SUBMISSIONS                  grade all that is not graded yet
grade.py SUBMISSIONS --student NAME   grade this one, and write no grades.csv
grade.py SUBMISSIONS --list           name the students, one a line

Runs in the book's environment (`make grade` does). Results lie in SUBMISSIONS-graded, one file a
student, so that an interrupted run goes on where it stopped.
"""

import argparse
import importlib.util
import math
import os
import secrets
import signal
import sys
from pathlib import Path

INTERRUPTED, TERMINATED = 130, 143  # exit codes
DANGER = "--run-student-code-unprotected-on-this-machine"
MAX_SECONDS, MAX_JOBS = 600, 256


class UsageError(Exception):
    """Something that was asked for cannot be done; the message says what."""


def main(arguments=None) -> int:
    options = _options(arguments)
    # A shell ignores Ctrl-C for what it starts in the background, and a program inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    # What takes long to import comes after this: an interrupt then is no traceback.
    import classroom
    import submissions
    from sandbox import SandboxError, Settings, check

    try:
        _check_folders(options)
        found = submissions.find(options.submissions)
        if options.list:
            print("\n".join(submission.name for submission in found))
            return 0
        chosen = _chosen(found, options.student)
        assignment = options.assignment or classroom.guess_assignment(found)
        if not importlib.util.find_spec("tensorflow"):
            raise UsageError(f"{sys.executable} has no TensorFlow; `make grade` takes one that has")
        settings = Settings(seconds=options.seconds, protected=not options.unprotected)
        check(settings)
        options.output.mkdir(parents=True, exist_ok=True)
        seed = _kept_seed(options.output / "seed.txt", options.seed)
    except SandboxError as error:
        print(error, file=sys.stderr)
        print(f"Students' code is not run without one, unless you say {DANGER}.", file=sys.stderr)
        return 2
    except (OSError, UsageError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.unprotected:
        print("NO SANDBOX: students' code can read, change and send what you can.", file=sys.stderr)
    room = classroom.Classroom(assignment, seed, settings, options.output)
    code = room.grade(chosen, options.jobs)
    if not options.student:
        print(f"{len(found)} students: {room.write_table(found)}, and {options.output}/feedback")
    return code


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", type=Path, help="folder of what was handed in")
    parser.add_argument("--output", type=Path, help="folder of the results: SUBMISSIONS-graded")
    parser.add_argument("--assignment", help="by default, guessed")
    seed = "of the random inputs: by default that of the last run, or a new one"
    parser.add_argument("--seed", type=_whole(0, math.inf), help=seed)
    jobs = "submissions at a time (2)"
    parser.add_argument("--jobs", type=_whole(1, MAX_JOBS), default=2, help=jobs)
    seconds = "of computing, for one call of an answer (5)"
    parser.add_argument("--seconds", type=_seconds, default=5, help=seconds)
    parser.add_argument("--student", help="grade this one alone")
    parser.add_argument("--list", action="store_true", help="name the students and do no more")
    parser.add_argument(DANGER, dest="unprotected", action="store_true")
    options = parser.parse_args(arguments)
    if options.output is None:
        folder = Path(os.path.abspath(options.submissions))
        options.output = folder.with_name(f"{folder.name}-graded")
    return options


def _whole(least, most):
    def whole(text):
        if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
            to = "" if most == math.inf else f" to {most}"
            words = f"came as {text!r}; expected a whole number from {least}{to}"
            raise argparse.ArgumentTypeError(words)
        return int(text[:18])

    return whole


def _seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= MAX_SECONDS:
        words = f"came as {text!r}; expected a number from 0.1 to {MAX_SECONDS}"
        raise argparse.ArgumentTypeError(words)
    return value


def _check_folders(options):
    from assignments import assignments

    if options.assignment not in (None, *assignments()):
        known = ", ".join(assignments())
        raise UsageError(f"--assignment came as {options.assignment!r}; expected one of {known}")
    if options.output.resolve().is_relative_to(options.submissions.resolve()):
        raise UsageError(
            f"--output: {str(options.output)!r} lies in the folder of what was handed in; "
            "expected a folder beside it"
        )


def _chosen(found, student):
    if not student:
        return found
    chosen = [one for one in found if student in (one.student, one.name)]
    if not chosen:
        raise UsageError(f"--student: nobody is called {student!r}; see --list")
    return chosen


def _kept_seed(path, seed):
    """Return the seed of this run: the one given, or else the last one, or else a new one."""
    if seed is not None:
        path.write_text(f"{seed}\n")
    else:
        try:
            with open(path, "x") as file:  # of several processes, one draws it
                file.write(f"{secrets.randbelow(10**9)}\n")
        except FileExistsError:
            pass
    print(f"seed of the random inputs: {path.read_text().strip()}, kept in {path}")
    return int(path.read_text())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
