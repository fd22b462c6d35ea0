"""What the browser tests share: one Chromium, the built site, and a server for it."""

import pytest
from browser import launched, served, site_path
from locations import SITE

# `make test-colab` runs these, in an environment of their own.
collect_ignore = ["colab"]


@pytest.fixture(scope="session")
def browser():
    """Return the one Chromium of the session."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail("build the site first: make book", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def server(site):
    """Return the address of the site, served below the sub-path that it is built for."""
    with served(site, site_path(site)) as address:
        yield address
