"""Sphinx extension: how the site is found. Titles, descriptions, addresses, sitemap, 404 page."""

import re
import textwrap
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from docutils import nodes
from social_card import CARD

# Where each host of repositories serves a repository's site.
PAGES_HOSTS = {"github.com": "github.io", "gitlab.com": "gitlab.io"}

LONGEST_DESCRIPTION = 160  # letters; search engines cut what is longer

# The pages without a source of their own: their titles and descriptions.
GENERATED = {
    "search": ("Search", "Search the text of every page of the book, with or without a server."),
    "404": ("No such page", "This address leads nowhere in the book. Here is where to go instead."),
}


def pages_address(repository: str) -> str:
    """Return the address at which the repository's host serves its site, '' when it has no rule.

    Example:
        pages_address("https://github.com/ada/book") is "https://ada.github.io/book/".
    """
    parts = urlsplit(repository.rstrip("/").removesuffix(".git"))
    owner, _, name = parts.path.strip("/").partition("/")
    if parts.netloc not in PAGES_HOSTS or not name:
        return ""
    host = f"{owner.lower()}.{PAGES_HOSTS[parts.netloc]}"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def derive_address(app, config):
    """Set the site's address from the repository's, unless `html.baseurl` says otherwise."""
    repository = config.html_theme_options.get("repository_url", "")
    found = config.html_baseurl or pages_address(repository)
    config.html_baseurl = found and found.rstrip("/") + "/"
    # Until _config.yml has a real address, links into the repository lead nowhere.
    config.linkcheck_ignore.append(re.escape(repository) + ".*")


def describe(app, pagename, templatename, context, doctree):
    """Give a page its title, its description, its address and its card."""
    book = context["docstitle"]
    title, description = GENERATED.get(pagename, (context.get("title", ""), ""))
    root = pagename == app.config.root_doc
    context["title"] = title
    context["page_title"] = book if root else f"{_plain(title)} — {book}"
    context["description"] = opening(doctree) if doctree else description
    if app.config.html_baseurl:
        context["pageurl"] = address(app, pagename)
        context["card_url"] = app.config.html_baseurl + CARD


def _plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def opening(doctree) -> str:
    """Return a page's first sentences, its question first: as many as a description holds."""
    paragraphs = (node.astext() for node in doctree.findall(nodes.paragraph))
    sentences = re.split(r"(?<=[.?!])\s+", " ".join(" ".join(paragraphs).split()))
    text = sentences[0]
    for sentence in sentences[1:]:
        if len(text) + 1 + len(sentence) > LONGEST_DESCRIPTION:
            break
        text += " " + sentence
    return textwrap.shorten(text, LONGEST_DESCRIPTION, placeholder=" …")


def address(app, pagename: str) -> str:
    """Return the full address of a page; that of the front page is the site's own."""
    name = "" if pagename == app.config.root_doc else app.builder.get_target_uri(pagename)
    return app.config.html_baseurl + name


def page_for_lost_readers(app):
    """Yield the page that a host shows for every address that it does not have."""
    path = urlsplit(app.config.html_baseurl).path or "/"
    yield "404", {"site_path": path}, "404.html"


def write_sitemap(app, exception):
    """List the address of every page for search engines."""
    if exception or app.builder.format != "html" or not app.config.html_baseurl:
        return
    pages = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for name in sorted(app.env.found_docs):
        place = ElementTree.SubElement(ElementTree.SubElement(pages, "url"), "loc")
        place.text = address(app, name)
    ElementTree.indent(pages)
    ElementTree.ElementTree(pages).write(
        Path(app.outdir) / "sitemap.xml", encoding="utf-8", xml_declaration=True
    )


def setup(app):
    app.connect("config-inited", derive_address)
    app.connect("html-page-context", describe, priority=900)
    app.connect("html-collect-pages", page_for_lost_readers)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
