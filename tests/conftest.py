"""What the tests share: an IPython, one Chromium, the built site, and a server for it."""

import gc
import os
import subprocess
import sys

import pytest
from browser import launched, served, site_path
from hypothesis import settings
from locations import SITE
from pyodide import NoPyodideError, numpy_wheel

settings.register_profile("quick", max_examples=30)  # for `make check`

# `make test-colab` runs these, in an environment of their own.
collect_ignore = ["colab"]


def pytest_collection_finish():
    """Have a garbage collection, as in each reset of IPython, pass over TensorFlow's objects."""
    gc.freeze()


# What a cell's commands write goes to the same place as what it prints, as in a notebook.
IPYTHON = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.system = lambda line: os.system(f"({shell.var_expand(line, depth=2)}) 2>&1")
sys.exit(not all([shell.run_cell(cell).success for cell in sys.argv[1:]]))
"""


@pytest.fixture(scope="session")
def in_ipython():
    """Return a function that runs cells in a new IPython, and returns the ended process."""

    def run(*cells, cwd, env=()):
        command = [sys.executable, "-c", IPYTHON, *cells]
        env = {**os.environ, "IPYTHONDIR": str(cwd), **dict(env)}
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60)

    return run


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


@pytest.fixture(scope="session")
def wheel():
    """Return NumPy's wheel for Pyodide; without it no code runs in the page."""
    try:
        return numpy_wheel()
    except NoPyodideError as error:
        (pytest.fail if os.environ.get("CI_MAY_NOT_SKIP") else pytest.skip)(str(error))
