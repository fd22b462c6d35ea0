"""Each slider of the built site shows what belongs to its stops, moved by keys and by the mouse.

A page is opened once by http, below a sub-path. It notes what it shows after each move, so that a
test asks for all of it at once. test_site.py moves the sliders of pages that are files.
"""

import json

import pytest
from built import PAGES, Visit, on, parsed
from locations import SITE
from slider import sliders

MARK = 'class="book-slider"'
PAGES_WITH_SLIDERS = [page for page in PAGES if MARK in (SITE / page).read_text("utf-8")]
every_page_with_sliders = on(*PAGES_WITH_SLIDERS)

DRAWN = """figures => figures.map(figure =>
    [...figure.querySelectorAll('figcaption, text, use, path')].map(e =>
        e.outerHTML.replace(/\\s+/g, ' ')))"""


@pytest.fixture(scope="module")
def opened(request, browser, server):
    """Return the tab of a page, and its sliders."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        visit = Visit(context.new_page(), server, request.param)
        yield visit.tab, sliders(visit)


every_opened_page = pytest.mark.parametrize(
    "opened", PAGES_WITH_SLIDERS or [None], indirect=True, scope="module"
)


@every_opened_page
def test_keys_move_every_slider_to_every_stop(opened):
    for slider in opened[1]:
        for combination in slider.combinations():
            slider.press_to(combination)
        slider.press_to(slider.rest)
        assert set(slider.combinations()) <= set(slider.noted())


@every_opened_page
def test_mouse_moves_every_slider_to_every_stop(opened):
    for slider in opened[1]:
        for number, kind in enumerate(slider.kinds):
            slider.press_to(slider.rest)
            (slider.drag if kind == "range" else slider.click)(number)
            stops = {slider.alone(number, at) for at in range(slider.sizes[number])}
            assert stops <= set(slider.noted())


@every_opened_page
def test_a_moved_slider_is_printed_where_it_started(opened):
    tab, sliders = opened

    def shown(action="0"):
        """Return what each slider shows after an action."""
        tab.evaluate(action)
        return tab.locator(".book-slider .book-figure").evaluate_all(DRAWN)

    for slider in sliders:
        slider.press_to(slider.rest)
    first = shown()
    for slider in sliders:
        slider.press_to([size - 1 for size in slider.sizes])
    moved = shown()
    assert len(moved) == len(first) > 0
    assert moved != first
    assert shown("dispatchEvent(new Event('beforeprint'))") == first
    assert shown("dispatchEvent(new Event('afterprint'))") == moved


@pytest.fixture(scope="module")
def scriptless(browser):
    """Return a tab in which JavaScript is switched off."""
    with browser.new_context(java_script_enabled=False) as context:
        yield context.new_page()


def served_stop(control, labels):
    """Return where a control stands in the HTML that the server sends."""
    if control.name == "select":
        chosen = [option.get_text() for option in control.select("option[selected]")]
        return labels.index(*chosen)
    if control["type"] == "checkbox":
        return labels.index("on" if control.has_attr("checked") else "off")
    assert labels[int(control["value"])] == control["aria-valuetext"]
    return int(control["value"])


@every_page_with_sliders
def test_where_it_starts_shows_without_javascript(page, server, scriptless):
    scriptless.goto(server + page)
    for number, slider in enumerate(parsed(SITE / page).select(".book-slider")):
        data, frame = json.loads(slider.select_one("script").string), 0
        controls = slider.select(".controls input, .controls select")
        for control, labels in zip(controls, data["labels"], strict=True):
            frame = frame * len(labels) + served_stop(control, labels)
        first = data["words"][frame]
        shown = scriptless.locator(".book-slider").nth(number)
        assert shown.locator(".words").inner_text() == first
        assert shown.locator(".picture svg").is_visible()


def test_some_page_has_a_slider():
    """Without one the tests above would pass with nothing to look at."""
    assert PAGES_WITH_SLIDERS
