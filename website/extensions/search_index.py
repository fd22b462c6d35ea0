"""Sphinx extension: the index of the site's search, made from the finished pages at every build.

Whatever has an anchor is found by itself: a section, an entry of a list, a paragraph with a bold
opening. The texts go into a script and not into JSON, which a page opened as a file may not fetch.
MiniSearch indexes them in the reader's browser; see `website/static/search.js`.
"""

import json
import re
import shutil
from pathlib import Path

from bs4 import BeautifulSoup

MINISEARCH = Path("website/node_modules/minisearch/dist/umd/index.js")
ARTICLE = re.compile(r"<article\b.*</article>", re.DOTALL)
UNSEEN = re.compile(r"<(script|style|svg|annotation)\b.*?</\1>", re.DOTALL)
UNSEEN_CLASSES = ["headerlink", "katex-html", "live-bar"]  # a formula is read from its MathML
OPENERS = ["section", "dt", "p"]  # a part of the page begins at each of these with an id
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
BLOCKS = ["dd", "div", "dt", "li", "p", "pre", "summary", "td", "th", *HEADINGS]


def page_parts(html: str, url: str) -> list[list[str]]:
    """Return the address, the page's title, the title and the text of each part of a page.

    Terms that share one definition are one part.
    """
    article = BeautifulSoup(UNSEEN.sub("", ARTICLE.search(html)[0]), "html.parser")
    for unseen in article.find_all(class_=UNSEEN_CLASSES):
        unseen.decompose()
    for block in article.find_all(BLOCKS):
        block.append(" ")  # keeps the words of two blocks apart
    page, rows = _words(article.h1), []
    # From the last to the first: a part loses the parts inside it, and those that follow it.
    for opener in reversed(article.find_all(OPENERS, id=True)):
        below = [] if opener.name == "section" else opener.find_next_siblings()
        is_term = opener.name == "dt"
        title = _words(opener) if is_term else _take_title(opener)
        text = " ".join(_words(node.extract()) for node in [opener] * (not is_term) + below)
        opener.extract()
        if is_term and not below:
            _, _, others, text = rows.pop()
            title += f" · {others}"
        rows.append([f"{url}#{opener['id']}", page, title.removesuffix("."), text])
    rows[-1][0] = url
    return rows[::-1]


def _take_title(opener) -> str:
    """Take the heading of a section, or the bold words that a paragraph begins with."""
    first = next((each for each in opener.children if str(each).strip()), None)
    title = opener.find(HEADINGS) if opener.name == "section" else first
    is_title = title is not None and title.name in (*HEADINGS, "strong")
    return _words(title.extract()) if is_title else ""


def _words(node) -> str:
    return " ".join(node.get_text().split())


def use_own_search(app):
    """Have Sphinx make no index: it forgets the index entries of pages that it does not read."""
    app.builder.search = False


def search_page(app):
    """Yield the page with the search field."""
    yield "search", {}, "search.html"


def write_index(app, exception):
    """Write the texts of all pages, and MiniSearch beside them.

    Raises:
        FileNotFoundError: npm has not installed MiniSearch.
    """
    if exception or app.builder.format != "html":
        return
    source, target = Path(app.srcdir) / MINISEARCH, Path(app.outdir) / "_static"
    if not source.is_file():
        raise FileNotFoundError(f"{MINISEARCH} is missing; run `make install` first")
    shutil.copy(source, target / "minisearch.js")
    rows = []
    for page in sorted(app.env.found_docs):
        url = app.builder.get_target_uri(page)
        rows += page_parts((Path(app.outdir) / url).read_text("utf-8"), url)
    texts = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    (target / "search-texts.js").write_text(f"const SEARCH_TEXTS = {texts};\n", "utf-8")


def setup(app):
    app.connect("builder-inited", use_own_search)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
