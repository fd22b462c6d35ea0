"""Write what Keras gives for the checks of the homework, for its pages on the site to check with.

Runs in the book's environment before the site is built. TensorFlow is asked where something has
changed since: a check, what it imports, or a version.
"""

import ast
import hashlib
import json
from pathlib import Path

import assignments
from dependencies import digest
from locations import BUILD, ROOT

RECORDS = BUILD / "homework.json"  # {assignment: {answer: {"check": its code, "recorded": JSON}}}


def recorded(check: str) -> str:
    """Return what Keras gives for the code of a check, packed as a page brings it."""
    from helpers.turns import YourTurn, packed

    import numpy as np
    import tensorflow as tf

    *defining, last = ast.parse(check).body
    names = {"np": np, "tf": tf, "homework": YourTurn({})}
    exec(compile(ast.Module(defining, []), "check", "exec"), names)
    report = eval(compile(ast.Expression(last.value), "check", "eval"), names)
    return packed(report.record())


def main():
    releases = {name: assignments.release(name) for name in assignments.assignments()}
    files = [*releases.values(), Path(__file__), ROOT / "helpers" / "turns.py"]
    parts = [path.read_bytes() for path in files] + [
        digest(path).encode() for path in releases.values()
    ]
    now = hashlib.sha256(b"".join(parts)).hexdigest()
    if RECORDS.is_file() and json.loads(RECORDS.read_text("utf-8"))["digest"] == now:
        return
    records = {"digest": now}
    for assignment, path in releases.items():
        sources = {cell.id: cell.source for cell in assignments.notebook(path).cells}
        checks = {name: sources[f"{name}-check"] for name in assignments.answers(assignment)}
        records[assignment] = {
            name: {"check": check, "recorded": recorded(check)} for name, check in checks.items()
        }
    RECORDS.parent.mkdir(exist_ok=True)
    RECORDS.write_text(json.dumps(records), "utf-8")


if __name__ == "__main__":
    main()
