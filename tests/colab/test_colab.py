"""The runner itself finds what a reader in Colab would stumble over."""

import colab
import nbformat
import pytest
import setup_cells

IMPORTS = "import sys, warnings\nimport ipywidgets as widgets\nfrom IPython.display import display"


def page(folder, *sources):
    """Return the path of a notebook with the setup cell and the given cells: cell-0, cell-1, …"""
    cells = [nbformat.v4.new_code_cell(setup_cells.setup_cell(), id="setup")]
    for number, source in enumerate([IMPORTS, *sources]):
        cells.append(nbformat.v4.new_code_cell(source, id=f"cell-{number}"))
    path = folder / "page.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


SLIDER = """
slider, shown = widgets.IntSlider(min=1, max=3), widgets.HTML("nothing yet")
def redraw(change):
    shown.value = f"{{6 / ({zero} - change.new):.0f}}"
slider.observe(redraw, names="value")
display(widgets.VBox([slider, shown]))
"""
BUTTON = """
button, said = widgets.Button(description="add"), widgets.HTML("")
button.on_click(lambda _: setattr(said, "value", said.value + {added}))
display(widgets.VBox([button, said]))
"""
ALERT = """
choice, shown = widgets.Dropdown(options=["a", "b"]), widgets.HTML("")
choice.observe(lambda change: setattr(shown, "value", "<p role='alert'>no</p>"), names="value")
display(widgets.VBox([choice, shown]))
"""


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("1 / 0", "cell 'cell-1' (number 3) raised ZeroDivisionError: division by zero"),
        ("print('a log', file=sys.stderr)", "cell 'cell-1' (number 3) wrote in red: a log"),
        ("warnings.warn('old')", "UserWarning: old"),
        (SLIDER.format(zero=3), "IntSlider '' raised ZeroDivisionError"),
        (BUTTON.format(added="1"), "a control's callback raised TypeError"),
        (BUTTON.format(added="''"), "Button 'add' changed nothing"),
        (ALERT, "Dropdown '' brought an alert"),
        (
            "display(widgets.Textarea())",
            "Textarea '' raised TypeError: no rule says how to move it",
        ),
    ],
)
def test_finds(source, fault, tmp_path, repository):
    done = colab.run(page(tmp_path, source), tmp_path, repository)
    assert any(fault in each for each in done.faults), done.faults


def test_moves_every_control_to_its_stops(tmp_path, repository):
    sources = [SLIDER.format(zero=0), BUTTON.format(added="'!'")]
    done = colab.run(page(tmp_path, *sources), tmp_path, repository)
    assert done.faults == []
    assert done.moved["moves"] == {"cell-1": 3 + 1, "cell-2": 2}


def test_says_that_nothing_could_be_cloned(tmp_path, repository):
    (done,) = [colab.run(page(tmp_path), tmp_path, repository / "missing")]
    assert "wrote in red: UsageError: No helpers:" in done.faults[-1]


def test_unsolved_cells_do_not_end_the_run(tmp_path, repository):
    path = page(tmp_path, "raise NotImplementedError()", "1 / 0")
    done = colab.run(path, tmp_path, repository, unsolved=True)
    assert done.faults == ["cell 'cell-2' (number 4) raised ZeroDivisionError: division by zero"]
