"""The built site in a browser: no other host is asked, pictures can be read, links lead somewhere.

Every page found in the built site is visited twice, over http below a sub-path, as a project's site
is served, and as a file, as it is read from a USB stick.
"""

import itertools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from built import PAGES, Visit, every_page, parsed
from locations import SITE
from slider import sliders

CONTRAST = 4.5  # WCAG 2.2, level AA, for text
LOG = ("oneDNN", "cuda", "TF-TRT", "absl::InitializeLog", "WARNING", "Traceback", "<tf.Tensor")

FIGURES = """() => [...document.querySelectorAll('.book-figure')].map(figure => {
    let ground = figure;
    const words = figure.querySelector('.words') ?? figure.closest('form').querySelector('output');
    const clear = element => /, 0\\)$/.test(getComputedStyle(element).backgroundColor);
    while (clear(ground) && ground.parentElement) ground = ground.parentElement;
    return {
        page: getComputedStyle(ground).backgroundColor,
        words: getComputedStyle(words).color,
        letters: [...figure.querySelectorAll('.picture text')].map(e => getComputedStyle(e).fill),
    };
})"""

# Icons without a drawing would show as full squares.
UNDRAWN = """() => [...document.querySelectorAll('[class*="fa-"]')]
    .filter(icon => !getComputedStyle(icon).getPropertyValue('--icon'))
    .map(icon => icon.className)"""


def by(*ways):
    """Parametrise a test by the pages and the ways to open them; only a host shows its 404 page."""
    cases = set(itertools.product(PAGES or [None], ways)) - {("404.html", "file")}
    ids = [f"{page or 'no page'} by {way}" for page, way in sorted(cases)]
    return pytest.mark.parametrize("visit", sorted(cases), ids=ids, indirect=True, scope="module")


@pytest.fixture(scope="module")
def window(browser):
    """Return the browser's window for all visits."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(20_000)
        yield context


@pytest.fixture(scope="module")
def visit(request, window, site, server):
    """Open a page by http or as a file."""
    page, way = request.param
    home = server if way == "http" else site.as_uri() + "/"
    with window.new_page() as tab:
        yield Visit(tab, home, page)


@by("http", "file")
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


@by("http", "file")
def test_icons_are_drawn(visit):
    assert visit.tab.evaluate(UNDRAWN) == []


@by("file")
def test_a_slider_comes_back_as_it_was_served(visit):
    """Its scripts are those of the page, so one move shows whether they run in a file."""
    for slider in sliders(visit):
        slider.press_to(slider.rest)
        served = slider.noted()[slider.rest]
        slider.press_to([size - 1 for size in slider.sizes])
        slider.press_to(slider.rest)
        found = slider.noted()
        assert len(found) > 1 and found[slider.rest] == served


@by("http", "file")
def test_page_keeps_to_itself_and_reports_no_error(visit):
    """After the other tests of a visit, whose time the page had too for what comes late."""
    visit.settle()
    assert visit.elsewhere() == []


def outputs(page: Path):
    return parsed(page).select(".cell_output")


@every_page
def test_outputs_hold_no_log_and_no_error(page, site):
    for output in outputs(site / page):
        text = output.get_text()
        assert not [word for word in LOG if word in text], text[:1000]
    assert not parsed(site / page).select(".cell_output .stderr")


def test_some_page_has_outputs(site):
    """Without them the test above would pass with nothing to look at."""
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
