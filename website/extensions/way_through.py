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
    promises = app.env.__dict__.setdefault("book_promises", {})
    paragraphs = list(doctree.findall(nodes.paragraph))
    question = next((p.astext() for p in paragraphs if _is_only(p, nodes.strong)), "")
    found = (MINUTES.match(p.astext()) for p in paragraphs if _is_only(p, nodes.emphasis))
    minutes = next((int(match[1]) for match in found if match), 0)
    promises[app.env.docname] = (question, minutes)


def _is_only(paragraph, kind):
    return list(map(type, _parts(paragraph))) == [kind]


def _parts(paragraph):
    """Return what a paragraph says; the parser leaves empty texts around what is bold."""
    return [part for part in paragraph if part.astext()]


def keep_promises(app, env, docnames, other):
    """Take over what another process has read."""
    env.__dict__.setdefault("book_promises", {}).update(getattr(other, "book_promises", {}))


def show_promises(app, doctree, page):
    """Give links the question of the page that they lead to, and an index its minutes."""
    promises = getattr(app.env, "book_promises", {})
    for link in doctree.findall(nodes.reference):
        question, _ = promises.get(_target(link, page), ("", 0))
        if question and _target(link, page) != page:
            link["reftitle"] = question
    if page.endswith("/index"):
        for pages in list(doctree.findall(nodes.bullet_list)):
            _number(pages, page, promises)


def _target(link, page: str) -> str:
    """Return the name of the page that a link leads to; of another host's, nothing's name."""
    path = unquote(link.get("refuri", "").partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path)).removesuffix(".html")


def _number(pages, page, promises):
    """Number a list in which each item begins with a link to a page that says its minutes."""
    openings = [part for item in pages for part in _parts(item[0])[:1]]
    links = [part for part in openings if isinstance(part, nodes.reference)]
    targets = [_target(link, page) for link in links]
    minutes = [promises.get(target, ("", 0))[1] for target in targets]
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
    app.connect("env-merge-info", keep_promises)
    app.connect("doctree-resolved", show_promises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
