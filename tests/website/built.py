"""What the tests of the built site share: its pages, found and parsed once."""

from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from locations import SITE, site_pages

PAGES = site_pages()
REFERENCE = SITE / "chapters" / "reference"


@cache
def parsed(page: Path) -> BeautifulSoup:
    """Return a page's HTML, parsed once."""
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def on(*pages):
    """Parametrise a test by pages; without a site it runs once, and says what is missing."""
    return pytest.mark.parametrize(
        "page", pages or [None], ids=lambda page: page or "no page", scope="module"
    )


every_page = on(*PAGES)


def entries(name):
    """Return the terms and the text of each entry on a built page of reference."""
    found, terms = [], []
    page = REFERENCE / f"{name}.html"
    for node in parsed(page).select("dl.glossary > *") if page.is_file() else []:
        if node.name == "dt":
            terms.append(node)
        else:
            found.append((terms, node))
            terms = []
    return found


def each_entry(name):
    """Parametrise a test by the entries of a page; without a site it runs once, and fails."""
    found = entries(name) or [None]
    return pytest.mark.parametrize(
        "entry", found, ids=lambda entry: words(entry[0][0]) if entry else "no page"
    )


def words(node):
    return " ".join(node.get_text().removesuffix("#").split())
