"""Measure the rows of the version table in the environment that runs this, and store them.

version_table.py COLUMN           measure, and write the column of helpers/version_table.json
version_table.py COLUMN --check   measure, and name the answers that are no longer true

COLUMN is `keras_2`, `colab` or `newest`. The rows stand in version_table_rows.py.
"""

import argparse
import datetime
import importlib.metadata
import json
import platform
import re
import sys
import textwrap

import numpy as np
from locations import HELPERS
from version_table_rows import PACKAGE, ROWS, tf

TABLE = HELPERS / "version_table.json"
COLUMNS = ("keras_2", "colab", "newest")
RTOL = 1e-4  # beyond the digits that the page shows
MESSAGE = 60  # letters of an error's message that are kept
ERRORS = (AttributeError, TypeError, ValueError, RuntimeError, tf.errors.OpError)


def answer(call):
    """Return what a call gives as a number of 8 digits; for an error, its name and message."""
    try:
        result = np.asarray(call()).item()
    except ERRORS as error:
        # One line, without the name that TensorFlow gives to the place.
        message = re.sub(r"^\{\{.*?\}\} ", "", str(error)).splitlines()[0]
        return f"{type(error).__name__}: {textwrap.shorten(message, MESSAGE, placeholder='…')}"
    if isinstance(result, str):
        return result
    return "nan" if np.isnan(result) else float(f"{result:.8g}") + 0.0  # no minus zero


def measured() -> tuple[dict, dict]:
    """Return the date and the versions of this environment, and its answer to each row."""
    # Two devices, without TensorFlow's word that CPUs are slow ones.
    tf.get_logger().setLevel("ERROR")
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    versions = {"python": platform.python_version(), "tensorflow": tf.__version__}
    versions[PACKAGE] = importlib.metadata.version(PACKAGE)
    with np.errstate(divide="ignore", invalid="ignore"):
        answers = {row: answer(call) for row, call in ROWS.items()}
    return {"date": datetime.date.today().isoformat(), "versions": versions}, answers


def stored_answers(table: dict, column: str) -> dict:
    """Return a column's answers by failure and what is called; None stands for none yet."""
    return {(row["failure"], row["what"]): row[column] for row in table["rows"]}


def renewed(table: dict, column: str, run: dict, answers: dict) -> dict:
    """Return the table with one column measured anew, in the order of the rows."""
    old = {name: stored_answers(table, name) for name in COLUMNS}
    rows = []
    for (failure, what), new in answers.items():
        others = {name: old[name].get((failure, what)) for name in COLUMNS}
        rows.append({"failure": failure, "what": what, **others, column: new})
    return {"columns": {**table["columns"], column: run}, "rows": rows}


def faults(table: dict, column: str, run: dict, answers: dict) -> list[str]:
    """Return what in a column of the table is not what was measured, a sentence each."""
    found, versions = [], table["columns"][column]["versions"]
    for package in ("tensorflow", PACKAGE):
        there, now = versions.get(package), run["versions"][package]
        if there != now:
            found.append(f"the column {column} is of {package} {there}, and this is {now}")
    before = stored_answers(table, column)
    for failure, what in before | answers:
        old, new = before.get((failure, what)), answers.get((failure, what))
        if not same(old, new):
            found.append(f"failure {failure}, {what}: the table has {old}, and here it is {new}")
    return found


def same(old, new) -> bool:
    """Return whether two answers are the same word, or the same number but for rounding."""
    if isinstance(old, float) and isinstance(new, float):
        return bool(np.isclose(old, new, rtol=RTOL, atol=0))
    return old == new


def write(table: dict) -> None:
    """Write the version table, a row to a line, at once or not at all."""
    rows = ",\n".join(json.dumps(row) for row in table["rows"])
    columns = json.dumps(table["columns"], indent=1)
    new = TABLE.with_suffix(".new")
    new.write_text(f'{{"columns": {columns},\n"rows": [\n{rows}\n]}}\n', "utf-8")
    new.replace(TABLE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("column", choices=COLUMNS)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args()
    if (options.column == "keras_2") != (PACKAGE == "tf_keras"):
        expected = "with tf_keras" if options.column == "keras_2" else "without tf_keras"
        parser.error(
            f"column {options.column} is measured {expected}, and this is {PACKAGE}: {sys.prefix}"
        )
    table, (run, answers) = json.loads(TABLE.read_text("utf-8")), measured()
    if options.check:
        found = faults(table, options.column, run, answers)
        print("\n".join(found) or f"{len(answers)} answers of the column {options.column} hold")
        return int(bool(found))
    write(renewed(table, options.column, run, answers))
    print(f"{options.column}: {run['versions']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
