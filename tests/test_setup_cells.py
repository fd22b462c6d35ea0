"""The setup cell says what is missing, and fetches nothing that is there."""

import importlib.util
import subprocess
import sys

import pages
import pytest
import setup_cells


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
    assert run(found=["a spec", "a spec"]) == []
    assert sys.path == before


def test_says_what_to_do_where_they_are_not(run):
    with pytest.raises(AssertionError, match="open this notebook inside the book's folder"):
        run(found=[None, None])


def test_clones_in_colab(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    (command,) = run(found=[None, "a spec"])
    assert "GIT_TERMINAL_PROMPT=0 git clone" in command
    assert "--depth 1" in command


def test_the_clone_works(tmp_path):
    """The command fetches a repository from a bare clone, and does not fetch it twice."""
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", remote], check=True)
    work = tmp_path / "work"
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-C", work]
    subprocess.run(["git", "clone", "-q", remote, work], check=True, capture_output=True)
    (work / "helpers.py").write_text("found = True\n")
    subprocess.run([*git, "checkout", "-q", "-B", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "Add"], check=True)
    subprocess.run([*git, "push", "-q", "origin", "main"], check=True)
    command = setup_cells.CLONE.format(branch="main", url=remote.as_uri())
    for _ in range(2):
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "book" / "helpers.py").exists()


def test_has_at_most_five_lines():
    lines = [line for line in setup_cells.setup_cell().splitlines() if line.strip()]
    assert len(lines) <= 5


def test_needs_an_address(tmp_path):
    (tmp_path / "_config.yml").write_text("repository:\n  branch: main\n")
    with pytest.raises(KeyError, match="has no url; expected both"):
        setup_cells.setup_cell(tmp_path)


def test_refreshes_a_stale_cell(tmp_path):
    copy = tmp_path / "page.ipynb"
    copy.write_bytes(pages.notebooks()[0].read_bytes())
    assert setup_cells.refresh(copy, "stale = True", write=False)
    assert setup_cells.refresh(copy, "stale = True", write=True)
    assert not setup_cells.refresh(copy, "stale = True", write=True)
