"""The pages of reference keep what they promise: what they lead to is there.

A symptom is printed where its entry leads. A term is used there. The works
that pages cite are those of the bibliography.
"""

import re
from functools import cache
from urllib.parse import urlsplit

import locations
import nbformat
import pages
import pytest
from built import REFERENCE, each_entry, parsed, words
from locations import SITE
from minus_signs import MINUS
from pybtex.database import parse_file

NUMBER = re.compile(r"-?\d[\d.e-]*")


def literals(node):
    return [words(literal) for literal in node.select("code")]


def links(text):
    """Return the page and the anchor of each of a text's links into the book."""
    split = [link["href"].partition("#") for link in text.select("a.internal[href]")]
    return [((REFERENCE / path).resolve(), anchor) for path, _, anchor in split]


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
    text = " ".join(" ".join(output.get_text(" ").split()) for output in outputs)
    return text.replace(MINUS, "-")  # readers type what they can


def says(text, symptom):
    """Return whether a text holds a symptom: a number as a whole, words as they stand."""
    ends = (r"(?<![\w.-])", r"(?![\w.]*\d)") if NUMBER.fullmatch(symptom) else ("", "")
    return re.search(ends[0] + re.escape(symptom) + ends[1], text) is not None


@each_entry("symptoms")
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


@each_entry("glossary")
def test_term_is_used_where_its_entry_leads(entry):
    terms, text = entry
    page, anchor = links(text)[-1]
    prose = parsed(page).select_one("article")
    if anchor:
        assert parsed(page).find(id=anchor), f"{page.name} has no #{anchor}"
    for term in terms:
        assert uses(prose.get_text(), words(term)), f"{page.name} does not say '{words(term)}'"


def uses(text, term):
    """Return whether a text uses a term, also in the plural or at the beginning of a sentence."""
    pattern = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]", term)))
    return re.search(rf"\b{pattern}(e?s)?\b", text, flags=re.IGNORECASE) is not None


def test_an_absent_term_is_noticed():
    assert uses("Two logits, one-hot.", "logit") and uses("Two logits, one-hot.", "one-hot")
    assert not uses("Two logits, one-hot.", "log") and not uses("Two logits.", "sigmoid")


BIBLIOGRAPHY = parse_file(str(locations.ROOT / "references.bib")).entries
DOCUMENTATION = (
    "keras.io",
    "tensorflow.org",
    "scikit-learn.org",
    "numpy.org",
    "readthedocs.io",
    "github.com",
)
OWN = "What the book itself stands on"  # these works stand behind every page, and none cites them


def address(work):
    fields = BIBLIOGRAPHY[work].fields
    return fields.get("url") or f"https://doi.org/{fields['doi']}"


def cited(path):
    """Return the addresses of works that a notebook links to; documentation is none."""
    source = "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
    found = re.findall(r"\]\((https?://[^)]+)\)", source)
    return [link for link in found if not urlsplit(link).netloc.endswith(DOCUMENTATION)]


@cache
def needed_by():
    """Return the section of each work on the built page, and the notebooks that need it."""
    found = {}
    for section in parsed(REFERENCE / "references.html").select("section section"):
        for entry in section.select("ul"):
            work = next(w for w in BIBLIOGRAPHY if entry.select_one("a")["href"] == address(w))
            needing = [page for page, _ in links(entry.find_next_sibling("p"))]
            names = [page.relative_to(SITE).with_suffix(".ipynb") for page in needing]
            found[work] = words(section.h2), [locations.ROOT / name for name in names]
    return found


def test_every_work_has_its_entry_and_its_reason():
    assert needed_by().keys() == BIBLIOGRAPHY.keys()
    assert all(paths for _, paths in needed_by().values())


@pytest.mark.parametrize("path", locations.notebooks(), ids=pages.name)
def test_what_a_page_cites_is_in_the_bibliography_and_names_the_page(path):
    for link in cited(path):
        works = [work for work in BIBLIOGRAPHY if link.startswith(address(work))]
        assert works, f"references.bib has no {link}"
        assert path in needed_by()[works[0]][1], f"the entry of {works[0]} does not name the page"


@pytest.mark.parametrize("work", BIBLIOGRAPHY)
def test_the_pages_that_an_entry_names_cite_the_work(work):
    section, paths = needed_by()[work]
    for path in paths:
        assert section == OWN or any(link.startswith(address(work)) for link in cited(path)), path


@pytest.mark.parametrize(
    "path", sorted((locations.CHAPTERS / "reference").glob("*.md")), ids=pages.name
)
def test_page_of_reference_is_in_the_house_style(path):
    text = path.read_text("utf-8")
    assert re.search(r"^# .+\n\n\*\*.+\?\*\*$", text, flags=re.MULTILINE), "a question comes first"
    assert re.search(r"^\*\d+ minutes?\b.*\*$", text, flags=re.MULTILINE), "reading time"
    assert "**Related:**" in text
    assert not pages.belittling(text)
