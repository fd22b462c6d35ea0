"""What one distribution costs where another one is the truth."""

from helpers.figures import COLORS, write

import matplotlib.pyplot as plt
import numpy as np


def expected_surprise(crossentropy, divergence, y_true, y_pred, likelihood, outcomes, limits):
    """Draw two distributions, the expected surprise in its two parts, and a likelihood.

    Args:
        crossentropy: a function of `(y_true, y_pred)`, both of shape (K,), that returns a number.
        divergence: a function of the same arguments: what the cross-entropy adds to the entropy.
        y_true: the K true probabilities.
        y_pred: the K predicted probabilities.
        likelihood: the probability that `y_pred` gives to all that happened.
        outcomes: the K names of what can happen.
        limits: the right ends of the axes of the expected surprise and of the likelihood.

    Returns:
        A Matplotlib Figure of three charts, one above the other, whose title gives the numbers.
    """
    entropy, total = float(crossentropy(y_true, y_true)), float(crossentropy(y_true, y_pred))
    kl = float(divergence(y_true, y_pred))
    figure, (shares, surprise, product) = plt.subplots(
        3, 1, figsize=(5.2, 4.6), height_ratios=(6, 1.6, 1.6)
    )
    _draw_pairs(shares, y_true, y_pred, outcomes)
    _draw_parts(surprise, entropy, kl, limits[0])
    thousandths = 1000 * likelihood
    product.barh([0], [thousandths], color=COLORS["prediction"], height=0.6)
    product.set(xlabel="likelihood, in thousandths", xlim=(0, 1000 * limits[1]))
    product.set(ylim=(-0.4, 0.9), yticks=[])
    product.xaxis.get_major_locator().set_params(integer=True)
    _label(product, thousandths, 0, f"{thousandths:.1f}", "prediction")
    figure.suptitle(
        f"Cross-entropy {total:.4f} = entropy {entropy:.4f} + KL {kl:.4f}; "
        f"the likelihood is {likelihood:.4f}"
    )
    return figure


def line_above_log(x):
    """Draw log x and the line x - 1 that touches it at 1.

    Args:
        x: the numbers along the horizontal axis, in order, all above 0.

    Returns:
        A Matplotlib Figure whose title says which is higher.
    """
    figure, axes = plt.subplots(figsize=(5.2, 2.8))
    axes.plot(x, x - 1, "--", color=COLORS["context"])
    axes.plot(x, np.log(x), color=COLORS["truth"])
    axes.plot(1, 0, "o", color=COLORS["truth"], markersize=9)
    for name, height, hue in (("x - 1", x[-1] - 1, "context"), ("log x", np.log(x[-1]), "truth")):
        _label(axes, x[-1], height, name, hue)
    axes.set(xlabel="x", ylim=(-3, 2.2), xticks=(0, 1, 2, 3))
    least = np.min(x - 1 - np.log(x))
    figure.suptitle(f"x - 1 lies above log x, and touches it at 1: least difference {least:.1f}")
    return figure


def _draw_pairs(axes, y_true, y_pred, outcomes):
    """Draw the true bar of each outcome above the predicted one."""
    rows = np.arange(len(outcomes))
    pairs = (("y_true", y_true, "truth", -0.2), ("y_pred", y_pred, "prediction", 0.2))
    for name, values, meaning, shift in pairs:
        axes.barh(rows + shift, values, color=COLORS[meaning], height=0.36)
        for row, value in zip(rows, values, strict=True):
            _label(axes, value, row + shift, f"{name} {value:.2f}", meaning)
    axes.set(xlabel="probability", xlim=(0, 1.15), xticks=(0, 0.25, 0.5, 0.75, 1))
    axes.set_yticks(rows, outcomes)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)


def _draw_parts(axes, entropy, kl, limit):
    """Draw the entropy and the divergence as one bar, the cross-entropy."""
    axes.barh([0], [entropy], color=COLORS["context"], height=0.6)
    axes.barh([0], [kl], left=[entropy], color=COLORS["loss"], height=0.6, hatch="//")
    above = {"ha": "center", "va": "bottom", "fontsize": 11, "weight": "bold"}
    axes.text(entropy / 2, 0.34, "entropy", color=COLORS["context"], **above)
    _label(axes, entropy + kl, 0, f"KL {kl:.2f}", "loss")
    axes.set(xlabel="expected surprise", xlim=(0, limit), ylim=(-0.4, 0.9), yticks=[])


def _label(axes, x, y, text, meaning):
    write(axes, text, (x, y), meaning, fontsize=11)
