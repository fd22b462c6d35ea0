"""The pages of reference keep what they promise: what they lead to is there.

A symptom is printed where its entry leads, and the search finds it. A term is used there.
"""

import re
from functools import cache
from urllib.parse import quote

import pytest
from browser import SITE
from bs4 import BeautifulSoup

FOLDER = SITE / "chapters" / "reference"
NUMBER = re.compile(r"-?\d[\d.e-]*")


@cache
def parsed(page):
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def entries(name):
    """Return the terms and the text of each entry on a built page of reference."""
    found, terms = [], []
    page = FOLDER / f"{name}.html"
    for node in parsed(page).select("dl.glossary > *") if page.is_file() else []:
        if node.name == "dt":
            terms.append(node)
        else:
            found.append((terms, node))
            terms = []
    return found


def each(name):
    """Parametrise a test by the entries of a page; without a site it runs once, and fails."""
    found = entries(name) or [None]
    return pytest.mark.parametrize(
        "entry", found, ids=lambda entry: words(entry[0][0]) if entry else "no page"
    )


def words(node):
    return " ".join(node.get_text().removesuffix("#").split())


def literals(node):
    return [words(literal) for literal in node.select("code")]


def links(text):
    """Return the page and the anchor of each of a text's links into the book."""
    split = [link["href"].partition("#") for link in text.select("a.internal[href]")]
    return [((FOLDER / path).resolve(), anchor) for path, _, anchor in split]


def part(page, anchor):
    """Return what stands below a heading or a bold opening, up to the next of its kind."""
    start = parsed(page).find(id=anchor)
    assert start, f"{page.name} has no #{anchor}"
    if start.name == "section":
        return start.find_all(recursive=False)
    below = []
    for node in start.find_next_siblings():
        if node.name == "section" or (node.name == "p" and node.get("id")):
            break
        below.append(node)
    return below


def printed(page, anchor):
    """Return what the cells of a part print, those that nbval compares."""
    cells = [node for node in part(page, anchor) if "cell" in node.get("class", ())]
    compared = [cell for cell in cells if "tag_nbval-ignore-output" not in cell["class"]]
    outputs = [output for cell in compared for output in cell.select(".cell_output")]
    return " ".join(" ".join(output.get_text(" ").split()) for output in outputs)


def says(text, symptom):
    """Return whether a text holds a symptom: a number as a whole, words as they stand."""
    ends = (r"(?<![\w.-])", r"(?![\w.]*\d)") if NUMBER.fullmatch(symptom) else ("", "")
    return re.search(ends[0] + re.escape(symptom) + ends[1], text) is not None


@each("symptoms")
def test_symptom_is_printed_where_its_entry_leads(entry):
    terms, text = entry
    symptoms = [symptom for term in terms for symptom in literals(term)]
    symptoms += [literal for literal in literals(text) if NUMBER.fullmatch(literal)]
    deep = [(page, anchor) for page, anchor in links(text) if anchor]
    assert symptoms and deep
    for page, anchor in deep:
        for symptom in symptoms:
            assert says(printed(page, anchor), symptom), f"{page.name}#{anchor}: {symptom}"


@pytest.mark.parametrize(
    "text, symptom, expected",
    [
        ("loss 0.5514", "0.5514", True),
        ("loss 10.5514", "0.5514", False),
        ("loss 0.55141", "0.5514", False),
        ("loss -1.1632", "1.1632", False),
        ("the range of [0, 2).", "range of [0, 2)", True),
        ("16.1181 0.0000", "0", False),
    ],
)
def test_a_number_is_found_as_a_whole(text, symptom, expected):
    assert says(text, symptom) == expected


@pytest.fixture(scope="module")
def search(browser, server):
    """Return a function that asks the site's search, and returns the addresses that it finds."""
    tab = browser.new_page()

    def ask(query):
        tab.goto(f"{server}search.html?q={quote(query)}")
        tab.wait_for_function("!document.querySelector('#search-results h2')?.matches(':empty')")
        tab.locator("#search-results .search-summary, #search-results p").first.wait_for()
        return [link.get_attribute("href") for link in tab.locator("#search-results li a").all()]

    yield ask
    tab.close()


@each("symptoms")
def test_search_finds_the_symptom(entry, search):
    for term in entry[0]:
        assert any("reference/symptoms.html" in found for found in search(words(term))), term


@pytest.mark.parametrize(
    "query",
    ["16.118", "15.942", "0.333", "nan", "same nested structure", "InTopKV2", "reset_states"],
)
def test_search_finds_what_readers_type(query, search):
    assert any("reference/symptoms.html" in found for found in search(query))


def test_search_does_not_find_everything(search):
    assert search("0.5515") == []
