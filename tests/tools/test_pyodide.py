"""NumPy for the page comes from whichever source has it, and from none that has another file."""

import hashlib
import json

import pyodide
import pytest

CONTENTS = b"the wheel"


@pytest.fixture(autouse=True)
def listed(monkeypatch, tmp_path):
    """Have Pyodide's own list name the file of this test."""
    numpy = {"file_name": "numpy.whl", "sha256": hashlib.sha256(CONTENTS).hexdigest()}
    lock = {"info": {"version": "1.2.3"}, "packages": {"numpy": numpy}}
    (tmp_path / "pyodide-lock.json").write_text(json.dumps(lock))
    monkeypatch.setattr(pyodide, "CORE", tmp_path)


def silent(wheel):
    raise OSError("no route to host")


def right(wheel):
    return CONTENTS


def wrong(wheel):
    return b"another wheel"


def fetched(folder, *sources):
    return pyodide.numpy_wheel(sources, folder).read_bytes()


def test_asks_the_next_source_where_one_is_silent_or_wrong(tmp_path):
    assert fetched(tmp_path / "new", silent, wrong, right) == CONTENTS


def test_asks_nobody_for_what_is_there(tmp_path):
    fetched(tmp_path, right)
    assert fetched(tmp_path, silent) == CONTENTS


def test_fetches_again_what_was_spoilt(tmp_path):
    (tmp_path / "numpy.whl").write_bytes(b"half a wh")
    assert fetched(tmp_path, right) == CONTENTS


def test_says_in_a_sentence_why_there_is_none(tmp_path, monkeypatch, capsys):
    with pytest.raises(pyodide.NoPyodideError, match="built without Python in the page") as caught:
        fetched(tmp_path, silent, wrong)
    assert "silent: no route to host; wrong: the file has another hash" in str(caught.value)
    assert not (tmp_path / "numpy.whl").exists()
    monkeypatch.setattr(pyodide.numpy_wheel, "__defaults__", ((silent,), tmp_path))
    assert pyodide.main() == 0
    assert capsys.readouterr().out.startswith("The site is built without Python in the page")
