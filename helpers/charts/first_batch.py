"""Where untrained networks begin."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np


def first_losses(losses, expected, condition, top):
    """Draw the first loss of several untrained networks against the one to be expected.

    Args:
        losses: for each set-up its name and an array of one loss for each network.
        expected: the loss of a model that gives each class the same probability.
        condition: what holds for all networks, to begin the title with.
        top: the upper end of the loss axis, which is logarithmic.

    Returns:
        A Matplotlib Figure whose title gives the range of each set-up.
    """
    figure, axes = plt.subplots(figsize=(5.2, 2.4))
    said = []
    for row, (name, values) in enumerate(losses.items()):
        axes.plot(values, np.full(len(values), row), "o", color=COLORS["loss"], alpha=0.7)
        said.append(f"{name} {min(values):.1f} to {max(values):.1f}")
    axes.axvline(expected, color=COLORS["truth"], linestyle="--", linewidth=1)
    axes.text(expected, len(losses) - 0.35, " log C", ha="left")
    axes.set(xscale="log", xlim=(1, top), ylim=(-0.6, len(losses)), xlabel="first loss")
    axes.set_yticks(range(len(losses)), list(losses))
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    figure.suptitle(f"{condition}: {', '.join(said)}; log C is {expected:.1f}")
    return figure
