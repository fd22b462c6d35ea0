"""What a page moves: its budget on a first visit, and nothing but itself on a second.

Bytes are counted as they travel: packed by gzip, with about 300 for the headers of each file.
"""

import tomllib
from statistics import median

import pytest
from built import PAGES, every_page
from locations import ROOT

LESSONS = [page for page in PAGES if page.startswith(("chapters/losses/", "chapters/metrics/"))]
# The most kB that a page of each kind may move when a browser has nothing of the site yet.
MOST = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["book"]["kB"]

MOVED = """async () => {
    await document.fonts.ready;
    return ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
        .map(entry => [entry.name, entry.transferSize / 1000]);
}"""


def moved(tab, address: str) -> dict[str, float]:
    """Open a page; return the kB of each part that moved."""
    tab.goto(address)
    return {name: size for name, size in tab.evaluate(MOVED) if size}


@pytest.fixture(scope="module")
def visits(browser, server):
    """Return a function that gives what a first and a second visit of a page move, measured once.

    The browser has nothing of the site before the first.
    """
    measured = {}

    def visit(page):
        if page not in measured:
            with browser.new_context() as context:
                tab = context.new_page()
                measured[page] = [moved(tab, server + page) for _ in range(2)]
        return measured[page]

    return visit


@every_page
def test_page_keeps_its_budget_and_comes_back_alone(page, server, visits):
    first, again = visits(page)
    assert server + page in first, "the page itself was not weighed"
    assert sum(first.values()) <= MOST["front" if page == "index.html" else "page"], first
    assert list(again) == [server + page], "more moves on a second visit"


def test_lessons_are_light(visits):
    """Half of them at least."""
    weights = [sum(visits(page)[0].values()) for page in LESSONS]
    assert weights and median(weights) <= MOST["median"]
