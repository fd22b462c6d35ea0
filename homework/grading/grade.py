"""Grade a folder of submissions: grades.csv, and a feedback page for each student.

grade.py SUBMISSIONS                  grade all that is not graded yet
grade.py SUBMISSIONS --student NAME   grade this one, and write no grades.csv
grade.py SUBMISSIONS --list           name the students, one a line

Runs in the book's environment (`make grade` does). Results lie in SUBMISSIONS-graded, one file a
student, so that an interrupted run goes on where it stopped.
"""

import argparse
import contextlib
import importlib.util
import math
import os
import secrets
import signal
import sys
from pathlib import Path

INTERRUPTED, TERMINATED = 130, 143  # exit codes
DANGER = "--run-student-code-unprotected-on-this-machine"


def main(arguments=None) -> int:
    # A shell ignores Ctrl-C for what it starts in the background, and a program inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    # What takes long to import comes after this: an interrupt then is no traceback.
    import classroom
    import submissions
    from assignments import assignments
    from sandbox import SandboxError, Settings, check

    options = _options(arguments, assignments())
    try:
        if options.output.resolve().is_relative_to(options.submissions.resolve()):
            raise ValueError(
                f"--output: {str(options.output)!r} lies in the folder of what was handed in; "
                "expected a folder beside it"
            )
        found = submissions.find(options.submissions)
        if options.list:
            print("\n".join(submission.name for submission in found))
            return 0
        chosen = [one for one in found if options.student in (None, one.student, one.name)]
        if not chosen:
            raise ValueError(f"--student: nobody is called {options.student!r}; see --list")
        assignment = options.assignment or classroom.guess_assignment(found)
        if not importlib.util.find_spec("tensorflow"):
            raise ValueError(f"{sys.executable} has no TensorFlow; `make grade` takes one that has")
        settings = Settings(seconds=options.seconds, protected=not options.unprotected)
        check(settings)
        options.output.mkdir(parents=True, exist_ok=True)
        seed = _kept_seed(options.output / "seed.txt", options.seed)
    except (OSError, SandboxError, ValueError) as error:
        print(error, file=sys.stderr)
        if isinstance(error, SandboxError):
            print(f"To run students' code without one, say {DANGER}", file=sys.stderr)
        return 2
    if options.unprotected:
        print("NO SANDBOX: students' code can read, change and send what you can.", file=sys.stderr)
    room = classroom.Classroom(assignment, seed, settings, options.output)
    code = room.grade(chosen, options.jobs)
    if not options.student:
        print(f"{len(found)} students: {room.write_table(found)}, and {options.output}/feedback")
    return code


def _options(arguments, assignments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("submissions", type=Path, help="folder of what was handed in")
    parser.add_argument("--output", type=Path, help="folder of the results: SUBMISSIONS-graded")
    parser.add_argument("--assignment", choices=assignments, help="by default, guessed")
    parser.add_argument("--seed", type=_number(int, 0, math.inf), help="the last run's, or new")
    parser.add_argument("--jobs", type=_number(int, 1, 256), default=2, help="how many at once (2)")
    parser.add_argument("--seconds", type=_number(float, 0.1, 600), default=5, help="of a call (5)")
    parser.add_argument("--student", help="grade this one alone")
    parser.add_argument("--list", action="store_true", help="name the students and do no more")
    parser.add_argument(DANGER, dest="unprotected", action="store_true")
    options = parser.parse_args(arguments)
    if options.output is None:
        folder = Path(os.path.abspath(options.submissions))
        options.output = folder.with_name(f"{folder.name}-graded")
    return options


def _number(kind, least, most):
    """Return a function that reads a number of a kind and between bounds."""

    def number(text):
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            words = f"{'whole ' * (kind is int)}number from {least}{f' to {most}' * (most < 1e9)}"
            raise argparse.ArgumentTypeError(f"came as {text!r}; expected a {words}")
        return value

    return number


def _kept_seed(path, seed):
    """Return the seed of this run: the one given, or else the last one, or else a new one."""
    if seed is not None:
        path.write_text(f"{seed}\n")
    else:
        # Of several processes, one draws it.
        with contextlib.suppress(FileExistsError), open(path, "x") as file:
            file.write(f"{secrets.randbelow(10**9)}\n")
    print(f"seed of the random inputs: {path.read_text().strip()}, kept in {path}")
    return int(path.read_text())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it stopped.", file=sys.stderr)
        sys.exit(INTERRUPTED)
