"""What the newest releases print differently is reported: which page and cell, old and new."""

import drift
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output


def report(folder, source, stored):
    """Return the tool's exit code for a page of one cell, and the report that it wrote."""
    output = new_output("stream", name="stdout", text=stored)
    cell = new_code_cell(source, outputs=[output], execution_count=1, id="loss")
    nbformat.write(new_notebook(cells=[cell]), folder / "page.ipynb")
    code = drift.main([str(folder / "page.ipynb")])
    return code, (folder / "drift.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def build(monkeypatch, tmp_path):
    """Have the report written into the test's own folder."""
    monkeypatch.setattr(drift, "BUILD", tmp_path)


def test_names_the_cell_and_both_numbers(tmp_path):
    code, said = report(tmp_path, "print('loss', 1 / 4)", "loss 0.26\n")
    assert code == 1
    assert said.startswith("## 1 cell differs\n")
    assert "page.ipynb, Cell 0</summary>" in said
    assert said.index("loss 0.26") < said.index("loss 0.25")


def test_names_a_cell_that_fails(tmp_path):
    code, said = report(tmp_path, "1 / 0", "loss 0.26\n")
    assert code == 1
    assert "ZeroDivisionError: division by zero" in said


def test_is_content_where_nothing_drifted(tmp_path):
    code, said = report(tmp_path, "print('loss', 1 / 4)", "loss 0.25\n")
    assert code == 0
    assert said.startswith("## 0 cells differ\n")
    locked = drift.BOOK_LOCK.read_text("utf-8").partition("\nkeras==")[2].split()[0]
    assert f"keras {locked} → {locked}" in said
