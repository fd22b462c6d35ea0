"""The built site in a browser: sliders move, no other host is asked, links lead somewhere.

Every page found in the built site is visited twice, over http below a sub-path, as a project's site
is served, and as a file, as it is read from a USB stick.
"""

import itertools
import json
import math
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from built import PAGES, every_page, on, parsed
from locations import SITE

WAYS = ("http", "file")
MAX_PRODUCT = 100  # frames; above, each control moves alone, the others at their first stop
NARROW = (390, 320)  # pixels: a usual phone, and 1280 pixels at a zoom of 400 %
CONTRAST = 4.5  # WCAG 2.2, level AA, for text
LOG = ("oneDNN", "cuda", "TF-TRT", "absl::InitializeLog", "WARNING", "Traceback", "<tf.Tensor")

FIGURES = """() => [...document.querySelectorAll('.book-figure')].map(figure => {
    let ground = figure;
    const clear = element => /, 0\\)$/.test(getComputedStyle(element).backgroundColor);
    while (clear(ground) && ground.parentElement) ground = ground.parentElement;
    return {
        page: getComputedStyle(ground).backgroundColor,
        words: getComputedStyle(figure.querySelector('.words')).color,
        letters: [...figure.querySelectorAll('.picture text')].map(e => getComputedStyle(e).fill),
    };
})"""

STATE = """slider => {
    const controls = [...slider.querySelectorAll('.controls input, .controls select')];
    const text = control => control.type === 'range' ? control.getAttribute('aria-valuetext')
        : control.type === 'checkbox' ? (control.checked ? 'on' : 'off')
        : control.selectedOptions[0].text;
    const picture = slider.querySelector('.picture');
    return {
        labels: controls.map(text),
        outputs: controls.map(c => c.type === 'range' ? c.nextElementSibling.textContent : text(c)),
        words: slider.querySelector('.words').textContent,
        alternative: picture.getAttribute('aria-label'),
        picture: picture.innerHTML,
    };
}"""


def has_sliders(page: str) -> bool:
    return bool(parsed(SITE / page).select(".book-slider"))


def visits(*pages):
    """Parametrise a test by pages and by the ways to open them."""
    cases = list(itertools.product(pages or [None], WAYS))
    if ("404.html", "file") in cases:  # the one page that only a host shows
        cases.remove(("404.html", "file"))
    ids = [f"{page or 'no page'} by {way}" for page, way in cases]
    return pytest.mark.parametrize("visit", cases, ids=ids, indirect=True, scope="module")


SLIDER_PAGES = [page for page in PAGES if has_sliders(page)]
every_page_with_sliders = on(*SLIDER_PAGES)
every_visit = visits(*PAGES)
every_visit_with_sliders = visits(*SLIDER_PAGES)


class Visit:
    """A page opened in the browser, with what it asked for and what it complained about."""

    def __init__(self, tab, address, home):
        self.tab = tab
        self.complaints = []
        tab.on("console", self._note_console)
        tab.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        tab.on("request", lambda request: self._note_request(request.url, home))
        tab.goto(address)

    def _note_console(self, message):
        if message.type == "error":
            self.complaints.append(f"console: {message.text} {message.location}")

    def _note_request(self, url, home):
        if not url.startswith((home, "data:", "blob:")):
            self.complaints.append(f"request to another place: {url}")

    def sliders(self):
        return [Slider(self.tab, locator) for locator in self.tab.locator(".book-slider").all()]


class Slider:
    """A slider on an opened page, moved by real keys and a real mouse."""

    def __init__(self, tab, locator):
        self.tab, self.locator = tab, locator
        self.data = json.loads(locator.locator('script[type="application/json"]').text_content())
        self.controls = locator.locator(".controls input, .controls select").all()
        self.kinds = [control.evaluate("c => c.type") for control in self.controls]
        self.sizes = self.data["sizes"]
        self.rest = [0] * len(self.controls)
        self.now = self.stops()

    def combinations(self):
        """Return the stops to visit: all combinations, or each control's own when too many."""
        if math.prod(self.sizes) <= MAX_PRODUCT:
            return list(itertools.product(*map(range, self.sizes)))
        alone = [self.alone(number, at) for number, n in enumerate(self.sizes) for at in range(n)]
        return list(dict.fromkeys(alone))

    def alone(self, number, at):
        """Return the combination of one control's stop and the others' first stops."""
        return (*self.rest[:number], at, *self.rest[number + 1 :])

    def stops(self):
        """Return the stops at which the page shows the controls."""
        labels = self.locator.evaluate(STATE)["labels"]
        return [self.data["labels"][number].index(label) for number, label in enumerate(labels)]

    def press_to(self, combination):
        """Move the controls to a combination of stops by pressing keys."""
        for number, (now, goal) in enumerate(zip(self.now, combination, strict=True)):
            if now == goal:
                continue
            self.controls[number].focus()
            for key in _keys(self.kinds[number], now, goal):
                self.tab.keyboard.press(key)
        self.now = list(combination)

    def drag(self, number):
        """Drag one range from its first stop to its last; yield each stop it comes to."""
        self.press_to(self.rest)
        self.controls[number].scroll_into_view_if_needed()
        box = self.controls[number].bounding_box()
        thumb, last = 16, self.sizes[number] - 1
        for at in range(last + 1):
            x = box["x"] + thumb / 2 + (box["width"] - thumb) * at / max(last, 1)
            self.tab.mouse.move(x, box["y"] + box["height"] / 2)
            if at == 0:
                self.tab.mouse.down()
            self.now[number] = at
            yield at
        self.tab.mouse.up()

    def click(self, number):
        """Move one switch or list through its stops with the mouse; yield each stop."""
        self.press_to(self.rest)
        yield 0
        for at in range(1, self.sizes[number]):
            if self.kinds[number] == "checkbox":
                self.controls[number].click()
            else:  # the system draws an open list, where no click of a test can reach it
                self.controls[number].select_option(index=at)
            self.now[number] = at
            yield at

    def picture(self, combination):
        """Return the picture shown, after comparing all that is said about it with the data."""
        state, data = self.locator.evaluate(STATE), self.data
        labels = [data["labels"][number][at] for number, at in enumerate(combination)]
        assert state["labels"] == labels, "the control's text is not its stop's label"
        assert state["outputs"] == labels, "the text beside the control is not its stop's label"
        words = data["words"][self.frame(combination)]
        assert state["words"] == words
        assert words in state["alternative"]
        return state["picture"]

    def frame(self, combination):
        """Return the number of a combination's frame: the last control's stops follow quickest."""
        number = 0
        for size, at in zip(self.sizes, combination, strict=True):
            number = number * size + at
        return number


def _keys(kind, now, goal):
    if kind == "checkbox":
        return ["Space"]
    if goal == 0:
        return ["Home"]
    forward, back = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    return [forward if goal > now else back] * abs(goal - now)


@pytest.fixture(scope="module")
def visit(request, browser, site, server):
    """Open a page by http or as a file."""
    page, way = request.param
    home = server if way == "http" else site.as_uri() + "/"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield Visit(context.new_page(), home + page, home)
    context.close()


def all_different(pictures):
    return len(set(pictures.values())) == len(pictures)


@every_visit
def test_page_keeps_to_itself_and_reports_no_error(visit):
    visit.tab.wait_for_load_state("networkidle")
    assert not visit.complaints


@every_visit_with_sliders
def test_keys_move_every_slider_to_every_stop(visit):
    for slider in visit.sliders():
        pictures = {}
        for combination in slider.combinations():
            slider.press_to(combination)
            pictures[combination] = slider.picture(combination)
        assert all_different(pictures)
    assert not visit.complaints


@every_visit_with_sliders
def test_mouse_moves_every_slider_to_every_stop(visit):
    for slider in visit.sliders():
        for number, kind in enumerate(slider.kinds):
            move = slider.drag if kind == "range" else slider.click
            pictures = {at: slider.picture(slider.alone(number, at)) for at in move(number)}
            assert all_different(pictures)
    assert not visit.complaints


@every_visit_with_sliders
def test_first_stop_comes_back_as_it_was_served(visit):
    visit.tab.reload()
    for slider in visit.sliders():
        served = slider.picture(slider.rest)
        slider.press_to([size - 1 for size in slider.sizes])
        slider.press_to(slider.rest)
        assert slider.picture(slider.rest).split() == served.split()


@every_visit
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_can_be_read(visit, scheme):
    visit.tab.emulate_media(color_scheme=scheme)
    visit.tab.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    for figure in visit.tab.evaluate(FIGURES):
        assert (luminance(figure["page"]) < 0.5) == (scheme == "dark")
        for color in {figure["words"], *figure["letters"]}:
            assert contrast(color, figure["page"]) >= CONTRAST, f"{color} on {figure['page']}"


def luminance(color):
    """Return the relative luminance, from 0 to 1, of a colour such as 'rgb(0, 114, 178)'."""
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(c * weight for c, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    """Return the contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@every_visit
@pytest.mark.parametrize("width", NARROW)
def test_page_fits_a_phone(visit, width):
    usual = visit.tab.viewport_size
    visit.tab.set_viewport_size({"width": width, "height": 800})
    needed = visit.tab.evaluate("document.documentElement.scrollWidth")
    visit.tab.set_viewport_size(usual)
    assert needed <= width


@pytest.fixture(scope="module")
def scriptless(browser):
    """Return a tab in which JavaScript is switched off."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@every_page_with_sliders
def test_first_frame_shows_without_javascript(page, site, server, scriptless):
    scriptless.goto(server + page)
    for number, slider in enumerate(parsed(site / page).select(".book-slider")):
        first = json.loads(slider.select_one("script").string)["words"][0]
        shown = scriptless.locator(".book-slider").nth(number)
        assert shown.locator(".words").inner_text() == first
        assert shown.locator(".picture svg").is_visible()


def outputs(page: Path):
    return parsed(page).select(".cell_output")


@every_page
def test_outputs_hold_no_log_and_no_error(page, site):
    for output in outputs(site / page):
        text = output.get_text()
        assert not [word for word in LOG if word in text], text[:1000]
    assert not parsed(site / page).select(".cell_output .stderr")


def test_some_page_has_a_slider_and_some_has_outputs(site):
    """Without them the tests above would pass with nothing to look at."""
    assert SLIDER_PAGES
    assert any(outputs(site / page) for page in PAGES)


@every_page
def test_links_lead_to_files_and_anchors(page, site):
    broken = [link for link in links(site / page) if not resolves(link, site / page)]
    assert not broken


def links(page: Path) -> list[str]:
    """Return the page's links to the site's own files and anchors."""
    found = [
        tag[name]
        for name in ("href", "src")
        for tag in parsed(page).find_all(attrs={name: True})
        if tag.name != "base"
    ]
    return [link for link in found if not urlsplit(link).scheme and not urlsplit(link).netloc]


def resolves(link: str, page: Path) -> bool:
    """Return whether a link's file exists, and holds the anchor when the link names one."""
    parts = urlsplit(link)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if SITE not in target.parents or not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    if not anchor or target.suffix != ".html":
        return True
    return bool(parsed(target).find(id=anchor) or parsed(target).find(attrs={"name": anchor}))
