"""The setup cell says what is missing, and fetches nothing that is there."""

import subprocess

import locations
import pytest
import setup_cells
import yaml

CELL = setup_cells.setup_cell()
IN_COLAB = "import sys; sys.modules['google.colab'] = sys"


@pytest.fixture
def book(tmp_path):
    """Return a repository that stands for the book's."""
    (tmp_path / "book" / "helpers").mkdir(parents=True)
    (tmp_path / "book" / "helpers" / "__init__.py").write_text("")
    about = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "Add"]):
        subprocess.run([*about, *command], cwd=tmp_path / "book", check=True)
    return tmp_path / "book"


@pytest.mark.parametrize("folder", [".", "a", "a/b", "a/b/c"])
def test_finds_the_helpers_in_a_folder_above(folder, book, in_ipython):
    (book / folder).mkdir(parents=True, exist_ok=True)
    done = in_ipython(CELL, "import helpers", cwd=book / folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_says_in_one_line_what_to_do_where_they_are_not(tmp_path, in_ipython):
    done = in_ipython(CELL, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "UsageError: No helpers: open this in the book's folder; Colab needs it public.\n"
    )


def test_a_second_try_in_colab_finds_what_the_first_one_missed(book, tmp_path, in_ipython):
    """The address leads nowhere, then to the book: the same kernel fetches it, with no history."""
    (tmp_path / "empty").mkdir()
    publish = f"import os; os.rename({str(book)!r}, {str(tmp_path / 'public')!r})"
    where = f"url.file://{tmp_path}/public.insteadOf"
    env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": where}
    env["GIT_CONFIG_VALUE_0"] = setup_cells.address()["url"]
    cells = [IN_COLAB, CELL, publish, CELL, "import helpers; print(helpers.__file__)"]
    done = in_ipython(*cells, cwd=tmp_path / "empty", env=env)
    assert "fatal: '" in done.stdout
    assert done.stdout.endswith("book/helpers/__init__.py\n")
    assert done.stderr.count("UsageError") == 1
    assert (tmp_path / "empty" / "book" / ".git" / "shallow").exists()


def test_has_short_lines():
    assert max(map(len, CELL.splitlines())) <= 90


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
