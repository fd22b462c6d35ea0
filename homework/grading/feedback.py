"""The page that a student gets: the points, the answers, and what each check said."""

import re
from functools import cache
from pathlib import Path

import jinja2
import mistune
from assignments import answers, notebook, release, source
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from setup_cells import address

MAX_SHOWN = 20_000  # characters of one cell

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(name: str, assignment: str, marks, remarks: list[str]) -> str:
    """Return the feedback as one HTML file that runs nothing and asks no other host for anything.

    Args:
        name: the student's, as it is shown.
        assignment: the assignment's name.
        marks: a marking.Marks.
        remarks: what is said of the submission as a whole, one line each.
    """
    handed_out = _handed_out(assignment)
    exercises = [
        {
            "name": answer,
            "text": text,
            "points": marks.reports[answer][0],
            "possible": marks.reports[answer][1],
            "cells": [
                _coloured(cell) for cell in marks.cells[answer] if cell.strip() not in handed_out
            ],
            "report": "\n".join(marks.reports[answer][2]),
            "check": _coloured(check),
        }
        for answer, text, check in _exercises(assignment)
    ]
    return _templates.get_template("feedback.html.j2").render(
        name=name,
        assignment=assignment,
        exercises=exercises,
        remarks=remarks,
        points=sum(each["points"] for each in exercises),
        possible=sum(each["possible"] for each in exercises),
        styles=HtmlFormatter().get_style_defs(".code"),
    )


@cache
def _handed_out(assignment):
    """Return the code that is no answer: the set-up, which a student need not see again."""
    cells = notebook(release(assignment)).cells
    names = answers(assignment)
    return {cell.source.strip() for cell in cells if cell.get("id") not in names} | {""}


@cache
def _exercises(assignment):
    """Return (answer, the text before it as HTML, its check) of each exercise."""
    found, text = [], []
    cells = notebook(source(assignment)).cells
    first = next(number for number, cell in enumerate(cells) if cell.cell_type == "code")
    for cell in cells[first:]:
        if cell.cell_type == "markdown":
            text.append(_with_whole_links(cell.source))
        elif cell.id.endswith("-check"):
            name = cell.id.removesuffix("-check")
            found.append((name, mistune.html("\n\n".join(text)), cell.source))
            text = []
    return found


def _with_whole_links(text):
    """Have links to the book's pages lead to its repository: feedback is read far from the book."""
    return text.replace("](../../../", "]({url}/blob/{branch}/".format(**address()))


def _coloured(code):
    """Return code as HTML in which all that it holds is text."""
    if len(code) > MAX_SHOWN:
        code = f"{code[:MAX_SHOWN]}\n# and {len(code) - MAX_SHOWN} characters more"
    code = re.sub(r"[^\S\n]|[^\s]", lambda found: _visible(found[0]), code)
    return highlight(code, PythonLexer(), HtmlFormatter(cssclass="code"))


def _visible(letter):
    return letter if letter.isprintable() else " " if letter.isspace() else "�"
