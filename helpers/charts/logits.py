"""The same loss on two routes: what it costs, and how hard it pushes."""

from helpers.figures import COLORS, MINUS, mark_place

import matplotlib.pyplot as plt
import numpy as np


def two_routes(through_probabilities, through_logits, z, at, y_true):
    """Draw loss and gradient of one logit, through probabilities and through logits.

    The two are told apart by a solid and a dashed line, with their names where they part.

    Args:
        through_probabilities: a function of `(y_true, z)`, both of shape (N, 1), that returns
            the N losses and their N gradients with respect to `z`.
        through_logits: the same for the other route.
        z: the logits along the horizontal axis, in order, from -20 to 20.
        at: the logit to mark.
        y_true: the label, 0 or 1.

    Returns:
        A Matplotlib Figure of two charts, one above the other, whose title gives the losses
        and the gradients of both routes at the mark.
    """
    figure, charts = plt.subplots(2, 1, sharex=True, figsize=(5.2, 4.4))
    here = []
    for route, line, marker in ((through_logits, "-", "o"), (through_probabilities, "--", "s")):
        curves, marked = _run(route, y_true, z), _run(route, y_true, [at])
        here.append([f"{round(float(values[0]), 4) + 0.0:.4f}" for values in marked])  # no -0
        for axes, curve, mark, hue in zip(
            charts, curves, marked, ("loss", "gradient"), strict=True
        ):
            axes.plot(z, curve, line, color=COLORS[hue])
            axes.plot(at, mark, marker, color=COLORS[hue], markersize=9, clip_on=False)
    charts[0].set(ylabel="loss", ylim=(-0.5, 21))
    charts[1].set(ylabel="gradient", ylim=(-1.1, 1.1), yticks=(-1, 0, 1), xlabel="z")
    _name_the_routes(charts, y_true)
    for axes in charts:
        mark_place(axes, at)
    logits, probabilities = here
    figure.suptitle(
        f"At z = {at:g} and label {y_true}: loss {probabilities[0]} and gradient "
        f"{probabilities[1]} through probabilities, {logits[0]} and {logits[1]} "
        "through logits".replace("-", MINUS)
    )
    return figure


def _name_the_routes(charts, y_true):
    """Write the routes' names where their curves part, far on the wrong side."""
    side = 1 if y_true == 0 else -1
    for axes, hue, text, x, y in (
        (charts[0], "loss", "logits", 17.5, 20),
        (charts[0], "loss", "probabilities", 14, 16.8),
        (charts[1], "gradient", "logits", 15, side * 0.78),
        (charts[1], "gradient", "probabilities", 20, side * -0.25),
    ):
        ends = {"ha": "right" if side > 0 else "left", "va": "center", "weight": "bold"}
        axes.text(side * x, y, text, color=COLORS[hue], **ends)


def _run(route, y_true, z):
    """Return the losses and gradients of a route, one number for each logit."""
    z = np.asarray(z, dtype="float32").reshape(-1, 1)
    return [np.asarray(values).reshape(-1) for values in route(np.full_like(z, y_true), z)]
