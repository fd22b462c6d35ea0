"""Hits against false alarms, and where a threshold puts each setting among them."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np

MARKERS = ("o", "s", "^", "D")
HUES = ("prediction", "loss", "gradient", "truth")


def hits_against_alarms(curves, points, condition, right=400):
    """Draw hits over false alarms: a curve for each seed, a point for each seed and setting.

    Args:
        curves: for each seed an array of shape (thresholds, 2) of hits and false alarms.
        points: for each setting its name and an array of shape (seeds, 2), likewise.
        condition: what holds for all points, to begin the title with.
        right: the right end of the axis of false alarms; points beyond it stand on the edge.

    Returns:
        A Matplotlib Figure whose title gives each setting's hits and false alarms as ranges.
    """
    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    for curve in curves:
        axes.plot(curve[:, 1], curve[:, 0], color=COLORS["context"], linewidth=1, alpha=0.6)
    said = []
    for row, (name, found) in enumerate(points.items()):
        hits, alarms = np.transpose(found)
        axes.plot(
            np.minimum(alarms, right), hits, MARKERS[row], color=COLORS[HUES[row]],
            markersize=11 - 2 * row, alpha=0.8, clip_on=False, label=name,
        )  # fmt: skip
        said.append(f"{name} {_range(hits)} hits, {_range(alarms)} false alarms")
    axes.set(xlim=(0, right), ylim=(0, 10.5), xlabel="false alarms, of 990", ylabel="hits, of 10")
    axes.legend(loc="lower right", frameon=False, handletextpad=0.2)
    figure.suptitle(f"{condition}: {'; '.join(said)}")
    return figure


def _range(values):
    low, high = int(min(values)), int(max(values))
    return str(low) if low == high else f"{low} to {high}"
