"""Sphinx extension: the index of the site's search, made from the finished pages at every build.

Whatever has an anchor is found by itself: a section, an entry of a list, a paragraph with a bold
opening. The texts go into a script and not into JSON, which a page opened as a file may not fetch.
MiniSearch indexes them in the reader's browser; see `website/static/search.js`.
"""

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

MINISEARCH = Path("website/node_modules/minisearch/dist/umd/index.js")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
OPENERS = ("section", "dt", "p")  # a part of the page begins at each of these with an id
UNSEEN = ("script", "style", "svg", "annotation")
UNSEEN_CLASSES = {"headerlink", "katex-html", "live-bar"}  # a formula is read from its MathML
BLOCKS = ("dd", "div", "dt", "li", "p", "pre", "summary", "td", "th", *HEADINGS)
VOID = ("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr")


class PartsParser(HTMLParser):
    """Splits a page into its parts.

    Attributes:
        parts: a dictionary with the anchor, the title and the text of each part, in order.
    """

    def __init__(self):
        super().__init__()
        self.parts = []
        self._open = []  # of each open element: its tag, and whether it is seen
        self._title_ends = None  # how many elements are open around the title that is being read

    def handle_starttag(self, tag, attrs):
        """Begin a part, a title, or something that is not to be found."""
        if tag in VOID:
            return
        attrs = dict(attrs)
        seen = tag not in UNSEEN and not UNSEEN_CLASSES & set((attrs.get("class") or "").split())
        inside = any(each == "article" for each, _ in self._open)
        if inside and tag in OPENERS and attrs.get("id"):
            self._begin(tag, attrs["id"])
        if self.parts and (tag in (*HEADINGS, "dt") or (tag == "strong" and self._opens_in_bold())):
            self._title_ends = len(self._open)
        self._open.append((tag, seen))

    def handle_endtag(self, tag):
        """End a title; keep the words of two blocks apart."""
        if tag not in VOID and self._open:
            if tag in BLOCKS:
                self.handle_data(" ")
            self._open.pop()
            if len(self._open) == self._title_ends:
                self._title_ends = None

    def handle_data(self, data):
        """Add words to the part that they stand in."""
        article = any(tag == "article" for tag, _ in self._open)
        if self.parts and article and all(seen for _, seen in self._open):
            self.parts[-1]["text" if self._title_ends is None else "title"] += data

    def _begin(self, tag, anchor):
        """Begin a part; terms that share one definition are one part."""
        if tag == "dt" and self.parts and self.parts[-1]["term"] and not self._words("text"):
            self.parts[-1]["title"] += " · "
        else:
            part = {"anchor": anchor, "term": tag == "dt", "bold": tag == "p"}
            self.parts.append(part | {"title": "", "text": ""})

    def _opens_in_bold(self):
        return self.parts[-1]["bold"] and not self._words("title") and not self._words("text")

    def _words(self, kind):
        return self.parts[-1][kind].strip()


def page_parts(html: str, url: str) -> list[list[str]]:
    """Return the address, the page's title, the title and the text of each part of a page."""
    parser = PartsParser()
    parser.feed(html)
    rows, page = [], ""
    for part in parser.parts:
        title, text = (" ".join(part[kind].split()) for kind in ("title", "text"))
        address = f"{url}#{part['anchor']}" if page else url
        page = page or title
        rows.append([address, page, title.removesuffix("."), text])
    return rows


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
