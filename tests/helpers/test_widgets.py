"""The book uses only what ipywidgets 7.7.1, which Colab has, and ipywidgets 8 share."""

import re

import locations
import nbformat
import pytest

ALLOWED = {
    *("Button", "Checkbox", "Dropdown", "ToggleButton", "ToggleButtons"),
    *("FloatSlider", "FloatText", "IntSlider", "SelectionSlider", "Text"),
    *("Box", "HBox", "VBox", "Layout", "HTML", "Label", "Output"),
    *("interactive_output", "Widget"),
}
NEWER = {"tooltip", "titles"}  # arguments of ipywidgets 8, which 7.7.1 ignores or refuses
OTHER_WIDGETS = {"anywidget", "ipympl", "bqplot", "ipyleaflet"}


def sources():
    """Return (name, code) of every module of the helpers and every notebook."""
    for path in sorted((locations.ROOT / "helpers").rglob("*.py")):
        yield str(path.relative_to(locations.ROOT)), path.read_text("utf-8")
    for path in [*locations.notebooks(), *locations.homework_notebooks()]:
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        yield str(path.relative_to(locations.ROOT)), code


def used(code: str) -> set[str]:
    """Return the names that code takes from ipywidgets, by import or as an attribute."""
    taken = re.findall(r"from ipywidgets import (.+)", code)
    # The helpers call the module `widgets`, also where they hand it on.
    modules = {"widgets", "ipywidgets", *re.findall(r"import ipywidgets as (\w+)", code)}
    names = re.findall(rf"\b(?:{'|'.join(modules)})\.(\w+)", code)
    return {*names, *re.findall(r"\w+", " ".join(taken))}


def faults(code: str) -> list[str]:
    """Return what in the code does not run on both lines of ipywidgets."""
    others = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE)) & OTHER_WIDGETS
    keywords = set(re.findall(r"\b(\w+)=", code))
    return sorted((used(code) - ALLOWED) | others | (keywords & NEWER))


def test_uses_only_what_both_lines_have():
    found = {name: faults(code) for name, code in sources()}
    assert {name: names for name, names in found.items() if names} == {}


def test_some_code_uses_widgets():
    """Without it the test above would pass with nothing to look at."""
    assert set().union(*(used(code) for _, code in sources())) & ALLOWED


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import ipywidgets as w\nw.Stack()", ["Stack"]),
        ("import ipywidgets\nipywidgets.TagsInput()", ["TagsInput"]),
        ("from ipywidgets import Tab, HBox", ["Tab"]),
        ("def f(widgets):\n    widgets.ColorsInput()", ["ColorsInput"]),
        ("widgets.IntSlider(tooltip='size')", ["tooltip"]),
        ("import anywidget", ["anywidget"]),
        ("from ipympl.backend_nbagg import Canvas", ["ipympl"]),
        ("import ipywidgets as w\nw.Dropdown(options=[])", []),
    ],
)
def test_finds_what_only_one_line_has(code, found):
    assert faults(code) == found
