"""The index of Keras names holds what the pages' code uses, and mentions lead to their pages."""

import ast
import re
from functools import cache

import locations
import nbformat
import pages
import pytest
from built import parsed
from IPython.core.inputtransformer2 import TransformerManager
from keras_names import MENTION, KerasReader
from locations import SITE

INDEX = SITE / "chapters" / "reference" / "names.html"
CALLED = re.compile(r"tf\.keras\.\w+\.(?!_)\w+|tf\.keras\.[A-Z]\w+")
DEFINED = re.compile(r"^(?:def|class) (\w+)", flags=re.MULTILINE)
PAGES = locations.notebooks()
GONE = {"reset_states"}  # a page shows that Keras dropped it

every_notebook = pytest.mark.parametrize("path", PAGES, ids=pages.name)


def code(path):
    """Return the code of a notebook's cells."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    return [TransformerManager().transform_cell(cell.source) for cell in cells]


def read(*cells):
    """Return the reader after some cells."""
    reader = KerasReader()
    for cell in cells:
        reader.visit(ast.parse(cell))
    return reader


@pytest.mark.parametrize(
    "source, names, methods",
    [
        ("tf.keras.losses.KLD(y, p)", {"tf.keras.losses.KLD"}, set()),
        ("losses = tf.keras.losses\nlosses.KLD(y, p)", {"tf.keras.losses.KLD"}, set()),
        (
            "a, b = tf.keras.metrics.Mean(), 2\na.result()\nb.result()",
            {"tf.keras.metrics.Mean"},
            {"tf.keras.metrics.Mean.result"},
        ),
        (
            "class Own(tf.keras.metrics.Metric):\n  def __init__(self):\n    self.add_variable(())",
            {"tf.keras.metrics.Metric"},
            {"tf.keras.metrics.Metric.add_variable"},
        ),
        (
            "def new():\n    model = tf.keras.Sequential()\n    return model\nnew().fit(x)",
            {"tf.keras.Sequential"},
            {"tf.keras.Sequential.fit"},
        ),
        ("m = tf.keras.metrics.Mean()\nm = other()\nm.run()", {"tf.keras.metrics.Mean"}, set()),
        ("loss = tf.keras.losses\nfor loss in losses:\n    loss.mean()", set(), set()),
        ("def f(loss):\n    return loss.mean()\nnp.mean(x)", set(), set()),
        ("tf.keras.__version__, tf.nn.softmax(z), tf.keras.losses", set(), set()),
    ],
)
def test_reader_follows_assignments(source, names, methods):
    reader = read(source)
    assert (reader.names, reader.methods) == (names, methods)


@every_notebook
def test_reader_finds_names_that_keras_has(path):
    """A wrongly followed variable would give a name that Keras does not have."""
    import tensorflow as tf

    reader = read(*code(path))
    for name in reader.names:
        assert attribute(tf, name) is not None, name
    for name in reader.methods:
        owner, _, method = name.rpartition(".")
        found = getattr(attribute(tf, owner), method, None)
        assert (found is None) == (method in GONE), name


def attribute(tf, dotted):
    """Return what a dotted name such as `tf.keras.losses.KLD` stands for, or None."""
    found = tf
    for part in dotted.split(".")[1:]:
        found = getattr(found, part, None)
    return found


@pytest.fixture(scope="module")
def entries():
    """Return the built index: by name, what is said of it, and the pages that this links to."""
    found = {}
    for term in parsed(INDEX).select("dl.look-up dt"):
        text = term.find_next_sibling("dd")
        links = [(INDEX.parent / link["href"]).resolve() for link in text.select("a[href]")]
        found[term.get_text()] = text.get_text(), links
    return found


@cache
def written_code(page):
    """Return the text of a built page's cells."""
    return " ".join(cell.get_text() for cell in parsed(page).select(".cell_input"))


def built(path):
    """Return the built page of a notebook."""
    return SITE / path.relative_to(locations.ROOT).with_suffix(".html")


@every_notebook
def test_index_leads_from_each_name_to_the_pages_that_use_it(path, entries):
    for name in set(CALLED.findall("\n".join(code(path)))):
        assert built(path) in entries[name][1], name


@every_notebook
def test_index_leads_from_each_derived_name_to_its_page_first(path, entries):
    for cell in pages.cells(path, "by-hand"):
        for name in re.findall(DEFINED, cell.source):
            for entry in (entry for entry in entries if last(entry) == name):
                said, links = entries[entry]
                assert said.startswith("Derived on") and links[0] == built(path), entry


def test_index_says_derived_of_each_keras_name_that_a_cell_defines(entries):
    """A `setup` cell derives too, such as MeanMetricWrapper."""
    defined = {name for path in PAGES for cell in code(path) for name in re.findall(DEFINED, cell)}
    found = {entry for entry in entries if entry.startswith("tf.") and last(entry) in defined}
    assert "tf.keras.metrics.MeanMetricWrapper" in found
    assert sorted(entry for entry in found if not entries[entry][0].startswith("Derived on")) == []


def test_index_names_no_page_that_does_not_use_the_name(entries):
    for name, (_, links) in entries.items():
        for page in links:
            pattern = rf"\b{last(name)}\b|{derived_name(name)}"
            assert re.search(pattern, written_code(page)), f"{name} on {page.name}"


def last(name):
    return name.rpartition(".")[2]


def derived_name(name):
    """Return a pattern for the function that is derived for a class, such as `mean` for `Mean`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", last(name)).lower()


@every_notebook
def test_first_mention_of_a_derived_name_is_a_link(path, entries):
    derived = {
        last(name): links[0]
        for name, (said, links) in entries.items()
        if said.startswith("Derived") and links[0] != built(path)
    }
    for literal in parsed(built(path)).select("article code.literal"):
        mention = MENTION.fullmatch(literal.get_text())
        if mention and not literal.find_parent(["h1", "h2"]) and derived.pop(mention[1], None):
            assert literal.find_parent("a"), literal


def test_some_first_mention_leads_to_another_page():
    """Without one, the test above would pass with nothing to look at."""
    page = parsed(SITE / "chapters" / "metrics" / "index.html")
    assert page.select_one("article a[href='mean.html'] code").get_text() == "update_state"
