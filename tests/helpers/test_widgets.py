"""The book uses only what ipywidgets 7.7.1, which Colab has, and ipywidgets 8 share."""

import ast

import locations
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ALLOWED = {
    *("Button", "Checkbox", "Dropdown", "ToggleButton", "ToggleButtons"),
    *("FloatSlider", "FloatText", "IntSlider", "SelectionSlider", "Text"),
    *("Box", "HBox", "VBox", "Layout", "HTML", "Label", "Output"),
    *("interactive_output", "Widget"),
}
NEWER = {"tooltip", "titles"}  # arguments of ipywidgets 8, which 7.7.1 ignores or refuses
OTHER_WIDGETS = {"anywidget", "ipympl", "bqplot", "ipyleaflet"}


def sources():
    """Return (name, code) of every module of the helpers and every cell of every notebook."""
    for path in sorted((locations.ROOT / "helpers").rglob("*.py")):
        yield str(path.relative_to(locations.ROOT)), path.read_text("utf-8")
    homework = locations.ROOT.glob("homework/*/*/[!.]*.ipynb")
    for path in [*locations.notebooks(), *sorted(homework)]:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                code = TransformerManager().transform_cell(cell.source)
                yield f"{path.relative_to(locations.ROOT)}:{cell.id}", code


def used(code: str) -> set[str]:
    """Return the names that code takes from ipywidgets, by import or as an attribute."""
    tree = ast.parse(code)
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ipywidgets")
        for alias in node.names
    }
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "ipywidgets"
    } | {"widgets"}  # what the helpers call the module when they hand it on
    return names | {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    }


def faults(code: str) -> list[str]:
    """Return what in the code does not run on both lines of ipywidgets."""
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    }
    keywords = {
        keyword.arg
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("widgets.")
        for keyword in node.keywords
    }
    return sorted((used(code) - ALLOWED) | (imported & OTHER_WIDGETS) | (keywords & NEWER))


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
