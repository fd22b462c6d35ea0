"""A site that is built again is what a build from scratch would give."""

from types import SimpleNamespace

import pytest
import rebuilds
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from keras_names import note_names
from locations import NODE_MODULES, ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

SYMPTOM = "Symptoms\n========\n\n.. glossary::\n\n   16.1181\n      The clip.\n"
INDEX = "Book\n====\n\nWords.\n\n.. toctree::\n\n   symptoms\n"


@pytest.fixture
def build(tmp_path):
    """Return a function that builds a book of two pages, and returns the folder of its site."""
    (tmp_path / "website").mkdir()
    (tmp_path / "website" / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "book.lock").write_text("")
    (tmp_path / "index.rst").write_text(INDEX)
    (tmp_path / "symptoms.rst").write_text(SYMPTOM)
    config = {
        "extensions": ["page_metadata", "rebuilds", "search_index"],
        "html_theme": "sphinx_book_theme",
        "templates_path": [str(ROOT / "website" / "templates")],
    }

    def build(**more):
        folders = tmp_path, None, tmp_path / "site", tmp_path / "doctrees"
        with docutils_namespace():
            Sphinx(*folders, "html", config | more, status=None).build()
        return tmp_path / "site"

    return build


def test_search_keeps_what_it_found(build):
    """When no page is read again, and when one is."""
    texts = build() / "_static" / "search-texts.js"
    first = texts.read_text("utf-8")
    assert '"16.1181","The clip."' in first
    build()
    assert texts.read_text("utf-8") == first
    index = texts.parents[2] / "index.rst"
    index.write_text(INDEX.replace("Words", "Other words"))
    build()
    assert texts.read_text("utf-8") == first.replace("Words", "Other words")


def test_every_sidebar_is_written_again_when_a_title_changes():
    def environment(title):
        heading = SimpleNamespace(astext=lambda: title)
        pages = {"toctree_includes": {"a": []}, "found_docs": {"a", "b"}, "metadata": {"a": {}}}
        return {"titles": {"a": heading}, **pages}

    env = SimpleNamespace(collect_relations=lambda: {"a": []}, **environment("Mean"))
    assert rebuilds.rewrite_pages(None, env) == []
    env.__dict__.update(environment("Mean"))
    assert rebuilds.rewrite_pages(None, env) == []
    env.__dict__.update(environment("The mean"))
    assert rebuilds.rewrite_pages(None, env) == ["a", "b"]


def test_a_page_without_a_source_goes_and_one_that_leads_on_stays(build):
    site = build()
    (site / "gone.html").write_text("")
    build()
    assert not (site / "gone.html").exists()
    assert (site / "symptoms.html").exists()


def test_an_address_without_a_slash_gets_one(build):
    site = build(html_baseurl="https://ada.org/book")
    assert "<loc>https://ada.org/book/symptoms.html</loc>" in (site / "sitemap.xml").read_text()
    page = (site / "symptoms.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://ada.org/book/symptoms.html" />' in page


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip list", "%%time", "x = !ls", "x ="])
def test_names_are_read_beside_what_is_no_python(line):
    """A magic, a shell command, and a deliberate error."""
    document = new_document("page", get_default_settings())
    for source in (line, "tf.keras.losses.KLD(y, p)"):
        cell = nodes.container("", nb_element="cell_code", classes=[])
        cell += nodes.container("", nodes.literal_block(source, source))
        cell[0]["nb_element"] = "cell_code_source"
        document += cell
    env = SimpleNamespace(docname="page", metadata={"page": {}})
    note_names(SimpleNamespace(env=env), document)
    assert env.metadata["page"]["keras_names"] == {"tf.keras.losses.KLD"}
