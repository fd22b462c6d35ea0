"""What the weights of a batch do to the number that is made of its losses."""

from helpers.figures import COLORS, write

import matplotlib.pyplot as plt
import numpy as np


def denominators(values, sample_weight, results, limit):
    """Draw the weights over their losses, and the numbers that are made of them below.

    The losses are places on one axis that both charts share. So a weighted mean is the point
    where the weights would balance.

    Args:
        values: the losses of the samples.
        sample_weight: the samples' weights.
        results: a dictionary from the name of a number to its value, from top to bottom.
        limit: the largest value that any stop reaches, for the axis.

    Returns:
        A Matplotlib Figure whose title gives the weights and all numbers.
    """
    figure, (above, below) = plt.subplots(
        2, 1, sharex=True, figsize=(5.2, 3.8), height_ratios=(3, 2 + len(results))
    )
    above.bar(values, sample_weight, width=0.35, color=COLORS["context"])
    for value, weight in zip(values, sample_weight, strict=True):
        write(above, f"{weight:g}", (value, weight), offset=(0, 3), ha="center", va="bottom")
    above.set(ylabel="weight", ylim=(0, 6.5), yticks=(0, 2, 4, 6))
    above.tick_params(axis="x", labelbottom=True)
    inside = (min(values), max(values))
    below.axvspan(*inside, color=COLORS["context"], alpha=0.18, linewidth=0)
    middle = (sum(inside) / 2, len(results) - 0.4)
    write(below, "losses lie here", middle, "context", (0, 0), ha="center")
    for row, (name, value) in enumerate(results.items()):
        out = not inside[0] <= value <= inside[1]
        below.plot(value, row, "D" if out else "o", color=COLORS["loss"], markersize=9)
        left = value > 0.55 * limit
        place, side = ((-9, 0), "right") if left else ((9, 0), "left")
        write(below, f"{name} {value:.2f}", (value, row), offset=place, ha=side)
    below.set(xlabel="loss", xlim=(0, limit), ylim=(len(results), -0.6), yticks=[])
    below.spines["left"].set_visible(False)
    weights = ", ".join(f"{weight:g}" for weight in np.asarray(sample_weight))
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in results.items())
    figure.suptitle(f"Weights {weights}: {numbers}")
    return figure
