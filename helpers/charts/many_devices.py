"""What several devices hold, and the numbers that are made of it."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt


def merged(states, whole, reduced, truth):
    """Draw a metric's state on each device, the state merged of them, and three answers.

    Args:
        states: for each device its `total`, `count` and `result()`.
        whole: `total`, `count` and `result()` as they are read outside of all devices.
        reduced: a dictionary from the name of a reduction to what it makes of the devices'
            results, from top to bottom.
        truth: the result for all samples.

    Returns:
        A Matplotlib Figure whose title gives the devices' counts and all answers.
    """
    figure, axes = plt.subplot_mosaic(
        [["name", "total", "count", "result()"], ["answers"] * 4],
        figsize=(5.2, 4.1),
        height_ratios=(len(states) + 1, len(reduced) + 2.2),
        width_ratios=(1.35, 1.5, 1.5, 1.5),
    )
    names = [f"device {device}" for device in range(len(states))] + ["merged"]
    _names(axes["name"], names)
    rows = [*states, whole]
    for column, (name, end) in enumerate(
        [("total", whole[1]), ("count", whole[1]), ("result()", 1)]
    ):
        _column(axes[name], name, [row[column] for row in rows], end)
    answers = reduced | {"metric.result()": whole[2]}
    _answers(axes["answers"], answers, truth, 2.1 * truth)
    counts = " and ".join(f"{count:g}" for _, count, _ in states)
    numbers = ", ".join(f"{name} {value:.4f}" for name, value in reduced.items())
    figure.suptitle(f"Shards of {counts}: {numbers}, the metric {whole[2]:.4f}")
    return figure


def _names(axes, names):
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.8))
    for row, name in enumerate(names):
        last = row == len(names) - 1
        axes.text(0, row, name, va="center", weight="bold" if last else "normal")


def _column(axes, name, values, end):
    """Draw one number of each state; the last row, the merged one, stands below a line."""
    color = COLORS["prediction" if name == "result()" else "context"]
    axes.set_axis_off()
    axes.barh(range(len(values)), values, color=color, height=0.6)
    axes.axvline(0, color=COLORS["truth"], linewidth=0.8)
    axes.axhline(len(values) - 1.5, color=COLORS["truth"], linewidth=0.8)
    axes.set(xlim=(0, 1.7 * end), ylim=(len(values) - 0.5, -0.8))
    axes.set_title(name, color=color)
    for row, value in enumerate(values):
        _write(axes, f"{value:.3g}", (value, row), weight="bold")


def _answers(axes, answers, truth, end):
    """Draw the answers as bars beside a dashed line at the truth."""
    hues = [COLORS["context"]] * (len(answers) - 1) + [COLORS["prediction"]]
    axes.barh(list(answers), answers.values(), color=hues, height=0.55)
    axes.axvline(truth, color=COLORS["truth"], linestyle="--", linewidth=1.2)
    axes.set(xlim=(0, 1.25 * end), ylim=(len(answers) - 0.5, -1.2))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    _write(axes, f"truth {truth:.4g}", (truth, -0.8), weight="bold")
    for row, value in enumerate(answers.values()):
        _write(axes, f"{value:.4f}", (max(value, truth), row), weight="bold")


def _write(axes, text, point, **style):
    """Write a text to the right of a point."""
    axes.annotate(text, point, xytext=(5, 0), textcoords="offset points", va="center", **style)
