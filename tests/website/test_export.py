"""Each page exported by nbconvert has sliders that move, with no kernel and no other host."""

import re
import shutil
import subprocess
import sys

import locations
import nbformat
import notebooks
import pages
import pytest
from nbconvert import HTMLExporter

SLIDES = re.compile(r"^slide\(", re.MULTILINE)
PAGES = [
    path
    for path in locations.notebooks()
    if any(SLIDES.search(cell.source) for cell in pages.cells(path, "slider"))
]

SMALL = """\
import matplotlib.pyplot as plt
from helpers import slide


def draw(p):
    figure = plt.figure()
    figure.suptitle(f"p is {p}")
    return figure


slide(draw, p=[1, 2])"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a small notebook beside a copy of the helpers."""
    folder = tmp_path_factory.mktemp("book")
    shutil.copytree(locations.ROOT / "helpers", folder / "helpers")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SMALL)])
    nbformat.write(notebook, folder / "small.ipynb")
    return folder / "small.ipynb"


def sliders_move(html, number, browser):
    """Check that a file opened without a kernel or a network has sliders, and that each moves."""
    tab = browser.new_page()
    tab.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
    tab.goto(html.as_uri())
    sliders = tab.locator(".book-slider").all()
    assert len(sliders) == number > 0
    for slider in sliders:
        before = slider.locator(".book-figure").inner_html()
        move(slider.locator(".controls :is(input, select)").first)
        assert slider.locator(".book-figure").inner_html() != before
    tab.close()


def move(control):
    kind = control.evaluate("c => c.type")
    if kind == "select-one":
        control.select_option(index=1)
    else:
        control.press("ArrowRight" if kind == "range" else "Space")


@pytest.mark.parametrize("path", PAGES, ids=pages.name)
def test_every_slider_of_an_exported_page_moves(path, browser, tmp_path):
    """Each page, as the site's build executed it and as nbconvert exports it."""
    notebook = notebooks.executed([path])[path]
    html = tmp_path / "page.html"
    html.write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    sliders_move(html, len(list(filter(SLIDES.search, sources))), browser)


def test_the_command_exports_sliders_that_move(small, browser):
    """Executed by nbconvert itself, which keeps the widgets' state beside the frames."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute"]
    done = subprocess.run([*command, small], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    sliders_move(small.with_suffix(".html"), 1, browser)
