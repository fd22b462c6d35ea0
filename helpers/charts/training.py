"""How a model learns: its data, and its loss after each epoch."""

import itertools

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np


def digits_sheet(images, digits):
    """Draw handwritten digits side by side, one dot a pixel, as large as there is ink.

    Args:
        images: one row of 64 numbers from 0 (paper) to 1 (ink) for each digit.
        digits: what was written, one number an image.

    Returns:
        A Matplotlib Figure whose title names the digits.
    """
    figure, many = plt.subplots(1, len(images), figsize=(5.2, 0.9))
    for axes, image, digit in zip(many, images, digits, strict=True):
        row, column = np.nonzero(image.reshape(8, 8))
        axes.scatter(column, row, s=13 * image[image > 0] ** 2, color=COLORS["truth"], marker="s")
        axes.set(xlim=(-1, 8), ylim=(8, -1), aspect="equal")
        axes.set_axis_off()
        axes.text(3.5, 10.5, digit, ha="center", va="center", clip_on=False)
    names = " ".join(map(str, digits))
    figure.suptitle(f"{len(images)} digits, 64 pixels each: {names}")
    return figure


def small_multiples(curves):
    """Draw the loss curves of several set-ups, each in a chart of its own on the same axes.

    Args:
        curves: for each set-up its name and its losses, one an epoch.

    Returns:
        A Matplotlib Figure of two charts a row whose title gives the largest difference between
        two curves, and the losses that all of them start and end with.
    """
    rows = -(-len(curves) // 2)
    figure, many = plt.subplots(
        rows, 2, sharex=True, sharey=True, figsize=(5.2, 1.7 * rows), squeeze=False
    )
    losses = np.array(list(curves.values()))
    epochs = np.arange(1, losses.shape[1] + 1)
    for axes, (name, loss) in zip(many.flat, curves.items(), strict=True):
        axes.plot(epochs, loss, "o-", color=COLORS["loss"], markersize=4, clip_on=False)
        axes.set_title(name, fontsize=11)
        axes.annotate(
            f"{loss[-1]:.2f}",
            (epochs[-1], loss[-1]),
            xytext=(0, 8),
            textcoords="offset points",
            ha="right",
            color=COLORS["loss"],
            weight="bold",
        )
    many[0, 0].set(xlim=(1, epochs[-1]), ylim=(0, 2.4), xticks=epochs[1::2])
    for axes in many[:, 0]:
        axes.set_ylabel("loss")
    for axes in many[-1]:
        axes.set_xlabel("epoch")
    equal = "fall along one curve" if np.ptp(losses, axis=0).max() < 0.005 else "differ"
    figure.suptitle(
        f"{len(curves)} set-ups {equal}, from {losses[0, 0]:.2f} to {losses[0, -1]:.2f}"
    )
    return figure


def training_curves(curves, shares, condition, floor, top=5):
    """Draw the losses of several set-ups over the epochs in one chart, named at the line's end.

    Args:
        curves: for each set-up its name and its losses, one an epoch; at most four.
        shares: for each set-up the share of new samples that it reads, from 0 to 1.
        condition: what holds for all of them, to begin the title with.
        floor: a name and a loss below which one of the set-ups cannot fall.
        top: the upper end of the loss axis; losses beyond it leave the chart.

    Returns:
        A Matplotlib Figure whose title gives the shares.
    """
    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    styles = list(zip(("-", "--", ":", "-."), ("o", "^", "x", "s"), strict=True))[: len(curves)]
    last = [min(losses[-1], top) for losses in curves.values()]
    named = zip(curves.items(), _apart(last, 0.42), styles, strict=True)
    for (name, losses), y, (line, marker) in named:
        epochs = np.arange(1, len(losses) + 1)
        axes.plot(epochs, losses, line, marker=marker, color=COLORS["loss"], markersize=6)
        axes.text(
            epochs[-1] + 0.4, y, name, va="center", color=COLORS["loss"], weight="bold", fontsize=11
        )
    name, level = floor
    axes.plot([1, epochs[-1]], [level, level], "-", color=COLORS["context"], linewidth=1, zorder=0)
    axes.text(
        epochs[-1], level - 0.08, name, ha="right", va="top", color=COLORS["context"], fontsize=11
    )
    axes.set(xlim=(0.7, epochs[-1] * 1.48), ylim=(0, top), xlabel="epoch", ylabel="loss")
    axes.set_xticks(epochs[1::2])
    axes.spines["bottom"].set_bounds(0.7, epochs[-1])
    read = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
    figure.suptitle(f"{condition}, new digits read: {read}")
    return figure


def _apart(values, least):
    """Return the values, moved up where they lie closer together than `least`."""
    placed = np.array(values, dtype=float)
    order = np.argsort(placed, kind="stable")
    for below, above in itertools.pairwise(order):
        placed[above] = max(placed[above], placed[below] + least)
    return placed
