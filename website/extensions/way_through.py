"""Sphinx extension: how long a page takes, what it promises, and the order to read pages in.

A page promises to answer the question under its title, and says in italics how many minutes it
takes. A chapter's index numbers its pages and shows their minutes; each link to a page shows the
page's question when the pointer rests on it.
"""

import posixpath
import re
from urllib.parse import unquote

from docutils import nodes

MINUTES = re.compile(r"(\d+) minutes\b")


def note_promise(app, doctree):
    """Keep a page's question and its minutes."""
    paragraphs = list(doctree.findall(nodes.paragraph))
    question = next((p.astext() for p in paragraphs if _is_only(p, nodes.strong)), "")
    found = (MINUTES.match(p.astext()) for p in paragraphs if _is_only(p, nodes.emphasis))
    minutes = next((int(match[1]) for match in found if match), 0)
    app.env.metadata[app.env.docname]["promise"] = (question, minutes)


def _is_only(paragraph, kind):
    return list(map(type, _parts(paragraph))) == [kind]


def _parts(paragraph):
    """Return what a paragraph says; the parser leaves empty texts around what is bold."""
    return [part for part in paragraph if part.astext()]


def promises(env):
    """Return the question and the minutes of each page by its name."""
    return {page: noted["promise"] for page, noted in env.metadata.items() if "promise" in noted}


def show_promises(app, doctree, page):
    """Give links the question of the page that they lead to, and an index its minutes."""
    promised = promises(app.env)
    for link in doctree.findall(nodes.reference):
        question, _ = promised.get(_target(link, page), ("", 0))
        if question and _target(link, page) != page:
            link["reftitle"] = question
    if page.endswith("/index"):
        for pages in list(doctree.findall(nodes.bullet_list)):
            _number(pages, page, promised)


def _target(link, page: str) -> str:
    """Return the name of the page that a link leads to; of another host's, nothing's name."""
    path = unquote(link.get("refuri", "").partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)).removesuffix(".html")


def _number(pages, page, promised):
    """Number a list in which each item begins with a link to a page that says its minutes."""
    openings = [part for item in pages for part in _parts(item[0])[:1]]
    links = [part for part in openings if isinstance(part, nodes.reference)]
    targets = [_target(link, page) for link in links]
    minutes = [promised.get(target, ("", 0))[1] for target in targets]
    if len(set(targets)) < len(pages) or not all(minutes):
        return
    for item, number in zip(pages, minutes, strict=True):
        item[0] += nodes.inline("", f" {number}\u00a0min", classes=["minutes"])
    hours = f"{sum(minutes) / 60:.0f}"
    words = f"{len(minutes)} pages, in this order. All of them take about {hours} hours."
    ordered = nodes.enumerated_list("", *pages.children, enumtype="arabic", suffix=".")
    pages.replace_self([nodes.paragraph("", words), ordered])


def setup(app):
    app.connect("doctree-read", note_promise)
    app.connect("doctree-resolved", show_promises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
