"""Sphinx extension: each heading, and each paragraph with a bold opening, can be linked to.

A page names its failures in bold, as in '**The clip.** A certain and wrong prediction costs…'. That
paragraph gets the anchor `#the-clip`, and a Markdown link `page.ipynb#the-clip` leads to it.
"""

from docutils import nodes


def add_anchors(app, doctree):
    """Give the openings their anchors, and tell MyST of these and of the headings'."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for paragraph in doctree.findall(_opens_in_bold):
        anchor = nodes.make_id(paragraph[0].astext())
        if anchor and anchor not in doctree.ids:
            paragraph["ids"].append(anchor)
            doctree.ids[anchor] = paragraph
            slugs[anchor] = (0, anchor, paragraph[0].astext())
    for section in doctree.findall(nodes.section):
        for anchor in section["ids"]:
            slugs[anchor] = (0, anchor, section[0].astext())


def _opens_in_bold(node):
    """Return whether a paragraph of a section begins with bold words and goes on after them."""
    return (
        isinstance(node, nodes.paragraph)
        and isinstance(node.parent, nodes.section)
        and len(node) > 1
        and isinstance(node[0], nodes.strong)
    )


def setup(app):
    app.connect("doctree-read", add_anchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
