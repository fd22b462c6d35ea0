"""Sphinx extension: each heading, and each paragraph with a bold opening, can be linked to.

A page names its failures in bold, as in '**The clip.** A certain and wrong prediction costs…'. That
paragraph gets the anchor `#the-clip`, and a Markdown link `page.ipynb#the-clip` leads to it.
"""

from docutils import nodes


def add_anchors(app, doctree):
    """Give the openings their anchors, and tell MyST of these and of the headings'."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for paragraph in doctree.findall(nodes.paragraph):
        opening = _bold_opening(paragraph)
        anchor = nodes.make_id(opening)
        if anchor and anchor not in doctree.ids:
            paragraph["ids"].append(anchor)
            doctree.ids[anchor] = paragraph
            slugs[anchor] = (0, anchor, opening)
    for section in doctree.findall(nodes.section):
        for anchor in section["ids"]:
            slugs[anchor] = (0, anchor, section[0].astext())


def _bold_opening(paragraph):
    """Return the bold words that open a paragraph of a section which goes on after them, or ''."""
    parts = [part for part in paragraph if part.astext()]
    opens = len(parts) > 1 and isinstance(parts[0], nodes.strong)
    return parts[0].astext() if opens and isinstance(paragraph.parent, nodes.section) else ""


def setup(app):
    app.connect("doctree-read", add_anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
