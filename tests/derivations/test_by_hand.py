"""The derivation on a page is the code that is compared with Keras, and the comparison bites."""

import io
import tokenize
from collections.abc import Iterator

import chapters

import locations
import pages
import properties
import pytest

DERIVING = [path for path in locations.notebooks() if pages.cells(path, "by-hand")]


def constants(source: str) -> list[tokenize.TokenInfo]:
    """Return the numbers in a cell's code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token for token in tokens if token.type == tokenize.NUMBER]


def changed(source: str, token: tokenize.TokenInfo) -> str:
    """Return the source with one number replaced by a larger one."""
    lines = source.splitlines(keepends=True)
    row, start, end = token.start[0] - 1, token.start[1], token.end[1]
    other = repr(type(value := eval(token.string))(value * 3 + (value == 0)))
    lines[row] = lines[row][:start] + other + lines[row][end:]
    return "".join(lines)


def mutants() -> Iterator:
    """Return (page, cell, changed cell) for every number in every `by-hand` cell."""
    for path in DERIVING:
        for cell in pages.cells(path, "by-hand"):
            for token in constants(cell.source):
                row, column = token.start
                where = f"{pages.name(path)}:{cell.id}:{row}:{column}={token.string}"
                yield pytest.param(path, cell.source, changed(cell.source, token), id=where)


def test_pages_derive_something():
    assert DERIVING, "no page has a cell tagged by-hand"


@pytest.mark.parametrize("path", DERIVING, ids=pages.name)
def test_agrees_with_keras(path):
    derived = pages.derived(path)
    assert derived, f"the by-hand cells of {pages.name(path)} define nothing"
    for name, by_hand in derived.items():
        properties.check(name, by_hand)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.usefixtures("no_shrinking")
@pytest.mark.parametrize(("path", "cell", "mutant"), list(mutants()))
def test_notices_a_changed_number(path, cell, mutant):
    """A page with any one number changed no longer agrees with Keras.

    What the changed cell defines is compared first: there the change shows soonest.
    """
    changed_first = {name: 0 for name in chapters.definitions([cell])}
    with pytest.raises(Exception) as caught:  # a wrong axis raises, a wrong number differs
        derived = pages.derived(path, lambda source: mutant if source == cell else source)
        for name in sorted(derived, key=lambda name: changed_first.get(name, 1)):
            properties.check(name, derived[name])
    assert not isinstance(caught.value, properties.NoCounterpartError)


def test_refuses_a_cell_without_a_counterpart():
    with pytest.raises(properties.NoCounterpartError, match="no loss or metric of this name"):
        properties.check("no_such_loss", print)
    with pytest.raises(properties.NoCounterpartError, match="has no check"):
        properties.check("Hinge", print)
