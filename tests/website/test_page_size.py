"""What a page moves: its budget on a first visit, and nothing but itself on a second."""

from statistics import median

import pytest
from built import PAGES, every_page
from page_size import budget, budgets, listed, parts

LESSONS = [page for page in PAGES if page.startswith(("chapters/losses/", "chapters/metrics/"))]


@pytest.fixture(scope="module")
def moved(browser, server):
    """Return a function that gives what a first and a second visit of a page move, measured once.

    The browser has nothing of the site before the first.
    """
    visits = {}

    def weigh(page):
        if page not in visits:
            with browser.new_context() as context:
                tab = context.new_page()
                visits[page] = [parts(tab, server + page) for _ in range(2)]
        return visits[page]

    return weigh


@every_page
def test_page_keeps_its_budget_and_comes_back_alone(page, server, moved):
    first, again = moved(page)
    weight = sum(first.values())
    assert server + page in first, "the page itself was not weighed"
    assert weight <= budget(page), f"{weight / 1000:.1f} kB\n{listed(first, server, 10)}"
    assert list(again) == [server + page], f"a second visit moves\n{listed(again, server, 10)}"


def test_lessons_are_light(moved):
    """Half of them at least."""
    weights = [sum(moved(page)[0].values()) for page in LESSONS]
    assert weights and median(weights) <= budgets()["median"]
