"""Sphinx extension: what folds on a page, and what stands out, says what it is."""

from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput

CALLOUTS = ("predict", "note")


def name_folds(app, doctree):
    """Have a folded cell say what it hides: the set-up, the check, the solution, or code."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code":
            what = _hidden(cell)
            cell["prompt_show"], cell["prompt_hide"] = f"Show {what}", f"Hide {what}"
            for code in cell.findall(nodes.literal_block):
                _leave_out_the_title(code)


def _leave_out_the_title(code):
    """Leave out what names a folded cell in Colab; here the fold itself says it."""
    title, _, rest = code.astext().partition("\n")
    if title.startswith("# @title"):
        code.rawsource = rest
        code[:] = [nodes.Text(rest)]


def _hidden(cell):
    if "tag_solution" in cell["classes"]:
        return "the solution"
    if "tag_check" in cell["classes"]:
        return "the check"
    if "tag_setup" in cell["classes"] and cell.get("cell_index") == 1:
        return "the set-up"
    return "the code"


def mark_callouts(app, doctree):
    """Give a blockquote that begins with a bold word, such as **Note.**, a class of its own."""
    for quote in doctree.findall(nodes.block_quote):
        words = [strong.astext().strip(".").lower() for strong in quote.findall(nodes.strong)]
        if words and words[0] in CALLOUTS:
            quote["classes"].append(f"callout-{words[0]}")


def visit_fold(translator, node):
    """Open a fold. MyST-NB gives its summary a label that hides what it says."""
    classes = " ".join(node["classes"])
    translator.body.append(f'<details class="admonition hide {classes}">\n<summary>\n')
    for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide")):
        text = escape(node[prompt])
        translator.body.append(f'<p class="{state} admonition-title">{text}</p>\n')
    translator.body.append("</summary>\n")


def setup(app):
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_HideCellInput))
    app.connect("doctree-read", name_folds)
    app.connect("doctree-read", mark_callouts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
