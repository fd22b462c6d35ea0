"""What the book's failures answer in three versions of Keras, as `make version-table` stored it."""

import json
from pathlib import Path

from helpers.tables import table

import numpy as np

_STORED = json.loads(Path(__file__).with_name("version_table.json").read_text("utf-8"))
environments, rows = _STORED["columns"], _STORED["rows"]
RTOL = 1e-4  # numbers closer than this are the same number, rounded differently


def differs(row) -> bool:
    """Return whether the environments do not all give the same answer to a row."""
    answers = [row[name] for name in environments]
    if all(isinstance(answer, float) for answer in answers):
        return not np.allclose(answers, answers[0], rtol=RTOL, atol=0)
    return len({str(answer) for answer in answers}) > 1


def is_error(answer) -> bool:
    """Return whether an answer is an error's name and message."""
    return "Error: " in str(answer)


def environments_table():
    """Return a table of the environments, their versions, and the day of each measurement."""
    runs = environments.values()
    return table(
        column=list(environments),
        tensorflow=[run["versions"]["tensorflow"] for run in runs],
        keras=[list(run["versions"].values())[-1] for run in runs],
        measured=[run["date"] for run in runs],
    )


def answers_table(rows):
    """Return a table of rows: a number is what a call returns, an error stands for its message.

    Where no row differs, one column has the answer of all environments.
    """
    columns = {name: name for name in environments}
    columns = columns if any(map(differs, rows)) else {"answer": next(iter(columns))}
    answers = {
        column: ["error" if is_error(row[name]) else row[name] for row in rows]
        for column, name in columns.items()
    }
    failures = [str(row["failure"]) for row in rows]
    return table(failure=failures, what=[row["what"] for row in rows], **answers)


def messages_table():
    """Return a table of the errors in all rows, each with the environments that raise it."""
    raised = {}
    for row in rows:
        for name in environments:
            if is_error(row[name]):
                raised.setdefault((str(row["failure"]), row[name]), []).append(name)
    failures, messages = zip(*raised, strict=True)
    return table(failure=failures, message=messages, columns=map(", ".join, raised.values()))
