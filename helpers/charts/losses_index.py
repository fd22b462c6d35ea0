"""The way of a batch from the losses of its outputs to one number."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np

# Where the columns stand, in points; the figure is as wide as a phone.
OUTPUTS, SAMPLES, WEIGHT, WEIGHTED, NUMBER = (28, 66), 148, 212, 270, 344
ROW, TOP = 28, 62


def path_to_one_number(outputs, samples, weight, weighted, number):
    """Draw the losses of a batch step by step: outputs, samples, weighted samples, one number.

    Args:
        outputs: the loss of each output, of shape (N, 2).
        samples: the loss of each sample, of shape (N,).
        weight: the weight of each sample, of shape (N,).
        weighted: the product of both, of shape (N,).
        number: what the batch costs.

    Returns:
        A Matplotlib Figure whose title names the steps.
    """
    outputs, samples, weight, weighted = map(np.asarray, (outputs, samples, weight, weighted))
    middle = TOP + ROW * (len(samples) - 1) / 2
    foot = TOP + ROW * len(samples)
    figure = plt.figure(figsize=(5.2, (foot + 66) / 72), layout="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 5.2 * 72), ylim=(foot + 66, 0))
    axes.set_axis_off()
    head = {"ha": "center", "va": "center", "fontsize": 11}
    for x, words, shape in (
        (np.mean(OUTPUTS), "each\noutput", outputs.shape),
        (SAMPLES, "each\nsample", samples.shape),
        (WEIGHT, "its\nweight", weight.shape),
        (WEIGHTED, "weighted\nsample", weighted.shape),
        (NUMBER, "the\nbatch", ()),
    ):
        axes.text(x, 18, words, **head)
        axes.text(x, foot, str(shape), **head, color=COLORS["context"])
    loss = {"ha": "center", "va": "center", "color": COLORS["loss"]}
    for row in range(len(samples)):
        y = TOP + ROW * row
        for x, value in zip(OUTPUTS, outputs[row], strict=True):
            axes.text(x, y, f"{value:.2f}", **loss)
        _arrow(axes, (OUTPUTS[1] + 18, y), (SAMPLES - 20, y))
        axes.text(SAMPLES, y, f"{samples[row]:.2f}", **loss)
        axes.text(WEIGHT, y, f"× {weight[row]:g}", ha="center", va="center")  # noqa: RUF001
        axes.text((WEIGHT + WEIGHTED) / 2 - 2, y, "=", ha="center", va="center")
        axes.text(WEIGHTED, y, f"{weighted[row]:.2f}", **loss)
        _arrow(axes, (WEIGHTED + 18, y), (NUMBER - 20, middle))
    axes.text(NUMBER, middle, f"{number:.2f}", **loss, weight="bold")
    for x, mark in (((OUTPUTS[1] + SAMPLES) / 2, 1), (WEIGHT, 2), ((WEIGHTED + NUMBER) / 2, 3)):
        axes.text(x, TOP - 18, mark, ha="center", va="center", weight="bold")
    steps = (
        "1 mean over the last axis",
        "2 times the weight",
        "3 sum, divided by the number of losses",
    )
    for line, step in enumerate(steps):
        axes.text(6, foot + 22 + 17 * line, step, va="center", fontsize=11)
    figure.suptitle(
        f"{outputs.size} losses of outputs become {samples.size} of samples, "
        f"and those one number: {number:.2f}"
    )
    return figure


def _arrow(axes, start, end):
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "->", "color": COLORS["context"], "linewidth": 1}
    )
