"""What several devices hold, and the numbers that are made of it."""

from helpers.charts.timeline import draw_states
from helpers.figures import COLORS, write

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
    *columns, below = axes.values()
    draw_states(columns, names, [*states, whole], (whole[1], whole[1], 1))
    for column in columns[1:]:  # the state merged of the others stands below a line
        column.axhline(len(states) - 0.5, color=COLORS["truth"], linewidth=0.8)
    columns[0].texts[-1].set_weight("bold")
    answers = reduced | {"metric.result()": whole[2]}
    _answers(below, answers, truth, 2.1 * truth)
    counts = " and ".join(f"{count:g}" for _, count, _ in states)
    numbers = ", ".join(f"{name} {value:.4f}" for name, value in reduced.items())
    figure.suptitle(f"Shards of {counts}: {numbers}, the metric {whole[2]:.4f}")
    return figure


def _answers(axes, answers, truth, end):
    """Draw the answers as bars beside a dashed line at the truth."""
    hues = [COLORS["context"]] * (len(answers) - 1) + [COLORS["prediction"]]
    axes.barh(list(answers), answers.values(), color=hues, height=0.55)
    axes.axvline(truth, color=COLORS["truth"], linestyle="--", linewidth=1.2)
    axes.set(xlim=(0, 1.25 * end), ylim=(len(answers) - 0.5, -1.2))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    write(axes, f"truth {truth:.4g}", (truth, -0.8))
    for row, value in enumerate(answers.values()):
        write(axes, f"{value:.4f}", (max(value, truth), row))
