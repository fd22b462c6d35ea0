"""Pages in a running JupyterLab: what moves on the site is live there, and a kernel answers."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from lab import TIMEOUT, lab
from minus_signs import MINUS
from playwright.sync_api import expect

PAGE = "chapters/metrics/mean.ipynb"  # its first slider has both a range and a switch
OUTPUT = ".jp-OutputArea-output"
FAILURES = [
    f'{OUTPUT}[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("stderr", "error")
]


@pytest.fixture(scope="module")
def server():
    with lab() as server:
        yield server


@pytest.fixture(scope="module")
def notebook(browser, server):
    """Return a tab with the page in JupyterLab, all cells run."""
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        tab = context.new_page()
        server.open(tab, PAGE)
        yield tab


@pytest.fixture(scope="module")
def recorded(site):
    """Return the frames' words and the controls' sizes of the page's first slider on the site."""
    html = (site / PAGE).with_suffix(".html").read_text("utf-8")
    return json.loads(BeautifulSoup(html, "html.parser").select_one(".book-slider script").string)


def test_every_cell_runs_and_nothing_fails(notebook):
    prompts = notebook.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    numbers = [f"[{number}]:" for number, prompt in enumerate(prompts, start=1) if prompt]
    assert numbers == [prompt for prompt in prompts if prompt] != []  # a folded cell shows none
    for failure in FAILURES:
        assert notebook.locator(failure).all_inner_texts() == []


def test_kernel_draws_each_move_of_the_range(notebook, recorded):
    output = live_output(notebook)
    stops, stride = recorded["sizes"][0], len(recorded["words"]) // recorded["sizes"][0]
    output.get_by_role("slider").focus()
    notebook.keyboard.press("Home")
    pictures = set()
    for stop in range(stops):
        if stop:
            notebook.keyboard.press("ArrowRight")
        says(output, recorded["words"][stop * stride])
        pictures.add(output.locator(".picture").inner_html())
    assert len(pictures) == stops


def test_kernel_draws_each_move_of_the_switch(notebook, recorded):
    output = live_output(notebook)
    output.get_by_role("slider").focus()
    notebook.keyboard.press("End")
    for words in (recorded["words"][-1], recorded["words"][-2]):
        output.get_by_role("checkbox").press("Space")
        says(output, words)


def live_output(notebook):
    """Return the output with the first live slider.

    No recorded slider is on the page, whose script could change a picture: only the kernel can.
    """
    assert notebook.locator(".book-slider").count() == 0
    return notebook.locator(OUTPUT).filter(has=notebook.locator(".widget-slider")).first


def says(output, words):
    """Wait until a picture says words; the site alone sets every minus as a minus sign."""
    pattern = re.escape(words).replace(MINUS, f"[-{MINUS}]")
    expect(output.locator(".words")).to_have_text(re.compile(pattern), timeout=1000 * TIMEOUT)
