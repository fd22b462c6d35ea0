"""What the tests of the built site share: its pages, found and parsed once."""

from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from locations import site_pages

PAGES = site_pages()


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
