"""The version table: its newest column is measured again, and its page leads both ways."""

import json
import re
import subprocess
import sys

import helpers.version_table

import dependencies
import locations
import nbformat
import pytest
import version_table

PAGE = locations.CHAPTERS / "reference" / "version_table.ipynb"
KERAS = version_table.PACKAGE
STORED = json.loads(version_table.TABLE.read_text("utf-8"))


def test_newest_column_holds():
    command = [sys.executable, version_table.__file__, "newest", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_failure_has_an_answer_in_every_column():
    assert tuple(STORED["columns"]) == version_table.COLUMNS
    assert not [row["failure"] for row in STORED["rows"] if str(row["failure"]).isdigit()]
    assert [(row["failure"], row["what"]) for row in STORED["rows"]] == list(version_table.ROWS)
    for row in STORED["rows"]:
        assert None not in [row[name] for name in version_table.COLUMNS], row


RUN = {
    "date": "2020-01-01",
    "versions": {"python": "3.11.0", "tensorflow": "2.0.0", KERAS: "3.0.0"},
}
ANSWERS = {("clip", "a loss"): 0.5, ("reset", "an error"): "TypeError: no"}
EMPTY = {"columns": {}, "rows": []}


def test_a_column_is_written_beside_the_others():
    first = version_table.renewed(EMPTY, "newest", RUN, ANSWERS)
    both = version_table.renewed(first, "colab", RUN, {**ANSWERS, ("clip", "a loss"): 0.25})
    assert list(both["columns"]) == ["newest", "colab"]
    row = {"failure": "clip", "what": "a loss", "keras_2": None, "colab": 0.25, "newest": 0.5}
    assert both["rows"][0] == row


@pytest.mark.parametrize(
    ("answers", "run", "fault"),
    [
        ({}, {}, None),
        ({("clip", "a loss"): 0.5 + 1e-6}, {}, None),
        ({("clip", "a loss"): 0.501}, {}, "clip, a loss: the table has 0.5, and here it"),
        ({("clip", "a loss"): "nan"}, {}, "clip, a loss: the table has 0.5, and here it is nan"),
        ({("reset", "new"): 2.0}, {}, "reset, new: the table has None, and here it is 2.0"),
        ({}, {"versions": {"tensorflow": "2.1.0", KERAS: "3.0.0"}}, "tensorflow 2.0.0, and"),
    ],
)
def test_check_names_what_is_no_longer_true(answers, run, fault):
    before = version_table.renewed(EMPTY, "newest", RUN, ANSWERS)
    found = version_table.faults(before, "newest", RUN | run, ANSWERS | answers)
    assert len(found) == (fault is not None)
    assert fault is None or fault in found[0]


def test_check_notices_a_row_that_is_gone():
    before = version_table.renewed(EMPTY, "newest", RUN, {**ANSWERS, ("reset", "gone"): 1.0})
    (fault,) = version_table.faults(before, "newest", RUN, ANSWERS)
    assert "reset, gone: the table has 1.0, and here it is None" in fault


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((0.25, 0.25, 0.25 + 1e-7), False),
        ((0.25, 0.25, 0.251), True),
        (("ValueError: a", 0.25, 0.25), True),
        (("nan", "nan", "nan"), False),
    ],
)
def test_page_tells_rows_that_differ(answers, expected):
    row = dict(zip(version_table.COLUMNS, answers, strict=True))
    assert helpers.version_table.differs(row) is expected


def test_page_is_executed_again_when_the_table_changes():
    assert version_table.TABLE in dependencies.imported_files(dependencies.sources(PAGE))


def test_measures_keras_2_only_where_it_is():
    done = subprocess.run([sys.executable, version_table.__file__, "keras_2"], capture_output=True)
    assert done.returncode
    assert b"column keras_2 is measured with tf_keras, and this is keras" in done.stderr


def links(path):
    """Return the notebooks that a notebook's text leads to."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {(path.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+\.ipynb)", text)}


def test_each_kind_of_failure_that_differs_is_explained():
    cells = nbformat.read(PAGE, as_version=4).cells
    (why,) = [cell.source.lower() for cell in cells if cell.source.startswith("## Why")]
    explained = " ".join(re.findall(r"^\*\*(.+?)\*\*", why, flags=re.MULTILINE))
    differing = {row["failure"] for row in STORED["rows"] if helpers.version_table.differs(row)}
    assert sorted(kind for kind in differing if kind.lower() not in explained) == []


def test_pages_of_the_version_table_lead_back_to_it():
    led_to = links(PAGE)
    assert led_to
    assert {path for path in led_to if PAGE not in links(path)} == set()
