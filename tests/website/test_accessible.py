"""What a reader needs who uses a keyboard, a screen reader, a large font or paper.

axe-core looks at every page found, light and dark, on a desktop and on a phone, with everything
open that a reader can open.
"""

import pytest
from built import PAGES, every_page, on, parsed
from locations import NODE_MODULES, SITE

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SCHEMES = ("light", "dark")
SCHEME_RULES = ["color-contrast", "link-in-text-block"]  # the only ones that look at colours

SCAN = """async rules => {
    const options = {resultTypes: ["violations"], ...(rules && {runOnly: rules})};
    const found = await axe.run(document, options);
    return found.violations.flatMap(({id, nodes}) => nodes.map(node =>
        `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""

OPEN_ALL = "document.querySelectorAll('details').forEach(element => { element.open = true; })"

# What Tab may reach: all that is shown and takes the focus.
REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input, select, summary, [tabindex="0"]')].filter(e =>
    e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1).length"""

# What has the focus, once: its name, and whether its look changed from what it is without.
FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body || element.dataset.seen) return null;
    element.dataset.seen = "yes";
    const style = getComputedStyle(element);
    return {html: element.outerHTML.slice(0, 150), outline: style.outlineStyle};
}"""

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

MOVE_ALL = """() => document.querySelectorAll('.book-slider :is(input, select)').forEach(c => {
    if (c.type === 'checkbox') c.checked = !c.checked;
    else if (c.type === 'range') c.value = c.max;
    else c.selectedIndex = c.options.length - 1;
    c.dispatchEvent(new Event('input'));
})"""

DRAWN = """figures => figures.map(figure =>
    [...figure.querySelectorAll('figcaption, text, use, path')].map(e =>
        e.outerHTML.replace(/\\s+/g, ' ')))"""

SLIDER_PAGES = [page for page in PAGES if 'class="book-slider"' in (SITE / page).read_text("utf-8")]


@pytest.fixture(scope="module")
def tab(browser):
    """Return a tab for all pages, of a reader who wants no motion."""
    with browser.new_context(viewport=DESKTOP, reduced_motion="reduce") as context:
        yield context.new_page()


def look(tab, scheme, size=None):
    """Have the opened page take a colour scheme and a size."""
    tab.emulate_media(color_scheme=scheme)
    tab.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    if size and size != tab.viewport_size:
        tab.set_viewport_size(size)
        tab.wait_for_timeout(500)  # the theme waits 300 ms before it looks again for wide code


@every_page
def test_axe_finds_nothing(page, server, tab):
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(DESKTOP)
    tab.goto(server + page)
    tab.evaluate(AXE.read_text("utf-8"))
    tab.evaluate(OPEN_ALL)
    tab.wait_for_timeout(500)
    found = []
    for size in (DESKTOP, PHONE):
        for scheme in SCHEMES:
            look(tab, scheme, size)
            found += tab.evaluate(SCAN, None if scheme == "light" else SCHEME_RULES)
    assert not found


@every_page
def test_tab_reaches_everything_and_shows_where_it_is(page, server, tab):
    tab.set_viewport_size(DESKTOP)
    tab.goto(server + page)
    tab.evaluate("document.activeElement.blur()")
    expected = tab.evaluate(REACHABLE)
    reached = []
    for _ in range(expected + 20):
        tab.keyboard.press("Tab")
        focused = tab.evaluate(FOCUSED)
        reached += [focused] if focused else []
    assert expected
    assert len(reached) >= expected, "Tab does not reach all that can be used"
    assert not [element["html"] for element in reached if element["outline"] == "none"]


@every_page
def test_nothing_moves_for_readers_who_want_no_motion(page, server, tab):
    tab.goto(server + page)
    assert not tab.evaluate(MOVING)


@every_page
def test_large_letters_fit(page, server, tab):
    """At 200 % a window of 1280 pixels has 640; at 400 % it has 320."""
    tab.goto(server + page)
    for width in (640, 320):
        tab.set_viewport_size({"width": width, "height": 450})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert not tab.evaluate(SIDEWAYS)


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


@on(*SLIDER_PAGES)
def test_a_moved_slider_is_printed_at_its_first_stop(page, server, tab):
    tab.goto(server + page)

    def after(action):
        """Return what each slider shows after an action."""
        tab.evaluate(action)
        return tab.locator(".book-slider .book-figure").evaluate_all(DRAWN)

    first, moved = after("0"), after(MOVE_ALL)
    assert len(moved) == len(first) > 0
    assert moved != first
    assert after("dispatchEvent(new Event('beforeprint'))") == first
    assert after("dispatchEvent(new Event('afterprint'))") == moved
