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


def changed_by(book, path, change=lambda text: text + "# changed\n"):
    """Return the names of the pages whose inputs change with a file's text."""

    def digests():
        return {page.stem: dependencies.digest(page, book) for page in dependencies.pages(book)}

    before = digests()
    (book / path).write_text(change((book / path).read_text()))
    return {name for name, digest in digests().items() if digest != before[name]}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("helpers/__init__.py", {"one", "two", "index"}),
        ("helpers/shared.py", {"one", "two", "index"}),
        ("helpers/style.css", {"one", "two", "index"}),
        ("helpers/one.py", {"one"}),
        ("helpers/deep.py", {"one"}),
        ("helpers/two.py", {"two"}),
        ("helpers/unused.py", set()),
        ("environments/book.lock", {*PAGES, "index"}),
        ("index.md", set()),
    ],
)
def test_pages_depend_on_the_helpers_that_they_import(book, path, expected):
    assert changed_by(book, path) == expected


@pytest.mark.parametrize(("cell", "expected"), [(0, {"taker"}), (1, set())])
def test_a_page_depends_on_the_derivation_that_it_imports(book, cell, expected):
    """And not on the rest of that page."""

    def change(text):
        notebook = nbformat.reads(text, as_version=4)
        notebook.cells[cell].source += "\nnumber = 2"
        return nbformat.writes(notebook)

    assert changed_by(book, "chapters/source.ipynb", change) == expected


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
    ("path", "old", "new", "expected"),
    [
        ("helpers/deep.py", "1", "2", {"one"}),
        ("helpers/unused.py", "", "1", set()),
        ("helpers/new.py", "", "1", set()),
        ("chapters/two.ipynb", "time", "timeit", {"two"}),
        ("chapters/source.ipynb", "number = 1", "number = 2", {"source", "taker"}),
        ("chapters/source.ipynb", '"1"', '"2"', {"source"}),
        ("chapters/new.md", "", "words", {"new"}),
        ("index.md", "x", "y", {"index"}),
    ],
)
def test_a_check_takes_changed_pages_and_those_that_use_what_changed(
    committed, path, old, new, expected
):
    file = committed / path
    file.write_text((file.read_text() if file.exists() else "").replace(old, new, 1))
    assert {page.stem for page in check.changed_pages("HEAD")} == expected


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
