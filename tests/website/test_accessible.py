"""What a reader needs who uses a keyboard, a screen reader, a large font or paper.

axe-core looks at every page found, light and dark, on a desktop and on a phone, with everything
open that a reader can open. A page is opened once for all its tests, which is why axe comes last.
Contrast is most of its work: on the phone it is judged where the colours are not the desktop's.
"""

import pytest
from built import PAGES, every_page, parsed
from locations import NODE_MODULES, SITE

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # the only ones that look at colours
COLOURS_ALONE = {"runOnly": COLOUR_RULES}
NO_COLOURS = {"rules": {rule: {"enabled": False} for rule in COLOUR_RULES}}

SCAN = """async options => {
    const part = options.recoloured ? {include: recoloured} : document;
    const found = await axe.run(part, {resultTypes: ["violations"], ...options});
    return found.violations.flatMap(({id, nodes}) => nodes.map(node =>
        `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""

# Keep what axe must judge anew, and say how much it is: the elements that look otherwise than when
# this was last asked, or are shown only now.
RECOLOURED = """() => {
    const before = window.looks;
    window.looks = new Map();
    window.recoloured = [];
    for (const element of document.querySelectorAll('body, body *')) {
        const {color, backgroundColor, backgroundImage, opacity, textDecorationLine, fontSize,
            fontWeight} = getComputedStyle(element);
        const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);  // may have less
        const look = [color, backgroundColor, backgroundImage, opacity, textDecorationLine, large]
            .join();
        const shown = element.checkVisibility({visibilityProperty: true});
        looks.set(element, {shown, look});
        const old = before?.get(element);
        if (shown && old && !(old.shown && old.look === look)) recoloured.push(element);
    }
    return recoloured.length;
}"""

OPEN_ALL = "document.querySelectorAll('details').forEach(element => { element.open = true; })"

# What Tab may reach in a part of a page: all that is shown and takes the focus.
REACHABLE = """part => [...document.querySelector(part).querySelectorAll(
    'a[href], button, input, select, summary, [tabindex="0"]')].filter(e =>
    e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1).length"""

# From now on, note what gets the focus, once: its name, and how its focus looks. Tab begins at a
# part of the page.
NOTE_FOCUS = """part => {
    const start = document.querySelector(part);
    start.tabIndex = -1;
    start.focus();
    start.removeAttribute('tabindex');
    window.focused = new Map();
    addEventListener('focusin', ({target}) => focused.has(target) || !start.contains(target)
        || focused.set(target, {
            html: target.outerHTML.slice(0, 150), outline: getComputedStyle(target).outlineStyle}));
}"""

# The theme lets the keyboard scroll what is too wide, a moment after a resize.
SCROLLABLE = """() => [...document.querySelectorAll('pre, .cell_output > .output')].every(e =>
    (e.tabIndex === 0) === (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight))"""

# Boxes that scroll sideways, without the frames of code, tables and formulae that cannot break.
SIDEWAYS = """() => [...document.querySelectorAll('.bd-main *')].filter(e =>
    e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    && !e.matches('pre, .book-table-frame, .pst-scrollable-table-container, .katex-html'))
    .map(e => e.outerHTML.slice(0, 150))"""

MOVING = """() => [...document.querySelectorAll('*')].filter(element => {
    const style = getComputedStyle(element);
    const times = [style.transitionDuration, style.animationDuration].join(', ').split(', ');
    return times.some(time => parseFloat(time) > 0.01) || style.scrollBehavior === 'smooth';
}).map(element => element.outerHTML.slice(0, 150))"""


@pytest.fixture(scope="module")
def reader(browser):
    """Return a tab for all pages, of a reader who wants no motion."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def tab(request, reader, server):
    """Return the tab with a page that is opened once for all its tests."""
    look(reader, "light", DESKTOP)
    reader.goto(server + request.param)
    return reader


every_opened_page = pytest.mark.parametrize("tab", PAGES or [None], indirect=True, scope="module")


def look(tab, scheme, size):
    """Have the opened page take a colour scheme and a size."""
    tab.emulate_media(color_scheme=scheme)
    if size != tab.viewport_size:
        tab.set_viewport_size(size)


@every_opened_page
def test_tab_reaches_everything_and_shows_where_it_is(tab):
    # Around the text all pages have the same.
    part = "body" if tab.url.endswith("index.html") else "main"
    expected = tab.evaluate(REACHABLE, part)
    tab.evaluate(NOTE_FOCUS, part)
    for _ in range(expected + 20):
        tab.keyboard.press("Tab")
    reached = tab.evaluate("[...focused.values()]")
    assert expected
    assert len(reached) >= expected, "Tab does not reach all that can be used"
    assert not [element["html"] for element in reached if element["outline"] == "none"]


@every_opened_page
def test_nothing_moves_for_readers_who_want_no_motion(tab):
    assert not tab.evaluate(MOVING)


@every_opened_page
def test_large_letters_fit(tab):
    """At 200 % a window of 1280 pixels has 640; at 400 % it has 320."""
    for width in (640, 320):
        tab.set_viewport_size({"width": width, "height": 450})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert not tab.evaluate(SIDEWAYS)


@every_opened_page
def test_axe_finds_nothing(tab):
    tab.evaluate(AXE.read_text("utf-8"))
    tab.evaluate(OPEN_ALL)
    found = []
    for scheme, options in (("light", {}), ("dark", COLOURS_ALONE)):
        look(tab, scheme, DESKTOP)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        tab.wait_for_function(SCROLLABLE)
        found += tab.evaluate(SCAN, options)
        tab.evaluate(RECOLOURED)
        look(tab, scheme, PHONE)
        if tab.evaluate(RECOLOURED):
            found += tab.evaluate(SCAN, {**COLOURS_ALONE, "recoloured": True})
    look(tab, "light", PHONE)
    tab.wait_for_function(SCROLLABLE)
    found += tab.evaluate(SCAN, NO_COLOURS)
    assert not found


@every_page
def test_maths_can_be_read_aloud(page):
    """KaTeX draws a formula for the eye, and writes it in MathML for the ear."""
    for formula in parsed(SITE / page).select(".katex"):
        spoken = formula.select_one(".katex-mathml math")
        assert spoken and spoken.get_text(strip=True)
        assert not any(parent.get("aria-hidden") for parent in [spoken, *spoken.parents])
        assert formula.select_one(".katex-html")["aria-hidden"] == "true"


@every_page
def test_pictures_say_what_they_show(page):
    """A picture's words are its finding, a sentence, and not the word for what it is."""
    found = parsed(SITE / page).select("main img, main .picture, main svg:not(.katex svg)")
    for picture in found:
        if picture.name == "svg" and picture.find_parent(class_="picture"):
            assert picture["aria-hidden"] == "true", "its letters would be read one by one"
            continue
        words = picture.get("alt") or picture.get("aria-label") or ""
        assert len(words.removeprefix("Chart: ").split()) >= 4, words
