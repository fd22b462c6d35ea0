"""Which samples carry a loss, when most of them are right already."""

from helpers.charts.binary_crossentropy import each_loss
from helpers.figures import COLORS, bars, write

import matplotlib.pyplot as plt
import numpy as np

MARKERS = ("o", "s")


def faded_curve(loss, plain, groups, gamma):
    """Draw a focal loss under the plain loss, and the share of the total of two groups below.

    Args:
        loss: the focal loss, a function of `(y_true, y_pred)`, both of shape (N, 1), that
            returns N losses.
        plain: the loss without the focal factor, of the same kind.
        groups: two groups, each a name, the probability that the truth gets in it, and the
            number of its samples.
        gamma: the power in `loss`, for the title.

    Returns:
        A Matplotlib Figure whose title gives the factor of both groups and the second one's
        share of the total.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 4.1), height_ratios=(4, 1))
    p_t = np.arange(0.05, 1.001, 0.01)
    for each, line, hue in ((plain, "--", "context"), (loss, "-", "loss")):
        above.plot(p_t, each_loss(each, 1, p_t), line, color=COLORS[hue])
    names, given, numbers = zip(*groups, strict=True)
    here, before = each_loss(loss, 1, given), each_loss(plain, 1, given)
    labels = [f"{number} {name}" for name, number in zip(names, numbers, strict=True)]
    for label, x, y, top, marker in zip(labels, given, here, before, MARKERS, strict=True):
        above.plot([x, x], [y, top], ":", color=COLORS["context"], linewidth=1, zorder=0)
        above.plot(x, y, marker, color=COLORS["loss"], markersize=9, clip_on=False)
        beside = {"offset": (0, 10), "ha": "center"} if x > 0.8 else {"offset": (8, 6)}
        write(above, label, (x, top), va="baseline", **beside)
    above.text(0.13, 2.2, "plain", color=COLORS["context"], weight="bold")
    at = (0.15, each_loss(loss, 1, [0.15])[0])
    write(above, "focal", at, "loss", (-4, -2), ha="right", va="top")
    above.set(xlabel="p_t, the probability of the truth", ylabel="loss", xlim=(0, 1), ylim=(0, 3))
    share = _share_bar(below, labels, here * numbers)
    figure.suptitle(
        f"At gamma {gamma:g}, {names[0]} keeps {here[0] / before[0]:.3g} of its loss and "
        f"{names[1]} {here[1] / before[1]:.3g}; {names[1]} brings {share:.1%} of the total"
    )
    return figure


def balance(loss, y_true, y_pred, groups, setting):
    """Draw which share of the total two groups of samples bring, as one bar with its middle.

    Args:
        loss: a function of `(y_true, y_pred)` that returns one loss for each row.
        y_true: the labels, one row a group.
        y_pred: the predictions, one row a group.
        groups: two groups, each a name and the number of its samples.
        setting: the loss's setting in words, for the title.

    Returns:
        A Matplotlib Figure whose title gives the second group's share.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 2.9), height_ratios=(2, 1))
    names, numbers = zip(*groups, strict=True)
    labels = [f"{number} {name}" for name, number in groups]
    totals = np.asarray(loss(y_true, y_pred)) * numbers
    bars(above, dict(zip(labels, totals, strict=True)), ("context", "loss"), ".3f", height=0.6)
    above.set(xlim=(0, 11), xlabel="total loss")
    share = _share_bar(below, labels, totals)
    figure.suptitle(f"At {setting}, {names[1]} brings {share:.1%} of the total")
    return figure


def _share_bar(axes, labels, totals):
    """Draw two totals as one bar of 100 %, and return the share of the second."""
    share = totals[1] / totals.sum()
    axes.barh(0, 1 - share, color=COLORS["context"], height=0.7)
    axes.barh(0, share, left=1 - share, color=COLORS["loss"], height=0.7, hatch="//", edgecolor="w")
    axes.axvline(0.5, color=COLORS["truth"], linestyle="--", linewidth=1)
    axes.text(0, 0.45, labels[0], ha="left", va="bottom", color=COLORS["context"], weight="bold")
    axes.text(1, 0.45, labels[1], ha="right", va="bottom", color=COLORS["loss"], weight="bold")
    axes.set(xlim=(0, 1), ylim=(-0.35, 0.9), yticks=[], xticks=(0, 0.5, 1), xlabel="share")
    axes.set_xticklabels(["0 %", "50 %", "100 %"])
    axes.spines["left"].set_visible(False)
    return share
