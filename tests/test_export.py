"""A page exported by nbconvert has sliders that move, with no kernel and no other host."""

import nbformat
import notebooks
import pages
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

PAGE = next(path for path in pages.notebooks() if pages.cells(path, "slider"))

SMALL = """\
import matplotlib.pyplot as plt
from helpers import slide


def draw(p):
    figure = plt.figure()
    figure.suptitle(f"p is {p}")
    return figure


slide(draw, p=[1, 2])"""


def page_as_executed():
    """Return the first page with a slider, as the site's build executed it."""
    return notebooks.executed([PAGE])[PAGE]


def small_as_nbconvert_executes_it():
    """Return a small notebook as `jupyter nbconvert --execute` leaves it, with widgets' state."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SMALL)])
    where = {"metadata": {"path": str(pages.ROOT)}}
    return ExecutePreprocessor(timeout=120).preprocess(notebook, where)[0]


@pytest.mark.parametrize("executed", [page_as_executed, small_as_nbconvert_executes_it])
def test_every_slider_of_an_exported_page_moves(executed, browser, tmp_path):
    notebook = executed()
    file = tmp_path / "page.html"
    file.write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    tab = browser.new_page()
    tab.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
    tab.goto(file.as_uri())
    sliders = tab.locator(".book-slider").all()
    assert len(sliders) == sum(
        "slide(" in cell.source for cell in notebook.cells if "outputs" in cell
    )
    for slider in sliders:
        before = slider.locator(".words").inner_text()
        slider.locator("input[type=range]").first.press("ArrowRight")
        assert slider.locator(".words").inner_text() != before
    tab.close()
