"""One row of probabilities, class by class."""

from helpers.figures import COLORS, write

import matplotlib.pyplot as plt


def class_bars(probabilities, losses, class_index):
    """Draw a prediction's probabilities, and under each class what it costs if it comes true.

    Args:
        probabilities: one number for each class.
        losses: what the prediction costs for each class as the label.
        class_index: the class that came true.

    Returns:
        A Matplotlib Figure whose title gives the true class's probability and loss.
    """
    figure, axes = plt.subplots()
    classes = range(len(probabilities))
    bars = axes.bar(classes, probabilities, width=0.6, color="none", linewidth=2)
    for index, (bar, probability) in enumerate(zip(bars, probabilities, strict=True)):
        came_true = index == class_index
        style = {"ha": "center", "weight": "bold" if came_true else "normal"}
        bar.set_edgecolor(COLORS["prediction" if came_true else "context"])
        if came_true:
            bar.set_facecolor(COLORS["prediction"])
        above = {"offset": (0, 5), "va": "baseline"}
        write(axes, f"{probability:.2f}", (index, probability), **above, **style)
        color = COLORS["loss" if came_true else "context"]
        axes.text(index, -0.2, f"costs {losses[index]:.2f}", va="top", color=color, **style)
    names = [f"class {each}" + (" (true)" if each == class_index else "") for each in classes]
    axes.set_xticks(classes, names)
    axes.tick_params(axis="x", length=0)
    axes.set(ylabel="probability", ylim=(0, 1.15), yticks=(0, 0.5, 1))
    figure.suptitle(
        f"Class {class_index} is true, "
        f"got {probabilities[class_index]:.4f} and costs {losses[class_index]:.4f}"
    )
    return figure
