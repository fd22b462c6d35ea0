"""One row of probabilities, class by class, and what the number of classes brings along."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np


def class_bars(probabilities, losses, class_index, where=""):
    """Draw a prediction's probabilities, and under each class what it costs if it comes true.

    Args:
        probabilities: one number for each class.
        losses: what the prediction costs for each class as the label.
        class_index: the class that came true.
        where: words for the start of the title, such as "At temperature 2, ".

    Returns:
        A Matplotlib Figure whose title gives the true class's probability and loss.
    """
    figure, axes = plt.subplots()
    classes = range(len(probabilities))
    bars = axes.bar(classes, probabilities, width=0.6, color="none", linewidth=2)
    for index, bar in enumerate(bars):
        came_true = index == class_index
        bar.set_edgecolor(COLORS["prediction" if came_true else "context"])
        if came_true:
            bar.set_facecolor(COLORS["prediction"])
        axes.annotate(
            f"{probabilities[index]:.2f}",
            (index, probabilities[index]),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            weight="bold" if came_true else "normal",
        )
        axes.text(
            index,
            -0.2,
            f"costs {losses[index]:.2f}",
            ha="center",
            va="top",
            color=COLORS["loss" if came_true else "context"],
            weight="bold" if came_true else "normal",
        )
    names = [f"class {each}" + (" (true)" if each == class_index else "") for each in classes]
    axes.set_xticks(classes, names)
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel="probability", ylim=(0, 1.15), yticks=(0, 0.5, 1))
    figure.suptitle(
        f"{where}{'class' if where else 'Class'} {class_index} is true, "
        f"got {probabilities[class_index]:.4f} and costs {losses[class_index]:.4f}"
    )
    return figure


def class_counts(loss, num_classes, at):
    """Draw what a model that cannot decide costs, and the bytes of a label, over class counts.

    Args:
        loss: a function of `(y_true, y_pred)` that returns one loss a sample, for labels that
            are class indices.
        num_classes: the numbers of classes along the horizontal axis, in order.
        at: the number of classes to mark.

    Returns:
        A Matplotlib Figure of two charts, one above the other, whose title gives the values.
    """
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(5.2, 4.2))
    undecided = [_undecided(loss, number) for number in num_classes]
    here = _undecided(loss, at)
    above.plot(num_classes, undecided, color=COLORS["loss"])
    above.plot(at, here, "o", color=COLORS["loss"], markersize=9, clip_on=False)
    above.set(xscale="log", ylabel="loss", ylim=(0, None))
    index, one_hot = np.int32(0).nbytes, [_one_hot(number) for number in num_classes]
    below.plot(num_classes, one_hot, "--", color=COLORS["context"])
    below.plot(num_classes, [index] * len(num_classes), color=COLORS["truth"])
    below.plot(at, _one_hot(at), "s", color=COLORS["context"], markersize=9, clip_on=False)
    below.plot(at, index, "o", color=COLORS["truth"], markersize=9, clip_on=False)
    below.set(yscale="log", xlabel="num_classes", ylabel="bytes of a label", ylim=(2, None))
    for text, height, hue in (("one-hot", one_hot[-1], "context"), ("integer", index, "truth")):
        below.annotate(
            text,
            (num_classes[-1], height),
            xytext=(-8, 8 if text == "integer" else -34),
            textcoords="offset points",
            ha="right",
            color=COLORS[hue],
            weight="bold",
        )
    for axes in (above, below):
        axes.axvline(at, color=COLORS["context"], linestyle=":", linewidth=1, zorder=0)
        axes.minorticks_off()
    ticks = [number for number in num_classes if number in (2, 10, 100, 1_000, 10_000)]
    below.set_xticks(ticks, [f"{number:,}" for number in ticks])
    sizes = [10**power for power in range(1, 6) if 10**power <= one_hot[-1]]
    below.set_yticks(sizes, [f"{size:,}" for size in sizes])
    figure.suptitle(
        f"With {at:,} classes an undecided model costs {here:.4f}; "
        f"a label takes {_one_hot(at):,} bytes one-hot and {index} as an integer"
    )
    return figure


def _undecided(loss, num_classes):
    """Return what the same probability for every class costs."""
    y_pred = np.full((1, num_classes), 1 / num_classes, dtype="float32")
    return float(loss(np.array([0]), y_pred)[0])


def _one_hot(num_classes):
    """Return the bytes of one one-hot label."""
    return np.zeros(num_classes, dtype="float32").nbytes
