"""What is executed and built again after a change, and what is not."""

import json

import check
import dependencies
import nbformat
import notebooks
import pytest

HELPERS = {
    "__init__.py": "from helpers.shared import look\n",
    "shared.py": "look = open('style.css')\n",
    "style.css": "p {}",
    "one.py": "from helpers import deep\n",
    "deep.py": "number = 1\n",
    "two.py": "import helpers.shared\n",
    "unused.py": "",
}
PAGES = {
    "one": "from helpers.one import deep",
    "two": "%time\nimport helpers.two",
    "none": "print('no import')",
    "source": "number = 1",
    "taker": "from chapters.source import number",
}
TAGS = {"source": "by-hand"}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Return a small book: helpers, three notebooks and a page of Markdown with a code cell."""
    for name in ("helpers", "chapters", "environments"):
        (tmp_path / name).mkdir()
    for name, text in HELPERS.items():
        (tmp_path / "helpers" / name).write_text(text)
    for name, source in PAGES.items():
        cells = [nbformat.v4.new_code_cell(source, id="a"), nbformat.v4.new_code_cell("1", id="b")]
        cells[0].metadata["tags"] = [TAGS.get(name, "none")]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA)
        nbformat.write(notebook, tmp_path / "chapters" / f"{name}.ipynb")
    (tmp_path / "index.md").write_text("```{code-cell} ipython3\n:tags: [x]\nimport helpers\n```\n")
    (tmp_path / "environments/book.lock").write_text("")
    cache = tmp_path / "_build" / "cache"
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(notebooks, "CACHE", cache)
    monkeypatch.setattr(notebooks, "INPUTS", cache / "inputs.json")
    return tmp_path


def test_a_change_executes_what_rests_on_it(book, monkeypatch):
    """The cells are not run: a stand-in writes down which notebooks would be."""
    runs = []

    def execute(path):
        runs.append(path.stem)
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0].execution_count = 1
        return notebook

    def executed_now():
        runs.clear()
        notebooks.executed(paths)
        return sorted(runs)

    monkeypatch.setattr(notebooks, "execute", execute)
    paths = sorted((book / "chapters").glob("*.ipynb"))
    assert executed_now() == ["none", "one", "source", "taker", "two"]
    assert executed_now() == []
    (book / "helpers" / "deep.py").write_text("number = 2\n")
    assert executed_now() == ["one"]
    (book / "index.md").write_text("Other words.\n")
    assert executed_now() == []
    two = nbformat.read(paths[-1], as_version=4)
    two.cells[0].source += "\n1 + 1"
    nbformat.write(two, paths[-1])
    assert executed_now() == ["two"]


def test_a_page_is_built_again_when_its_outputs_may_differ(book):
    notebooks.open_cache()
    before = {page.name: page.stat().st_mtime_ns for page in dependencies.pages(book)}
    (book / "helpers" / "one.py").write_text("")
    notebooks.open_cache()
    newer = {p.name for p in dependencies.pages(book) if p.stat().st_mtime_ns != before[p.name]}
    assert newer == {"one.ipynb"}
    assert set(json.loads(notebooks.INPUTS.read_text())) > {"index.md", "chapters/two.ipynb"}


@pytest.fixture
def committed(book, monkeypatch):
    """Return the book as a repository's only commit."""
    monkeypatch.setattr(check, "ROOT", book)
    check.git("init", "-q")
    commit()
    return book


def commit():
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    check.git("add", ".")
    check.git(*author, "commit", "-qm", "Change")


@pytest.mark.parametrize(
    ("path", "old", "new", "expected", "itself"),
    [
        ("helpers/__init__.py", "look", "look as look", {"one", "two", "index"}, set()),
        ("helpers/shared.py", "look", "see", {"one", "two", "index"}, set()),
        ("helpers/style.css", "p", "q", {"one", "two", "index"}, set()),
        ("helpers/one.py", "deep", "deep, deep", {"one"}, set()),
        ("helpers/deep.py", "1", "2", {"one"}, set()),
        ("helpers/two.py", "shared", "shared as shared", {"two"}, set()),
        ("helpers/unused.py", "", "1", set(), set()),
        ("helpers/new.py", "", "1", set(), set()),
        ("chapters/two.ipynb", "time", "timeit", set(), {"two"}),
        ("chapters/source.ipynb", "number = 1", "number = 2", {"taker"}, {"source"}),
        ("chapters/source.ipynb", '"1"', '"2"', set(), {"source"}),
        ("chapters/new.md", "", "words", set(), {"new"}),
        ("index.md", "x", "y", set(), {"index"}),
    ],
)
def test_pages_depend_on_what_they_import_and_are_checked_after_its_change(
    committed, path, old, new, expected, itself
):
    """The derivations of other pages and not the rest of them, helpers, and their data."""

    def digests():
        return {page.stem: dependencies.digest(page, committed) for page in pages}

    pages, file = dependencies.pages(committed), committed / path
    before = digests()
    file.write_text((file.read_text() if file.exists() else "").replace(old, new, 1))
    assert {name for name, digest in digests().items() if digest != before[name]} == expected
    assert {page.stem for page in check.changed_pages("HEAD")} == expected | itself


def test_every_page_depends_on_the_locked_versions(book):
    before = [dependencies.digest(page, book) for page in dependencies.pages(book)]
    (book / "environments/book.lock").write_text("numpy==2\n")
    after = [dependencies.digest(page, book) for page in dependencies.pages(book)]
    assert not set(before) & set(after)


def test_a_check_leaves_out_what_others_have_committed_meanwhile(committed):
    check.git("checkout", "-qb", "others")
    (committed / "index.md").write_text("Other words.\n")
    commit()
    check.git("checkout", "-q", "-")
    assert check.changed_pages("others") == []


def test_a_check_asks_nbval_and_the_site_for_the_changed_pages_alone():
    pages = [check.ROOT / "chapters" / name for name in ("losses/a.ipynb", "reference/b.md")]
    (nbval, form), [site] = check.commands(pages)
    assert nbval[-1] == str(pages[0])
    assert site[-1] == "losses/a or reference/b"
    assert check.commands([]) == [[form], []]


def test_a_check_takes_the_tests_that_open_a_changed_page_by_its_name(committed):
    tests = committed / "tests" / "website"
    tests.mkdir(parents=True)
    (tests / "test_a.py").write_text('def test_b(): goto("losses/c.html")\ndef test_d(): goto("e")')
    _, [site] = check.commands([check.ROOT / "chapters/losses/c.ipynb"])
    assert site[-1] == "losses/c or test_b"


def test_a_check_names_an_unknown_commit(committed):
    with pytest.raises(RuntimeError, match="Not a valid object name nowhere"):
        check.changed_pages("nowhere")
