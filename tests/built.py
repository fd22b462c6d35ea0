"""What the tests of the built site share: its pages, found and parsed once."""

from functools import cache
from pathlib import Path

import pytest
from browser import SITE
from bs4 import BeautifulSoup

# The HTML files in _static are the theme's templates, which nobody opens.
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.relative_to(SITE).parts
)


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
