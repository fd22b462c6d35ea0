"""What cells get where the site has no Python for the page, or has no record for a check."""

import json
from types import SimpleNamespace

from tests.conftest import wheel

import live_code
import pyodide
import pytest
from docutils import nodes
from docutils.utils import new_document
from live_files import PYODIDE
from sphinx.errors import ExtensionError

LESSON, HOMEWORK = "chapters/losses/lesson", "homework/release/losses/losses"
START, CHECK, SOLUTION = "def answer(): ...", "turn.check()", "def answer(): return 1"


@pytest.fixture
def app(tmp_path):
    """Return what the extension sees of Sphinx, for a book without a wheel and without records."""
    lock = {"packages": {"numpy": {"file_name": "numpy.whl"}}}
    (tmp_path / PYODIDE).mkdir(parents=True)
    (tmp_path / PYODIDE / "pyodide-lock.json").write_text(json.dumps(lock))
    builder, config = SimpleNamespace(format="html"), SimpleNamespace(html_theme_options={})
    app = SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "site", builder=builder, config=config)
    live_code.bundle(app)
    return app


def page(recorded):
    """Return a page with a cell of each kind."""
    document, section = new_document("page"), nodes.section(ids=["title"])
    document += section
    kinds = {"your-turn": START, "check": CHECK, "solution": SOLUTION, "live": "1 + 1"}
    for number, (tag, code) in enumerate(kinds.items()):
        cell = nodes.container(classes=["cell", f"tag_{tag}"], nb_element="cell_code")
        cell["cell_index"] = number
        cell += nodes.container("", nodes.literal_block(code, code), nb_element="cell_code_source")
        if tag == "check":
            said = nodes.raw("", recorded, format="html")
            cell += nodes.container("", said, nb_element="cell_code_output")
        section += cell
    return document


RECORDED = '<pre>not solved yet</pre><script type="application/json">[]</script>'


@pytest.mark.parametrize("name", [LESSON, HOMEWORK])
def test_without_a_wheel_the_text_reads_and_nothing_asks_for_a_click(name, app):
    document = page(RECORDED)
    live_code.add_buttons(app, document, name)
    assert not app.outdir.exists()
    html = "".join(raw.astext() for raw in document.findall(nodes.raw))
    assert "<button" not in html and "<a " not in html
    assert not [x for x in document.findall(nodes.container) if live_code.LATER in x["classes"]]
    for code in (START, CHECK, SOLUTION):
        assert code in document.astext()
    sentence = "Solve this homework in Colab or in JupyterLab"
    assert (sentence in document.astext()) == (name == HOMEWORK)


def test_a_check_without_a_record_is_no_page(app):
    with pytest.raises(ExtensionError, match=r"execute its page.*turn\.check"):
        live_code.add_buttons(app, page("<pre>not solved yet</pre>"), LESSON)


STALE = {"losses": {"answer": {"check": "turn.check(more)", "recorded": "[]"}}}


@pytest.mark.parametrize("records", [STALE, {"losses": {}}, None], ids=["stale", "lost", "no file"])
def test_homework_without_the_record_of_its_check_is_no_page(records, app):
    app.book_live = {"box.js": {}}
    if records:
        (app.srcdir / live_code.RECORDS).parent.mkdir()
        (app.srcdir / live_code.RECORDS).write_text(json.dumps(records))
    with pytest.raises(
        ExtensionError, match="no record of what Keras gives for the check of answer"
    ):
        live_code.add_buttons(app, page(RECORDED), HOMEWORK)


SKIPS, FAILS = pytest.skip.Exception, pytest.fail.Exception


@pytest.mark.parametrize(("setting", "ended"), [("", SKIPS), ("1", FAILS)])
def test_tests_say_why_they_skip_and_may_not_everywhere(setting, ended, monkeypatch, tmp_path):
    monkeypatch.setattr(pyodide.numpy_wheel, "__defaults__", ((), tmp_path))
    monkeypatch.setenv("CI_MAY_NOT_SKIP", setting)
    with pytest.raises((SKIPS, FAILS), match="The site is built without Python in") as caught:
        wheel.__wrapped__()
    assert caught.type is ended
