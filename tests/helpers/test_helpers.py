"""Tables, still pictures and the charts that pages share."""

import os
import re
import subprocess
import sys

from helpers import show, table, use_style
from helpers.charts import binary_crossentropy, timeline

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure


def rows(text):
    return [line.split() for line in str(text).splitlines()]


def test_a_table_lines_up():
    lines = str(table(y_true=[0, 1], loss=np.float32([0.35667, 0.2]), given=["logit", "p"]))
    assert lines.splitlines() == [
        "y_true    loss  given",
        "──────  ──────  ─────",
        "     0  0.3567  logit",
        "     1  0.2000  p",
    ]


def test_a_table_keeps_kinds_of_numbers_apart():
    shown = table(whole=[3, -1], real=[3.0, 0.0], small=[1.19e-07, 2.5], row=np.ones((2, 1)))
    assert rows(shown)[2] == ["3", "3.0", "1.19e-07", "1.0"]
    assert rows(shown)[3] == ["-1", "0.0", "2.5000", "1.0"]


@pytest.mark.parametrize(
    ("largest", "shown"),
    [
        (99.123456, ["99.1235", "0.5000"]),
        (252.71725, ["252.717", "0.500"]),
        (-1234.5678, ["-1234.57", "0.50"]),
        (1234567.5, ["1234567.5", "0.5"]),
        (1000.0, ["1000.0000", "0.5000"]),
        (np.nan, ["nan", "0.5000"]),
        (np.inf, ["inf", "0.5000"]),
    ],
)
def test_a_table_shows_no_digit_that_depends_on_the_processor(largest, shown):
    assert rows(table(loss=[largest, 0.5]))[2:] == [[number] for number in shown]


def test_fewer_decimals_hide_no_small_number():
    shown = table(loss=[1234.5678, 0.004], said=["word", 1234.5678])
    assert rows(shown)[2:] == [["1234.57", "word"], ["4.00e-03", "1234.57"]]


@pytest.mark.parametrize(
    ("mark", "marked"),
    [
        ("loss", ["0.5000", "2.0000"]),
        ({"loss": 1}, ["2.0000"]),
        ({"y": [0], "loss": [0, 1]}, ["7", "0.5000", "2.0000"]),
        (1, ["8", "2.0000"]),
        ([0, 1], ["7", "0.5000", "8", "2.0000"]),
        ((), []),
    ],
)
def test_a_table_marks_what_the_text_speaks_of(mark, marked):
    columns = {"given": ["a", "b"], "y": [7, 8], "loss": [0.5, 2]}
    shown, plain = table(**columns, mark=mark), table(**columns)
    assert re.findall(r"<td[^>]*><mark>(.*?)</mark></td>", shown._repr_html_()) == marked
    assert shown._repr_html_().count("<mark>") == len(marked)
    assert str(shown) == str(plain), "what nbval compares stays the same"


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("los", "mark names 'los'; expected one of y, loss"),
        ({"los": 0}, "mark names 'los'; expected one of y, loss"),
        ({"loss": 2}, "mark has row 2 of loss; expected rows from 0 to 1"),
        (3, "mark has row 3 of y; expected rows from 0 to 1"),
        ({"loss": [-1]}, "mark has row -1 of loss; expected rows from 0 to 1"),
    ],
)
def test_a_table_says_what_it_cannot_mark(mark, message):
    with pytest.raises(ValueError, match=message):
        table(y=[7, 8], loss=[0.5, 2], mark=mark)


def test_a_table_is_html_too():
    html = table(a=["<b>"], b=[1])._repr_html_()
    assert '<th scope="col" class="text">a</th>' in html
    assert '<td class="text">&lt;b&gt;</td><td class="number">1</td>' in html


@pytest.mark.parametrize("columns", [{}, {"a": [1], "b": [1, 2]}])
def test_a_table_wants_columns_of_one_length(columns):
    with pytest.raises(ValueError, match="expected columns of one length; their lengths came as"):
        table(**columns)


def test_a_still_picture_speaks_and_is_closed():
    figure, axes = plt.subplots()
    axes.set_title("left & right", loc="left")
    picture = show(figure)
    assert not plt.fignum_exists(figure.number)
    assert repr(picture) == "left & right"
    assert 'aria-label="Chart: left &amp; right"' in picture._repr_html_()


def test_a_picture_needs_a_figure_with_a_title():
    with pytest.raises(TypeError, match="figure is a int; expected a Matplotlib Figure"):
        show(3)
    with pytest.raises(ValueError, match="figure has no title"):
        show(Figure())


def test_style_is_applied_by_one_call_only():
    with plt.rc_context():
        plt.rcdefaults()
        before = plt.rcParams["axes.spines.top"]
        use_style()
        assert (before, plt.rcParams["axes.spines.top"]) == (True, False)


def test_silences_tensorflow():
    """The log is silent when helpers comes first, even where the environment says nothing."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", "import helpers, tensorflow"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def square(y_true, y_pred):
    return ((y_true - y_pred) ** 2)[:, 0]


def test_a_chart_draws_the_loss_that_it_is_handed():
    figure = binary_crossentropy.loss_curves(square, [0.0, 0.5, 1.0], at=0.25, axis_label="y_pred")
    assert figure.get_suptitle() == (
        f"At y_pred 0.25, label 1 costs {(1 - 0.25) ** 2:.4f} and label 0 costs {0.25**2:.4f}"
    )
    curve = figure.axes[0].lines[0]
    np.testing.assert_allclose(curve.get_ydata(), [1, 0.25, 0])
    plt.close(figure)


class Sum:
    """A metric that is not Keras's, so that the chart must ask it."""

    total = count = 0

    def update_state(self, value):
        self.total, self.count = self.total + value, self.count + 1

    def reset_state(self):
        self.total = self.count = 0

    def result(self):
        return self.total


CALLS = [("update_state", 3), ("reset_state",), ("update_state", 4)]


@pytest.mark.parametrize(
    ("step", "title"),
    [
        (0, "New: total is 0, count is 0, result() is 0"),
        (1, "After update_state(3): total is 3, count is 1, result() is 3"),
        (2, "After reset_state(): total is 0, count is 0, result() is 0"),
        (3, "After update_state(4): total is 4, count is 1, result() is 4"),
    ],
)
def test_a_timeline_shows_the_state_of_the_moment(step, title):
    figure = timeline.timeline(Sum(), CALLS, step)
    assert figure.get_suptitle() == title
    plt.close(figure)


def test_a_timeline_leaves_a_call_out():
    figure = timeline.timeline(Sum(), [("update_state", 3), None, ("update_state", 4)], 3)
    assert figure.get_suptitle() == (
        "After update_state(4), reset left out: total is 7, count is 2, result() is 7"
    )
    plt.close(figure)


def test_a_timeline_has_a_last_step():
    with pytest.raises(ValueError, match="step is 4; expected 0 to 3"):
        timeline.timeline(Sum(), CALLS, 4)
