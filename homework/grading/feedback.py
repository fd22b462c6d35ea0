"""The page that a student gets: the points, the answers, and what each check said."""

import re
from functools import cache
from pathlib import Path

import jinja2
import mistune
from assignments import notebook, release, source
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from setup_cells import address
from submissions import printable

MAX_SHOWN = 10_000  # characters of the code of one exercise
# Pygments needs time that grows with the square of their number.
BLANK_LINES = re.compile(r"\n(?: *\n){3,}")
_LEXER, _FORMATTER = PythonLexer(), HtmlFormatter(cssclass="code")

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
    cells = {
        answer: [each.strip() for each in sources if each.strip() not in _handed_out(assignment)]
        for answer, sources in marks.sources.items()
    }
    return _templates.get_template("feedback.html.j2").render(
        name=name,
        assignment=assignment.capitalize(),
        exercises=_exercises(assignment),
        reports={
            answer: (points, possible, printable("\n".join([*lines, *marks.notes[answer]])))
            for answer, (points, possible, lines) in marks.reports.items()
        },
        code={answer: _coloured("\n\n\n".join(cells[answer])) for answer in cells},
        remarks=remarks,
        light=_FORMATTER.get_style_defs(".code"),
        dark=HtmlFormatter(style="github-dark").get_style_defs(".code"),
    )


@cache
def _handed_out(assignment):
    """Return the code that no student wrote, and need not see again."""
    return {cell.source.strip() for cell in notebook(release(assignment)).cells} | {""}


@cache
def _exercises(assignment):
    """Return (answer, the text before it as HTML, its check) of each exercise."""
    found, text = [], []
    cells = notebook(source(assignment)).cells
    first = next(number for number, cell in enumerate(cells) if cell.cell_type == "code")
    for cell in cells[first:]:
        if cell.cell_type == "markdown":
            # Links to the book's pages lead to its repository: feedback is read far from the book.
            link = "]({url}/blob/{branch}/".format(**address())
            text.append(cell.source.replace("](../../../", link))
        elif cell.id.endswith("-check"):
            name = cell.id.removesuffix("-check")
            found.append((name, mistune.html("\n\n".join(text)), _coloured(cell.source)))
            text = []
    return found


def _coloured(code):
    """Return code as HTML in which all that it holds is text."""
    code = BLANK_LINES.sub("\n\n\n", printable(code.expandtabs(4)))
    if len(code) > MAX_SHOWN:
        code = f"{code[:MAX_SHOWN]}\n# and {len(code) - MAX_SHOWN} characters more"
    return highlight(code, _LEXER, _FORMATTER)
