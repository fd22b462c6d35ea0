"""A page exported by nbconvert has sliders that move, with no kernel and no other host."""

import shutil
import subprocess
import sys

import locations
import nbformat
import pytest

CELLS = """\
import matplotlib.pyplot as plt
from helpers import slide


def draw(**stops):
    figure = plt.figure()
    figure.suptitle(str(stops))
    return figure


slide(draw, p=[1, 2])
---
slide(draw, weighted=[True, False], loss=["mse", "mae"])"""
KEYS = {"range": "ArrowRight", "checkbox": "Space", "select-one": "ArrowDown"}


@pytest.fixture
def exported(tmp_path):
    """Return a notebook as the command exports it, beside a copy of the helpers."""
    shutil.copytree(locations.ROOT / "helpers", tmp_path / "helpers")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.split("---\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "page.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute"]
    done = subprocess.run([*command, tmp_path / "page.ipynb"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tmp_path / "page.html"


def test_every_control_of_an_exported_page_moves_its_slider(exported, browser):
    with browser.new_context() as context:
        context.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
        tab = context.new_page()
        tab.goto(exported.as_uri())
        kinds = []
        for slider in tab.locator(".book-slider").all():
            for control in slider.locator(".controls :is(input, select)").all():
                kinds.append(control.evaluate("c => c.type"))
                before = slider.locator(".book-figure").inner_html()
                control.press(KEYS[kinds[-1]])
                assert slider.locator(".book-figure").inner_html() != before
        assert sorted(kinds) == sorted(KEYS)
