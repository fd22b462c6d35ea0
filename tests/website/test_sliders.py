"""Each slider of the built site shows what belongs to its stops, moved by keys and by the mouse.

A page is opened once by http, below a sub-path, and once as a file. The page itself notes what it
shows after each move, so that a test asks for all of it at once.
"""

import itertools
import json
import math

import pytest
from built import PAGES, on, parsed
from locations import SITE

MAX_PRODUCT = 100  # frames; above, each control moves alone, the others where they start
MARK = 'class="book-slider"'
PAGES_WITH_SLIDERS = [page for page in PAGES if MARK in (SITE / page).read_text("utf-8")]
every_page_with_sliders = on(*PAGES_WITH_SLIDERS)

# What a slider shows: now, and from now on after each move. Pictures are told apart by a number.
NOTE = """sliders => {
    const numbers = new Map();
    const number = text => numbers.get(text) ?? numbers.set(text, numbers.size).get(text);
    const text = control => control.type === 'range' ? control.getAttribute('aria-valuetext')
        : control.type === 'checkbox' ? (control.checked ? 'on' : 'off')
        : control.selectedOptions[0].text;
    for (const slider of sliders) {
        const controls = [...slider.querySelectorAll('.controls input, .controls select')];
        const picture = slider.querySelector('.picture');
        const state = () => ({
            labels: controls.map(text),
            outputs: controls.map(c =>
                c.type === 'range' ? c.nextElementSibling.textContent : text(c)),
            words: slider.querySelector('.words').textContent,
            alternative: picture.getAttribute('aria-label'),
            picture: number(picture.innerHTML.replace(/\\s+/g, ' ').trim()),
        });
        slider.now = state;
        slider.noted = [state()];
        slider.addEventListener('input', () => slider.noted.push(state()));
    }
}"""

DRAWN = """figures => figures.map(figure =>
    [...figure.querySelectorAll('figcaption, text, use, path')].map(e =>
        e.outerHTML.replace(/\\s+/g, ' ')))"""


class Slider:
    """A slider on an opened page, moved by real keys and a real mouse."""

    def __init__(self, tab, locator, complaints):
        self.tab, self.locator, self.complaints = tab, locator, complaints
        self.data = json.loads(locator.locator('script[type="application/json"]').text_content())
        self.controls = locator.locator(".controls input, .controls select").all()
        self.kinds = [control.evaluate("c => c.type") for control in self.controls]
        self.sizes = self.data["sizes"]
        served = zip(self.data["labels"], locator.evaluate("s => s.now().labels"), strict=True)
        self.rest = tuple(labels.index(label) for labels, label in served)
        self.now = list(self.rest)

    def combinations(self):
        """Return the stops to visit: all combinations, or each control's own when too many."""
        if math.prod(self.sizes) <= MAX_PRODUCT:
            return list(itertools.product(*map(range, self.sizes)))
        alone = [self.alone(number, at) for number, n in enumerate(self.sizes) for at in range(n)]
        return list(dict.fromkeys(alone))

    def alone(self, number, at):
        """Return the combination of one control's stop and where the others start."""
        return (*self.rest[:number], at, *self.rest[number + 1 :])

    def press_to(self, combination):
        """Move the controls to a combination of stops by pressing keys."""
        for number, goal in enumerate(combination):
            keys = _keys(self.kinds[number], self.now[number], goal)
            if keys:
                self.controls[number].focus()
            for key in keys:
                self.tab.keyboard.press(key)
            self.now[number] = goal

    def drag(self, number):
        """Drag one range from its first stop to its last."""
        self.controls[number].scroll_into_view_if_needed()
        box = self.controls[number].bounding_box()
        thumb, last = 16, self.sizes[number] - 1
        for at in range(last + 1):
            x = box["x"] + thumb / 2 + (box["width"] - thumb) * at / max(last, 1)
            self.tab.mouse.move(x, box["y"] + box["height"] / 2)
            if at == 0:
                self.tab.mouse.down()
        self.tab.mouse.up()
        self.now[number] = last

    def click(self, number):
        """Move one switch or list through its stops with the mouse."""
        for at in range(self.sizes[number]):
            if at == self.now[number]:
                continue
            if self.kinds[number] == "checkbox":
                self.controls[number].click()
            else:  # the system draws an open list, where no click of a test can reach it
                self.controls[number].select_option(index=at)
            self.now[number] = at

    def noted(self):
        """Return the picture's number by combination, after comparing all with the data."""
        states = self.locator.evaluate(
            "slider => [slider.noted, slider.noted = [slider.now()]][0]",
        )
        pictures = {}
        for state in states:
            places = zip(self.data["labels"], state["labels"], strict=True)
            stops = tuple(labels.index(label) for labels, label in places)
            assert state["outputs"] == state["labels"], "the text beside a control is not its own"
            words = self.data["words"][self.frame(stops)]
            assert state["words"] == words
            assert words in state["alternative"]
            assert pictures.setdefault(stops, state["picture"]) == state["picture"]
        assert not self.complaints
        assert stops == tuple(self.now), "the controls do not stand where they were moved to"
        assert len(set(pictures.values())) == len(pictures), "two stops show the same picture"
        return pictures

    def frame(self, combination):
        """Return the number of a combination's frame: the last control's stops follow quickest."""
        number = 0
        for size, at in zip(self.sizes, combination, strict=True):
            number = number * size + at
        return number


def _keys(kind, now, goal):
    if now == goal:
        return []
    if kind == "checkbox":
        return ["Space"]
    if goal == 0:
        return ["Home"]
    forward, back = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    return [forward if goal > now else back] * abs(goal - now)


@pytest.fixture(scope="module")
def opened(request, browser, site, server):
    """Return the tab of a page by http or as a file, and its sliders."""
    page, way = request.param
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        tab = context.new_page()
        complaints, found = [], tab.locator(".book-slider")
        home = server if way == "http" else site.as_uri() + "/"
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda asked: asked.url.startswith(home) or complaints.append(asked.url))
        tab.goto(home + page)
        found.evaluate_all(NOTE)
        yield tab, [Slider(tab, locator, complaints) for locator in found.all()]


def by(*ways):
    """Parametrise a test by the pages with sliders and by the ways to open them."""
    cases = list(itertools.product(PAGES_WITH_SLIDERS or [None], ways))
    ids = [f"{page or 'no page'} by {way}" for page, way in cases]
    return pytest.mark.parametrize("opened", cases, ids=ids, indirect=True, scope="module")


@by("http")
def test_keys_move_every_slider_to_every_stop(opened):
    for slider in opened[1]:
        for combination in slider.combinations():
            slider.press_to(combination)
        slider.press_to(slider.rest)
        assert set(slider.combinations()) <= set(slider.noted())


@by("http")
def test_mouse_moves_every_slider_to_every_stop(opened):
    for slider in opened[1]:
        for number, kind in enumerate(slider.kinds):
            slider.press_to(slider.rest)
            (slider.drag if kind == "range" else slider.click)(number)
            stops = {slider.alone(number, at) for at in range(slider.sizes[number])}
            assert stops <= set(slider.noted())


@by("file")
def test_where_it_starts_comes_back_as_it_was_served(opened):
    """The scripts are those of the page itself, so one move shows whether they run in a file.

    By http, the test of the keys ends where it starts.
    """
    for slider in opened[1]:
        slider.press_to(slider.rest)
        served = slider.noted()[slider.rest]
        slider.press_to([size - 1 for size in slider.sizes])
        slider.press_to(slider.rest)
        found = slider.noted()
        assert len(found) > 1 and found[slider.rest] == served


@by("http")
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
