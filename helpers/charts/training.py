"""How a model learns: its data, and its loss after each epoch."""

from helpers.figures import COLORS, write

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
    figure, many = _grid(curves, height=1.7)
    losses = np.array(list(curves.values()))
    epochs = np.arange(1, losses.shape[1] + 1)
    for axes, loss in zip(many, curves.values(), strict=True):
        axes.plot(epochs, loss, "o-", color=COLORS["loss"], markersize=4, clip_on=False)
        above = {"offset": (0, 8), "ha": "right", "va": "baseline"}
        write(axes, f"{loss[-1]:.2f}", (epochs[-1], loss[-1]), "loss", **above)
    many[0].set(xlim=(1, epochs[-1]), ylim=(0, 2.4), xticks=epochs[1::2])
    equal = "fall along one curve" if np.ptp(losses, axis=0).max() < 0.005 else "differ"
    figure.suptitle(
        f"{len(curves)} set-ups {equal}, from {losses[0, 0]:.2f} to {losses[0, -1]:.2f}"
    )
    return figure


def seed_curves(losses, shares, seed, condition, top=15):
    """Draw the loss of each set-up over the epochs: all seeds as a band, one seed as a line.

    Args:
        losses: for each set-up its name and an array of shape (seeds, epochs).
        shares: for each set-up the share of new samples that each seed's network reads.
        seed: the row that is drawn as a line, and whose share the title speaks of.
        condition: what holds for all set-ups, to begin the title with.
        top: the upper end of the loss axis.

    Returns:
        A Matplotlib Figure of two charts a row. Its title says which set-ups read more than half.
    """
    figure, many = _grid(losses, height=1.9)
    for axes, (name, curves) in zip(many, losses.items(), strict=True):
        epochs = np.arange(1, curves.shape[1] + 1)
        low, high = np.minimum(curves, top).min(axis=0), np.minimum(curves, top).max(axis=0)
        axes.fill_between(epochs, low, high, color=COLORS["context"], alpha=0.3, linewidth=0)
        axes.plot(epochs, np.minimum(curves[seed], top), "o-", color=COLORS["loss"], markersize=4)
        axes.text(
            epochs[-1], 0.3 * top, f"{shares[name][seed]:.0%} read", ha="right", va="center",
            fontsize=11,
        )  # fmt: skip
        axes.set(xlim=(1, epochs[-1]), ylim=(0, top))
    more = [name for name in losses if shares[name][seed] > 0.5]
    less = [name for name in losses if name not in more]
    figure.suptitle(
        f"{condition}, seed {seed}: more than half of the new digits read by "
        f"{' and '.join(more) or 'none'}, not by {' and '.join(less) or 'any'}"
    )
    return figure


def _grid(names, height):
    """Return a figure with an empty chart for each name, two a row on the same axes."""
    rows = -(-len(names) // 2)
    figure, many = plt.subplots(
        rows, 2, sharex=True, sharey=True, figsize=(5.2, height * rows), squeeze=False
    )
    for axes, name in zip(many.flat, names, strict=True):
        axes.set_title(name, fontsize=11)
    for axes in many[:, 0]:
        axes.set_ylabel("loss")
    for axes in many[-1]:
        axes.set_xlabel("epoch")
    return figure, many.ravel()


def bands(epochs, curves, title, top):
    """Draw several quantities over the epochs, each as the band that its seeds fill.

    Args:
        epochs: the epochs at which the quantities were taken.
        curves: for each quantity its name and an array of shape (seeds, epochs); at most two.
        title: what the chart shows.
        top: the upper end of the vertical axis.

    Returns:
        A Matplotlib Figure with the title.
    """
    figure, axes = plt.subplots(figsize=(5.2, 2.6))
    for (name, values), hue, line in zip(
        curves.items(), ("loss", "prediction"), ("-", "--"), strict=False
    ):
        low, middle, high = np.quantile(values, (0, 0.5, 1), axis=0)
        axes.fill_between(epochs, low, high, color=COLORS[hue], alpha=0.3, linewidth=0)
        axes.plot(epochs, middle, line, color=COLORS[hue])
        axes.text(
            epochs[-1] * 1.02, middle[-1], name, va="bottom", color=COLORS[hue], weight="bold"
        )
    axes.set(xlim=(epochs[0], epochs[-1] * 1.35), ylim=(0, top), xlabel="epoch", ylabel="loss")
    axes.set_xticks(epochs[1::2])
    axes.spines["bottom"].set_bounds(epochs[0], epochs[-1])
    figure.suptitle(title)
    return figure
