"""What the newest releases print differently is reported as data: which number, old, new."""

import json

import drift
import locations
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output


def page(*printed, tags=()):
    """Return a notebook with one cell that has printed these lines."""
    output = new_output("stream", name="stdout", text="\n".join(printed) + "\n")
    cell = new_code_cell("", outputs=[output], execution_count=1, id="loss")
    cell.metadata["tags"] = list(tags)
    return new_notebook(cells=[cell])


@pytest.mark.parametrize(
    "before, after, pairs",
    [
        ("loss 0.2899", "loss 0.2899", []),
        ("loss 0.2899", "loss 0.2898", [("0.2899", "0.2898")]),
        ("[1. 2.5 -3e-07]", "[1.  2.5 -4e-07]", [("-3e-07", "-4e-07")]),
        ("loss 5.0 of 9.0", "loss 9.0 of 5.0", [("5.0", "9.0"), ("9.0", "5.0")]),
        ("loss 0.5", "loss nan", [("loss 0.5", "loss nan")]),
        ("float32", "float64", [("float32", "float64")]),
        ("", "a new line", [("", "a new line")]),
    ],
)
def test_names_the_number(before, after, pairs):
    found = drift.differences(page("first", before), page("first", after))
    assert [(row["old"], row["new"]) for row in found] == pairs
    assert all(row["cell"] == "loss" and row["line"] == before for row in found)


def test_leaves_out_what_is_not_compared():
    tags = ["nbval-ignore-output"]
    assert drift.differences(page("3 s", tags=tags), page("4 s", tags=tags)) == []


def test_frees_only_what_holds_the_numbers():
    lines = drift.newest_requirements()
    assert "numpy" in lines
    assert "sphinx-book-theme==1.1.4" in lines
    assert any(line.startswith("tensorflow;") for line in lines)
    assert any(line.startswith("jupyter-book<2") for line in lines)


def test_says_that_nothing_could_be_installed(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(drift, "newest_requirements", lambda: ["no-such-package @ file:///no"])
    assert drift.there([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("the newest releases could not be installed:\n")


def run(monkeypatch, tmp_path, source, stored):
    """Run the tool on one page, in this environment; return its exit code and what it wrote."""
    notebook = page(stored)
    notebook.cells[0].source = source
    path = tmp_path / "losses" / "page.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    monkeypatch.setattr(drift, "BUILD", tmp_path)
    monkeypatch.setattr("notebooks.ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["drift.py", "--here", str(path)])
    code = drift.main()
    written = json.loads((tmp_path / "drift.json").read_text("utf-8"))
    return code, written, (tmp_path / "drift.md").read_text("utf-8")


def test_reports_a_number_that_drifted(monkeypatch, tmp_path):
    code, data, table = run(monkeypatch, tmp_path, "print('loss', 1 / 4)", "loss 0.26")
    assert code == 1
    row = {"page": "losses/page", "cell": "loss", "line": "loss 0.26", "old": "0.26", "new": "0.25"}
    assert data["drift"] == [row]
    assert "| losses/page | loss | loss 0.26 | 0.26 | 0.25 |" in table
    lock = (locations.ROOT / "environments" / "book.lock").read_text("utf-8")
    assert {"numpy", "keras"} < set(data["versions"])
    assert any(name.startswith("tensorflow") for name in data["versions"])
    assert f"numpy=={data['versions']['numpy']['old']}" in lock


def test_reports_a_page_that_fails(monkeypatch, tmp_path):
    code, data, table = run(monkeypatch, tmp_path, "1 / 0", "loss 0.26")
    assert (code, data["drift"]) == (1, [])
    assert "page.ipynb, cell 'loss' (number 1) failed: ZeroDivisionError" in data["failed"][0]
    assert data["failed"][0] in table


def test_is_content_where_nothing_drifted(monkeypatch, tmp_path):
    code, data, _ = run(monkeypatch, tmp_path, "print('loss', 1 / 4)", "loss 0.25")
    assert (code, data["drift"], data["failed"]) == (0, [], [])
