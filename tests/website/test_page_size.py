"""What a page moves: its budget on a first visit, and nothing but itself on a second."""

from statistics import median

import pytest
from built import PAGES, every_page
from page_size import budget, budgets, listed, parts

LESSONS = [page for page in PAGES if page.startswith(("chapters/losses/", "chapters/metrics/"))]
weights = {}


@pytest.fixture
def newcomer(browser):
    """Return a tab of a browser that has nothing of the site yet."""
    with browser.new_context() as context:
        yield context.new_page()


@every_page
def test_page_keeps_its_budget_and_comes_back_alone(page, server, newcomer):
    moved = parts(newcomer, server + page)
    weight = weights[page] = sum(moved.values())
    assert server + page in moved, "the page itself was not weighed"
    assert weight <= budget(page), f"{weight / 1000:.1f} kB\n{listed(moved, server, 10)}"
    again = parts(newcomer, server + page)
    assert list(again) == [server + page], f"a second visit moves\n{listed(again, server, 10)}"


def test_lessons_are_light():
    """Half of them at least; it follows the test above, which weighs them."""
    assert LESSONS and median(weights[page] for page in LESSONS) <= budgets()["median"]
