"""Where a loss is least, and how smoothed labels move that place."""

from helpers.figures import COLORS, mark_place, write

import matplotlib.pyplot as plt
import numpy as np


def moved_minimum(smooth, plain, label_smoothing, num_classes):
    """Draw a loss with smoothed labels over the probability of the truth, and mark its least.

    What the truth does not get is shared equally by the other classes.

    Args:
        smooth: a function of `(y_true, y_pred)`, both of shape (N, K), that returns N losses.
        plain: the same without smoothing, to compare with.
        label_smoothing: the share that `smooth` takes off the labels, for the title.
        num_classes: K, at least 2.

    Returns:
        A Matplotlib Figure whose title says where the loss is least and what it costs there.
    """
    truth = np.linspace(0.01, 1, 100)
    y_pred = np.repeat((1 - truth)[:, None] / (num_classes - 1), num_classes, axis=1)
    y_pred[:, 0] = truth
    y_pred = y_pred.astype("float32")
    y_true = np.eye(num_classes, dtype="float32")[np.zeros(len(truth), int)]
    curve, without = np.asarray(smooth(y_true, y_pred)), np.asarray(plain(y_true, y_pred))
    least = int(curve.argmin())
    figure, axes = plt.subplots(figsize=(5.2, 3.3))
    axes.plot(truth, without, "--", color=COLORS["context"], linewidth=1.5)
    axes.plot(truth, curve, color=COLORS["loss"])
    mark_place(axes, truth[least])
    axes.plot(truth[least], curve[least], "o", color=COLORS["loss"], markersize=9, clip_on=False)
    # To the right of 1 / num_classes the smoothed curve lies above the other.
    write(axes, "smoothed", (truth[29], curve[29]), "loss", (0, 16))
    write(axes, "not smoothed", (truth[39], without[39]), "context", (0, -20), ha="right")
    axes.set(xlabel="y_pred of the truth", ylabel="loss", xlim=(0, 1), ylim=(0, 5.2))
    figure.suptitle(
        f"With label_smoothing {label_smoothing:.2f} the cheapest prediction gives the truth "
        f"{truth[least]:.2f} and costs {curve[least]:.4f}"
    )
    return figure
