"""How a reader finds the book, and the way on: titles, descriptions, addresses, buttons, 404."""

import struct
from collections import Counter
from urllib.parse import urlsplit
from xml.etree import ElementTree

import page_metadata
import pytest
import social_card
from browser import site_path
from built import PAGES, every_page, parsed
from locations import MOVED, ROOT, SITE
from setup_cells import address

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
UNLISTED = {"404.html", "search.html"}
CARD_SIZE = (1200, 630)


def meta(page, name):
    tag = parsed(SITE / page).find("meta", attrs={"name": name}) or parsed(SITE / page).find(
        "meta", attrs={"property": name}
    )
    return tag["content"]


def canonical(page):
    return parsed(SITE / page).find("link", rel="canonical")["href"]


@every_page
def test_page_says_what_it_is(page):
    assert len(parsed(SITE / page).find_all("title")) == 1
    assert len(parsed(SITE / page).find_all("h1")) == 1
    assert 50 <= len(meta(page, "description")) <= page_metadata.LONGEST_DESCRIPTION
    assert meta(page, "og:description") == meta(page, "description")
    assert meta(page, "og:url") == canonical(page)


def test_no_two_pages_say_the_same():
    titles = Counter(parsed(SITE / page).title.string for page in PAGES)
    descriptions = Counter(meta(page, "description") for page in PAGES)
    assert [text for text, times in (titles + descriptions).items() if times > 1] == []


def test_sitemap_lists_every_page(site):
    found = {place.text for place in ElementTree.parse(site / "sitemap.xml").iter(SITEMAP)}
    assert found == {canonical(page) for page in PAGES if page not in UNLISTED}


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("https://github.com/Ada/book", "https://ada.github.io/book/"),
        ("https://github.com/ada/book.git", "https://ada.github.io/book/"),
        ("https://github.com/ada/Ada.github.io/", "https://ada.github.io/"),
        ("https://gitlab.com/ada/book", "https://ada.gitlab.io/book/"),
        ("https://example.org/ada/book", ""),
        ("https://github.com/ada", ""),
        ("", ""),
    ],
)
def test_the_sites_address_follows_from_the_repositorys(repository, expected):
    assert page_metadata.pages_address(repository) == expected


def test_card_is_there_and_of_the_size_that_is_asked_for(site):
    assert meta("index.html", "og:image") == canonical("index.html") + social_card.CARD
    png = (site / social_card.CARD).read_bytes()
    assert struct.unpack(">II", png[16:24]) == CARD_SIZE


@every_page
def test_buttons_lead_to_the_page_in_the_repository(page):
    """A notebook opens in two hosts and downloads as itself; a page of text does neither."""
    url, branch = address().values()
    name = url.removeprefix("https://github.com/")
    sources = [page.replace(".html", suffix) for suffix in (".ipynb", ".md")]
    expected = {url} | {f"{url}/edit/{branch}/{file}" for file in sources if (ROOT / file).exists()}
    notebook = [file for file in sources[:1] if (ROOT / file).exists()]
    for file in notebook:
        expected.add(f"https://colab.research.google.com/github/{name}/blob/{branch}/{file}")
        expected.add(f"https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{file}")
    links = [a["href"] for a in parsed(SITE / page).select(".article-header-buttons a[href]")]
    assert {link for link in links if urlsplit(link).netloc} == expected
    downloads = [link for link in links if link.endswith(".ipynb") and not urlsplit(link).netloc]
    assert len(downloads) == len(notebook)
    assert all(((SITE / page).parent / link).resolve().is_file() for link in downloads)


@every_page
def test_neighbours_are_named(page):
    for link in parsed(SITE / page).select(".prev-next-area a"):
        target = ((SITE / page).parent / link["href"]).resolve()
        title = link.select_one(".prev-next-title").get_text(strip=True)
        assert title == parsed(target).h1.find(string=True).strip()


@pytest.mark.parametrize("lost", ["no-such-page.html", "chapters/losses/deep/er/no-such-page"])
def test_lost_readers_find_their_way(lost, site, server, browser):
    """The page of a host that serves it for any address works from that address."""
    with browser.new_context() as context:
        tab, missing = context.new_page(), []
        tab.on("response", lambda answer: answer.ok or missing.append(answer.url))
        tab.goto(server + lost)
        assert missing == [server + lost]
        links = tab.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    inside = {link.removeprefix(server) for link in links if link.startswith(server)}
    own = {link for link in inside if link.startswith(lost + "#")}
    assert {"index.html", "search.html"} <= inside
    assert all((site / name).is_file() for name in inside - own)
    assert own, "the link to the page's own content stays on the page"


def test_lost_readers_stay_on_the_site(site):
    assert site_path(site) == urlsplit(canonical("index.html")).path


@pytest.mark.parametrize(
    "old", sorted(path.relative_to(MOVED).as_posix() for path in MOVED.rglob("*.html"))
)
def test_a_page_that_has_moved_leads_on(old, site, server, browser):
    with browser.new_context() as context:
        tab = context.new_page()
        tab.goto(f"{server}{old}#place")
        tab.wait_for_url(lambda url: url.endswith("#place") and not url.endswith(f"{old}#place"))
        assert (site / tab.url.removeprefix(server).partition("#")[0]).is_file()
        assert tab.locator("h1").count() == 1
