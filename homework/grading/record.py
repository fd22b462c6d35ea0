"""Write what Keras gives for the checks of the homework, for its pages on the site to check with.

Runs in the book's environment before the site is built. TensorFlow is asked where something has
changed since: a check, what it imports, or a version.
"""

import hashlib
import json
from pathlib import Path

import assignments
from dependencies import digest
from locations import BUILD, ROOT

ROUNDS = 3  # of random inputs for each case, as in a notebook
RECORDS = BUILD / "homework.json"  # {assignment: {answer: {"check": its code, "recorded": JSON}}}


def record(assignment: str) -> dict:
    """Return {answer: {"check": its code, "recorded": what Keras gives, as a page brings it}}."""
    from helpers.turns import packed

    from marking import expected

    known = expected(assignment, 0, ROUNDS)
    return {
        name: {
            "check": check.source,
            "recorded": packed({key: known[key] for key in known if key[0] == name}),
        }
        for name, check in assignments.checks(assignment).items()
    }


def main():
    sources = {name: assignments.source(name) for name in assignments.assignments()}
    code = [ROOT / "helpers" / "turns.py", *sorted(Path(__file__).parent.glob("*.py"))]
    parts = [path.read_bytes() for path in [*sources.values(), *code]]
    parts += [digest(path).encode() for path in sources.values()]
    now = hashlib.sha256(b"".join(parts)).hexdigest()
    if RECORDS.is_file() and json.loads(RECORDS.read_text("utf-8"))["digest"] == now:
        return
    records = {"digest": now} | {assignment: record(assignment) for assignment in sources}
    RECORDS.parent.mkdir(exist_ok=True)
    RECORDS.write_text(json.dumps(records), "utf-8")


if __name__ == "__main__":
    main()
