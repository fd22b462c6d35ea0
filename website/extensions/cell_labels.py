"""Sphinx extension: what folds on a page, and what stands out, says what it is."""

import itertools
import re
from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput

# A cell that defines what is drawn and shows it, or that only shows it.
DRAWS = re.compile(r"^def draw\(.*^(slide|playground)\(|\A(show|slide|playground)\(", re.M | re.S)
CALLOUTS = ("predict", "note")


def fold_plumbing(app, doctree):
    """Fold what no reader came for, below what they came for.

    The set-up and the imports that follow it are one fold. The code of a cell that only draws, and
    the cases of the homework's checks, fold too. In Colab and JupyterLab nothing changes.
    """
    cells = [cell for cell in doctree.findall(nodes.container) if _is_code(cell)]
    for cell in cells:
        source = cell[0].astext()
        if not cell.get("hide_mode") and (DRAWS.search(source) or _is_check(cell)):
            cell["hide_mode"] = "input"
            cell["classes"].append("tag_hide-input")
    for first, second in itertools.pairwise(cells[:3]):
        if _is_set_up(first) and "tag_setup" in second["classes"] and len(second) == 1:
            second.parent.remove(second)
            first.append(second)  # a cell inside the fold: code that runs in the page asks for it


def _is_code(cell):
    return cell.get("nb_element") == "cell_code" and len(cell) > 0


def _is_check(cell):
    return "tag_check" in cell["classes"] or cell[0].astext().startswith("class Cases:")


def _is_set_up(cell):
    return "tag_setup" in cell["classes"] and cell.get("cell_index") == 1


def show_before_code(app, doctree, page):
    """Put what a cell shows above its folded code."""
    for cell in doctree.findall(nodes.container):
        folded = _is_code(cell) and isinstance(cell[0], HideCodeCellNode)
        if folded and "tag_check" not in cell["classes"]:
            cell.append(cell.pop(0))


def name_folds(app, doctree):
    """Have a folded cell say what it hides: the set-up, a solution, an answer, a check, or code."""
    for cell in doctree.findall(nodes.container):
        if _is_code(cell):
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
    if "tag_answer" in cell["classes"]:
        return "the answer"
    if _is_set_up(cell):
        return "the set-up"
    return "the check" if _is_check(cell) else "the code"


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
    app.connect("doctree-read", fold_plumbing)
    app.connect("doctree-read", name_folds)
    app.connect("doctree-resolved", show_before_code)
    app.connect("doctree-read", mark_callouts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
