"""How the site looks: faces and sizes, one measure, folds, minus signs, the way through."""

import re
from statistics import mean

import pytest
from built import PAGES, every_page, parsed
from locations import SITE
from minus_signs import MINUS, in_html, true_minus
from typefaces import formula_letters, without_unused

LESSON = "chapters/losses/cross_entropy.html"
FACES = {"Book Text", "Book Code"}
FACE = "element => getComputedStyle(element).fontFamily"
HYPHEN = re.compile(r"(?<![\w.)\]}=-])-\d")

# Measured large, where a rounded pixel counts for nothing.
X_HEIGHT = """code => {
    const letter = element => {
        const {fontSize, fontFamily} = getComputedStyle(element);
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = `${100 * parseFloat(fontSize)}px ${fontFamily}`;
        return pen.measureText('x').actualBoundingBoxAscent;
    };
    return letter(code) / letter(code.closest('p'));
}"""
LINES = """() => [...document.querySelectorAll('.bd-article > section > p')].flatMap(p => {
    const range = document.createRange(), lines = new Map();
    const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) for (let k = 0; k < walk.currentNode.length; k++) {
        range.setStart(walk.currentNode, k);
        range.setEnd(walk.currentNode, k + 1);
        const y = Math.round(range.getBoundingClientRect().bottom / 8);
        lines.set(y, (lines.get(y) || 0) + 1);
    }
    return [...lines.values()].slice(0, -1);
})"""
EDGES = """() => [...document.querySelectorAll(
    '.bd-article > section > p, .cell_input pre, .book-table-frame, .book-figure')]
    .filter(e => e.checkVisibility()).map(e => Math.round(e.getBoundingClientRect().left))"""

# Between each line of a formula and the next.
GAPS = """() => [...document.querySelectorAll('.katex-display .katex-html')].flatMap(formula => {
    const parts = [...formula.querySelectorAll(':scope > .base')];
    const places = parts.map(part => part.getBoundingClientRect());
    return places.slice(1).flatMap((place, before) =>
        place.left < places[before].left ? [place.top - places[before].bottom] : []);
})"""


# What runs past its right edge, and whether something says so there.
CUT = """() => [...document.querySelectorAll('.bd-article :is(pre, .book-table-frame)')]
    .filter(e => e.scrollWidth > e.clientWidth + 1)
    .map(e => getComputedStyle(e).backgroundImage.includes('gradient'))"""


@pytest.fixture(scope="module")
def visited(browser, server):
    """Return a browser that has the faces: one that comes late waits for the next visit."""
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        with context.new_page() as tab:
            tab.goto(server + LESSON)
            tab.evaluate("document.fonts.ready.then(() => 0)")
        yield context


@pytest.fixture
def lesson(visited, server):
    with visited.new_page() as tab:
        tab.goto(server + LESSON)
        tab.evaluate("document.fonts.ready.then(() => 0)")
        yield tab
        tab.evaluate("localStorage.clear()")


def test_the_books_faces_are_there_and_light(lesson, site):
    loaded = lesson.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert FACES <= {name.strip('"') for name in loaded}
    weight = sum(font.stat().st_size for font in (site / "_static" / "fonts").iterdir())
    assert 0 < weight <= 60_000


def test_pictures_have_the_face_of_the_text_and_their_code_that_of_code(visited, server):
    with visited.new_page() as tab:
        tab.goto(f"{server}chapters/metrics/mean.html")
        for picture, page in ((":not([style*=mono])", "p"), ("[style*=mono]", "pre")):
            found = tab.locator(f".picture text{picture}").first
            assert found.evaluate(FACE) == tab.locator(f"article {page}").first.evaluate(FACE)


def test_sizes_lines_and_edges(lesson):
    """Code has 90 % of the x-height around it, a line 66 letters, and all begins at one edge."""
    assert 0.88 <= lesson.locator("p code").first.evaluate(X_HEIGHT) <= 0.92
    assert 60 <= mean(lesson.evaluate(LINES)) <= 72
    assert len(set(lesson.evaluate(EDGES))) == 1


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_first_screen_holds_question_slider_and_where_to_begin(lesson, server, width, height):
    lesson.set_viewport_size({"width": width, "height": height})
    lesson.goto(server + "index.html")
    for part in ("h1 + p strong", "article a[href*=teaching]", ".book-slider .picture"):
        box = lesson.locator(part).first.bounding_box()
        assert 0 < box["y"] < box["y"] + box["height"] <= height, part
    slider = lesson.locator(".book-slider input").first
    assert 0 < slider.evaluate("c => (c.value - c.min) / (c.max - c.min)") < 1


def test_what_is_cut_off_on_a_phone_says_so(lesson, server):
    lesson.set_viewport_size({"width": 390, "height": 844})
    for page in (LESSON, "chapters/metrics/names_in_the_log.html"):
        lesson.goto(server + page)
        cut = lesson.evaluate(CUT)
        assert cut and all(cut)


def test_a_prerequisite_says_what_it_promises():
    for page in (page for page in PAGES if page.startswith("chapters/")):
        for opening in parsed(SITE / page).select("article p:has(> em:only-child)"):
            if opening.get_text().split()[1:2] == ["minutes."]:
                links = opening.select("a.internal")
                assert all(link.get("title", "").endswith("?") for link in links), page


def test_the_contents_follow_the_reader(lesson):
    current = lesson.locator(".bd-toc-nav a.active")
    assert current.count() == 0
    lesson.locator("h2#exercises, #exercises > h2").scroll_into_view_if_needed()
    lesson.evaluate("document.querySelector('#exercises').scrollIntoView()")
    lesson.wait_for_function(
        "document.querySelector('.bd-toc-nav a.active')?.hash === '#exercises'"
    )
    assert current.count() == 1


def test_a_menu_opens_and_shuts(lesson):
    menu = lesson.locator("details.dropdown").first
    menu.locator("summary").click()
    assert menu.locator("a").first.is_visible()
    lesson.keyboard.press("Escape")
    assert not menu.locator("a").first.is_visible()


def test_what_was_read_is_marked_until_the_reader_says_no(lesson, server):
    mark = lesson.locator(".bd-docs-nav a.read")
    assert mark.count() == 0
    lesson.locator(".prev-next-footer").scroll_into_view_if_needed()
    mark.first.wait_for(state="attached")
    lesson.goto(server + "chapters/metrics/mean.html")
    assert mark.evaluate_all("found => found.map(a => a.pathname.split('/').pop())") == [
        LESSON.rpartition("/")[2]
    ]
    lesson.locator(".pages-read button").click()
    assert mark.count() == 0
    lesson.goto(server + LESSON)
    lesson.locator(".prev-next-footer").scroll_into_view_if_needed()
    assert mark.count() == 0
    assert lesson.evaluate("localStorage.getItem('pages-read')") == "off"


def test_a_list_of_read_pages_that_is_spoilt_breaks_nothing(lesson, server):
    """Another site of the same host may keep something under the same name."""
    lesson.evaluate("localStorage.setItem('pages-read', '{')")
    errors = []
    lesson.on("pageerror", lambda error: errors.append(error))
    lesson.goto(server + LESSON)
    assert lesson.locator(".pages-read button").is_visible()
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_printed_stands_on_the_pages_own_ground(lesson, server, scheme):
    lesson.goto(server + "chapters/metrics/names_in_the_log.html")
    lesson.emulate_media(color_scheme=scheme)
    lesson.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
    grounds = lesson.locator(".cell_output :is(.highlight, pre)").evaluate_all(
        "found => found.map(each => getComputedStyle(each).backgroundColor)"
    )
    assert set(grounds) == {"rgba(0, 0, 0, 0)"}


def test_lines_of_a_long_formula_stand_apart(lesson, server):
    """Whether a page has a formula that breaks is its text's affair: here each one must."""
    lesson.goto(server + LESSON)
    lesson.add_style_tag(content=".katex { display: block; width: 6rem }")
    assert min(lesson.evaluate(GAPS)) >= 4  # pixels


@every_page
def test_numbers_have_minus_signs(page):
    found = parsed(SITE / page).select(".cell_output pre, .cell_output td, .book-figure text")
    words = [node.get_text() for node in found]
    assert not [text for text in words if HYPHEN.search(text)]


@every_page
def test_the_set_up_is_one_fold_and_drawings_come_before_their_code(page):
    document = parsed(SITE / page)
    for cell in document.select(".cell.tag_setup:has(details.hide)"):
        after = cell.find_next_sibling()
        assert "tag_setup" not in after.get("class", [])
    for fold in document.select(".cell.tag_slider details.hide"):
        assert fold.find_previous_sibling(class_="cell_output")


@pytest.mark.parametrize("chapter", ["losses", "metrics"])
def test_an_index_numbers_its_pages_and_says_how_long_they_take(chapter):
    name = f"chapters/{chapter}/index.html"
    numbered = parsed(SITE / name).select("ol > li:has(.minutes) a:first-of-type")
    pages = [page for page in PAGES if page.startswith(f"chapters/{chapter}/") and page != name]
    assert len(numbered) == len(pages)
    assert all(link.get("title", "").endswith("?") for link in numbered)


def test_a_hyphen_stays_where_it_is_no_minus():
    text = true_minus("-1 and (-.5), x-1, axis=-1, 2026-11-26, -1e-07")
    assert text == f"{MINUS}1 and ({MINUS}.5), x-1, axis=-1, 2026-11-26, {MINUS}1e-07"
    frames = '{"words":["-1"],"lines":["\\u003cb x=\\"-1\\">-1\\u003c/b>"]}'
    html = f'<i title="-1">-1</i><script type="application/json">{frames}</script>'
    assert in_html(f"{html}<textarea>[-1]</textarea>").count(MINUS) == 3


def test_faces_go_that_no_rule_names_and_letters_that_no_formula_has():
    face = '@font-face{font-family:"A";src:url(a)}@font-face{font-family:B;src:url(b)}'
    assert without_unused(face + "p{font:1em B}") == face[face.index("}") + 1 :] + "p{font:1em B}"
    formula = '<span class="mord mathnormal">x</span><span class="mord">2</span>y'
    assert formula_letters(formula) == ({"x"}, {"2"})
