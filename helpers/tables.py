"""Tables that read well as HTML on a page and as text in a stored notebook."""

from html import escape

import numpy as np

STYLE = (
    ".book-table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1em 0}"
    ".book-table th,.book-table td{padding:.35em .9em;border-bottom:1px solid #8886}"
    ".book-table thead th{border-bottom:2px solid currentColor;vertical-align:bottom}"
    ".book-table .number{text-align:right}.book-table .text{text-align:left}"
    ".book-table th,.book-table td:first-child{white-space:nowrap}"
    ".book-table mark{margin:0 -.3em;padding:.1em .3em;border-radius:.2em;background:#0072b22e;"
    "color:inherit;font-weight:600}"
    ".book-table-frame{overflow-x:auto}"
)


class Table:
    """Columns with their names. Made by `table`."""

    def __init__(self, columns, marked=frozenset()):
        self._names = list(columns)
        self._kinds = ["text" if _is_text(values) else "number" for values in columns.values()]
        self._rows = list(zip(*(_cells(values) for values in columns.values()), strict=True))
        self._marked = marked  # (row, name of the column)

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(self._names, *self._rows, strict=True)]

        def line(cells):
            padded = (
                cell.ljust(width) if kind == "text" else cell.rjust(width)
                for cell, width, kind in zip(cells, widths, self._kinds, strict=True)
            )
            return "  ".join(padded).rstrip()

        rule = "  ".join("─" * width for width in widths)
        return "\n".join([line(self._names), rule, *map(line, self._rows)])

    def _repr_html_(self):
        head = self._row("th", self._names, ' scope="col"')
        body = "".join(self._row("td", row, at=at) for at, row in enumerate(self._rows))
        return (
            f'<style>{STYLE}</style><div class="book-table-frame" tabindex="0" role="group" '
            f'aria-label="Table: {escape(", ".join(self._names))}"><table class="book-table">'
            f"<thead>{head}</thead><tbody>{body}</tbody></table></div>"
        )

    def _row(self, tag, cells, attributes="", at=None):
        inner = ""
        for name, cell, kind in zip(self._names, cells, self._kinds, strict=True):
            shown = escape(cell)
            if (at, name) in self._marked:
                shown = f"<mark>{shown}</mark>"
            inner += f'<{tag}{attributes} class="{kind}">{shown}</{tag}>'
        return f"<tr>{inner}</tr>"


def table(mark=(), **columns):
    """Return a table of columns, shown as HTML on a page and as aligned text elsewhere.

    Args:
        mark: what the text speaks of, marked in the HTML: a column by its name, the numbers of
            one row or of several by 0, 1, …, or cells by both, as in `{"loss": [0, 2]}`. (So no
            column can be called `mark`.)
        **columns: a name and its values, from top to bottom: numbers, arrays of one number
            each, or strings. Fractions show 4 decimals, and fewer in a column that has one over
            100: six digits in all.

    Raises:
        ValueError: no column came, or the columns' lengths differ; `mark` names no column, or a
            row that there is not.

    Example:
        table(y_true=[0, 1], y_pred=[0.3, 0.8], loss=[0.3567, 0.2231], mark={"loss": 0})
    """
    columns = {name: list(values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"table: expected columns of one length; their lengths came as {lengths}")
    return Table(columns, _marked(mark, columns))


def _marked(mark, columns):
    """Return the marked cells as (row, name of the column)."""
    length = len(next(iter(columns.values())))
    if isinstance(mark, str):
        mark = {mark: range(length)}
    elif not isinstance(mark, dict):
        numbers = [name for name, values in columns.items() if not _is_text(values)]
        mark = dict.fromkeys(numbers, mark)
    for name, rows in mark.items():
        if name not in columns:
            raise ValueError(f"table: mark names {name!r}; expected one of {', '.join(columns)}")
        for row in np.atleast_1d(rows):
            if row not in range(length):
                raise ValueError(
                    f"table: mark has row {row} of {name}; expected rows from 0 to {length - 1}"
                )
    return {(row, name) for name, rows in mark.items() for row in np.atleast_1d(rows)}


def _is_text(values):
    return any(isinstance(value, str) for value in values)


def _cells(values):
    """Return the values as text, the numbers of a column alike: 3, 3.0, or 3.1416 and 1.19e-07."""
    numbers = [value if isinstance(value, str) else np.asarray(value).item() for value in values]
    if _is_text(values):
        return [one if isinstance(one, str) else _number(one, _decimals([one])) for one in numbers]
    if all(isinstance(number, int) for number in numbers):
        return list(map(str, numbers))
    if all(float(number).is_integer() for number in numbers):
        return [f"{number:.1f}" for number in numbers]
    decimals = _decimals(numbers)
    return [_number(number, decimals) for number in numbers]


def _number(value, decimals):
    """Return a number in decimals, or in scientific notation where those would hide it."""
    return f"{value:.2e}" if 0 < abs(value) < 10**-decimals else f"{value:.{decimals}f}"


def _decimals(numbers):
    """Return 4, or as many as leave six digits: processors differ in a float32's seventh."""
    largest = max((abs(number) for number in numbers if number % 1 > 0), default=0)
    return min(4, max(1, 6 - len(str(int(largest)))))
