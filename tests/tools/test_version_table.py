"""The version table: its newest column is measured again, and its page leads both ways."""

import copy
import json
import re
import subprocess
import sys

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
    assert {row["failure"] for row in STORED["rows"]} == set(range(1, 18))
    for row in STORED["rows"]:
        assert None not in [row[name] for name in version_table.COLUMNS], row


@pytest.fixture
def here(monkeypatch):
    """Return a measurement of two rows, as if they were all."""
    two = [(1, "a loss", None), (2, "an error", None)]
    monkeypatch.setattr(version_table, "MEASURES", two)
    versions = {"python": "3.11.0", "tensorflow": "2.0.0", version_table.PACKAGE: "3.0.0"}
    return {"date": "2020-01-01", "versions": versions, "answers": [0.5, "TypeError: no"]}


def test_a_column_is_written_beside_the_others(here):
    first = version_table.with_column({}, "newest", here)
    both = version_table.with_column(first, "colab", {**here, "answers": [0.25, "TypeError: no"]})
    assert list(both["columns"]) == ["colab", "newest"]
    assert both["rows"][0] == {
        **{"failure": 1, "what": "a loss"},
        **{"keras_2": None, "colab": 0.25, "newest": 0.5, "differs": True},
    }
    rounded = version_table.with_column(
        both, "keras_2", {**here, "answers": [0.25, "TypeError: no"]}
    )
    level = version_table.with_column(
        rounded, "newest", {**here, "answers": [0.25 + 1e-7, "TypeError: no"]}
    )
    assert [row["differs"] for row in level["rows"]] == [False, False]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"answers": [0.5 + 1e-6, "TypeError: no"]}, None),
        ({"answers": [0.501, "TypeError: no"]}, "1, a loss: the table has 0.5, and here it"),
        ({"answers": [0.5, "TypeError: yes"]}, "2, an error: the table has TypeError: no, and"),
        ({"answers": [0.5, 1.0]}, "2, an error: the table has TypeError: no, and here it is 1.0"),
        ({"versions": {"tensorflow": "2.1.0", KERAS: "3.0.0"}}, "tensorflow 2.0.0, and"),
    ],
)  # fmt: skip
def test_check_names_what_is_no_longer_true(here, change, fault):
    before = version_table.with_column({}, "newest", here)
    found = version_table.faults(before, "newest", {**here, **change})
    assert len(found) == (fault is not None)
    assert fault is None or fault in found[0]


def test_check_notices_a_row_that_is_new_or_gone(here, monkeypatch):
    before = version_table.with_column({}, "newest", here)
    more = copy.deepcopy(before)
    more["rows"].append({"failure": 3, "what": "gone", "newest": 1.0})
    assert "3, gone: the table has 1.0, and here it is None" in str(
        version_table.faults(more, "newest", here)
    )
    monkeypatch.setattr(version_table, "MEASURES", [*version_table.MEASURES, (4, "new", None)])
    now = {**here, "answers": [*here["answers"], 2.0]}
    assert "4, new: the table has None, and here it is 2.0" in str(
        version_table.faults(before, "newest", now)
    )


def test_measures_keras_2_only_where_it_is():
    done = subprocess.run([sys.executable, version_table.__file__, "keras_2"], capture_output=True)
    assert done.returncode == 1
    assert b"column keras_2 is measured with tf_keras, and this is keras" in done.stdout


def links(path):
    """Return the notebooks that a notebook's text leads to."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {(path.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+\.ipynb)", text)}


def test_pages_of_the_version_table_lead_back_to_it():
    led_to = links(PAGE)
    assert led_to
    assert {path for path in led_to if PAGE not in links(path)} == set()
