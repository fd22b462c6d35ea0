"""What a single prediction costs, over all predictions."""

from helpers.figures import COLORS, mark_place, number, write

import matplotlib.pyplot as plt
import numpy as np


def loss_curves(loss, x, at, axis_label):
    """Draw a binary loss over all predictions `x`, for both labels, and mark one of them.

    Args:
        loss: a function of `(y_true, y_pred)`, both of shape (N, 1), that returns N losses.
        x: the N predictions or logits along the horizontal axis, in order.
        at: the prediction or logit to mark.
        axis_label: what `x` is called.

    Returns:
        A Matplotlib Figure whose title gives both labels' losses at the mark.
    """
    figure, axes = plt.subplots()
    marked = {}
    for label, line, marker in ((1, "-", "o"), (0, "--", "s")):
        curve = each_loss(loss, label, x)
        marked[label] = each_loss(loss, label, [at])[0]
        axes.plot(x, curve, line, color=COLORS["loss"])
        axes.plot(at, marked[label], marker, color=COLORS["loss"], markersize=9, clip_on=False)
        end = int(np.argmax(curve))
        side = {"offset": (-10, 0), "ha": "right"} if end else {"offset": (10, 0)}
        write(axes, f"label {label}", (x[end], curve[end]), "loss", **side)
    mark_place(axes, at)
    axes.set(xlabel=axis_label, ylabel="loss", ylim=(0, None))
    figure.suptitle(
        f"At {axis_label} {number(at, '.2f')}, label 1 costs {marked[1]:.4f} "
        f"and label 0 costs {marked[0]:.4f}"
    )
    return figure


def loss_and_accuracy(loss, accuracy, x, at):
    """Draw what a prediction costs and whether it counts as right, for a sample of label 1.

    Args:
        loss: a function of `(y_true, y_pred)`, both of shape (N, 1), that returns N losses.
        accuracy: a function of the same arguments that returns N times 0 or 1.
        x: the probabilities along the horizontal axis, in order.
        at: the probability to mark.

    Returns:
        A Matplotlib Figure of two charts, one above the other, whose title gives both values.
    """
    figure, (above, below) = plt.subplots(
        2, 1, sharex=True, height_ratios=(3, 2), figsize=(5.2, 2.4)
    )
    here, verdict = each_loss(loss, 1, [at])[0], each_loss(accuracy, 1, [at])[0]
    above.plot(x, each_loss(loss, 1, x), color=COLORS["loss"])
    above.plot(at, here, "o", color=COLORS["loss"], markersize=9, clip_on=False)
    above.set(ylabel="loss", ylim=(0, None))
    below.step(x, each_loss(accuracy, 1, x), where="mid", color=COLORS["prediction"])
    below.plot(at, verdict, "s", color=COLORS["prediction"], markersize=9, clip_on=False)
    below.set(xlabel="y_pred", ylabel="accuracy", ylim=(-0.15, 1.15), yticks=(0, 1))
    for axes in (above, below):
        mark_place(axes, at)
    figure.suptitle(f"At y_pred {at:.2f} the loss is {here:.4f} and the accuracy is {verdict:.0f}")
    return figure


def each_loss(function, label, x):
    """Return the function's value for each prediction of `x`, one number a sample."""
    y_pred = np.asarray(x, dtype="float32").reshape(-1, 1)
    return np.asarray(function(np.full_like(y_pred, label), y_pred)).reshape(-1)
