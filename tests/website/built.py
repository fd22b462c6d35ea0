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


class Visit:
    """A page opened in a tab, with what it asked for and what it complained about."""

    def __init__(self, tab, home, page):
        self.tab, self.home, self.asked, self.complaints = tab, home, [], []
        tab.on("request", lambda request: self.asked.append(request.url))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", self._note)
        tab.goto(home + page)

    def _note(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location}")

    def settle(self):
        """Wait for what comes late; a page that is a file may never count as idle."""
        if self.tab.url.startswith("http"):
            self.tab.wait_for_load_state("networkidle")

    def elsewhere(self):
        """Return what the page asked of other hosts, and what it complained about."""
        others = [url for url in self.asked if not url.startswith((self.home, "data:", "blob:"))]
        return others + self.complaints


def words(node):
    return " ".join(node.get_text().removesuffix("#").split())
