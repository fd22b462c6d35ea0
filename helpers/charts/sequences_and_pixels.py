"""What one number makes of many steps, some of them padding."""

from helpers.figures import COLORS, bars

import matplotlib.pyplot as plt
import numpy as np


def padded_means(steps, lengths, means, top):
    """Draw the losses of padded sequences as rows of squares, and several means of them as bars.

    Args:
        steps: the losses, an array of shape (sequences, steps).
        lengths: how many steps of each sequence are real; the rest is padding.
        means: for each way to take the mean its name and its value.
        top: the right end of the axis of means.

    Returns:
        A Matplotlib Figure whose title gives the means.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 3.2), height_ratios=(2, 3))
    for row, (losses, length) in enumerate(zip(steps, lengths, strict=True)):
        for step, loss in enumerate(losses):
            real = step < length
            above.text(
                step, row, f"{loss:.1f}" if real else "pad", ha="center", va="center",
                color=COLORS["loss" if real else "context"], weight="bold" if real else "normal",
                fontsize=11,
            )  # fmt: skip
    above.set(xlim=(-0.6, np.shape(steps)[1] - 0.4), ylim=(len(steps) - 0.4, -0.6))
    above.set_axis_off()
    bars(below, means, "loss", ".3f")
    below.set(xlim=(0, top), xlabel="loss")
    said = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
    figure.suptitle(f"{int(sum(lengths))} of {np.size(steps)} steps are real: {said}")
    return figure
