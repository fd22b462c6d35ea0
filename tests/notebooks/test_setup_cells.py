"""The setup cell says what is missing, and fetches nothing that is there."""

import importlib.util
import sys

import locations
import pytest
import setup_cells
import yaml
from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs the setup cell in an empty folder, where helpers is missing."""

    def run(found=()):
        commands, answers = [], iter(found)

        class Shell:
            system = commands.append

        monkeypatch.setattr(importlib.util, "find_spec", lambda name: next(answers))
        monkeypatch.setattr(sys, "path", list(sys.path))
        exec(setup_cells.setup_cell(), {"get_ipython": Shell})
        return commands

    monkeypatch.chdir(tmp_path)
    return run


def test_does_nothing_where_helpers_are_found(run):
    before = list(sys.path)
    assert run(found=["a spec"]) == []
    assert sys.path == before


def test_says_what_to_do_where_they_are_not(run):
    with pytest.raises(ImportError, match="open this notebook inside the book's folder"):
        run(found=[None, None])


def test_clones_in_colab(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    (command,) = run(found=[None, "a spec"])
    assert "GIT_TERMINAL_PROMPT=0; test -d book || git clone" in command
    assert "--depth 1" in command


def test_reaches_the_shell_as_it_is():
    """IPython replaces names after a dollar sign and in braces before a command runs."""
    command = setup_cells.CLONE.format(**setup_cells.address())
    assert InteractiveShell.instance().var_expand(command) == command


def test_has_at_most_five_lines():
    lines = [line for line in setup_cells.setup_cell().splitlines() if line.strip()]
    assert len(lines) <= 5


def test_needs_an_address(tmp_path):
    (tmp_path / "_config.yml").write_text("repository:\n  branch: main\n")
    with pytest.raises(KeyError, match="has no url; expected both"):
        setup_cells.setup_cell(tmp_path)


@pytest.mark.parametrize(
    "url, branch",
    [
        ("https://github.com/name/book.git", "main"),
        ("git@github.com:name/book", "main"),
        ("https://github.com/name/book'; rm -rf ~; '", "main"),
        ("https://github.com/name/book", "main; rm -rf ~"),
        ("https://github.com/name/book", "--upload-pack=x"),
    ],
)
def test_refuses_what_is_no_address(url, branch, tmp_path):
    config = {"repository": {"url": url, "branch": branch}}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    with pytest.raises(ValueError, match=r"repository\.(url|branch) is .*; expected"):
        setup_cells.setup_cell(tmp_path)


def test_refreshes_a_stale_cell(tmp_path):
    copy = tmp_path / "page.ipynb"
    copy.write_bytes(locations.notebooks()[0].read_bytes())
    assert setup_cells.refresh(copy, "stale = True", write=False)
    assert setup_cells.refresh(copy, "stale = True", write=True)
    assert not setup_cells.refresh(copy, "stale = True", write=True)
