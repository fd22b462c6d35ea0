"""Pages in a running JupyterLab: what moves on the site is live there, and a kernel answers."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from lab import TIMEOUT, lab
from minus_signs import MINUS
from playwright.sync_api import expect

PAGE = "chapters/metrics/mean.ipynb"  # its first slider has both a range and a switch
PLAYGROUND = "chapters/metrics/playground.ipynb"
OUTPUT = ".jp-OutputArea-output"
FAILURES = [
    f'{OUTPUT}[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("stderr", "error")
]


@pytest.fixture(scope="module")
def server():
    with lab() as server:
        yield server


def opened(browser, server, page):
    """Yield a tab with a page in JupyterLab, all cells run."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    tab = context.new_page()
    server.open(tab, page)
    yield tab
    context.close()


@pytest.fixture(scope="module")
def notebook(browser, server):
    yield from opened(browser, server, PAGE)


@pytest.fixture(scope="module")
def playground(browser, server):
    """Return the playground's output in a tab with its page."""
    for tab in opened(browser, server, PLAYGROUND):
        assert tab.locator(".live-form").count() == 0
        yield tab.locator(OUTPUT).filter(has=tab.locator(".widget-dropdown"))


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


def test_playground_follows_its_buttons(playground):
    says(playground, "New: total is 0, count is 0, result() is 0")
    playground.get_by_role("button", name="update_state").click()
    state = "total is 3, count is 4, result() is 0.75, the mean of the batches is 0.75"
    says(playground, f"After update_state(**batch_1): {state}")
    assert "metric.update_state(**batch_1)" in playground.locator("pre").inner_text()
    playground.get_by_role("button", name="reset_state").click()
    says(playground, "After reset_state(): total is 0, count is 0, result() is 0")


def test_playground_answers_bad_input_in_words(playground):
    field = playground.get_by_role("spinbutton").first
    field.fill("-3")
    field.press("Tab")
    playground.get_by_role("button", name="update_state").click()
    expect(playground.get_by_role("alert")).to_have_text(
        "size is -3; expected a whole number from 1 to 12. Nothing has changed.",
        timeout=1000 * TIMEOUT,
    )
    field.fill("2")
    field.press("Tab")
