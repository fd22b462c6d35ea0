"""Sphinx extension: the picture that stands for the book where its address is shared."""

import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

CARD = "_static/card.png"
SUBTITLE = "Write them yourself,\ncheck them against tf.keras,\nmove a slider."
SIZE = (1200, 630)  # pixels, as those who show such pictures ask for
GROUND, INK, LOSS, ACCURACY = "#0b2b45", "#ffffff", "#ffa94d", "#8fd0ff"


def card(title: str, subtitle: str) -> Figure:
    """Return the book's two curves, a falling loss and the step of an accuracy, with its title."""
    figure = plt.figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor=GROUND)
    title = textwrap.fill(title, 18)
    figure.text(0.07, 0.77, title, color=INK, size=46, weight="bold", va="center")
    figure.text(0.07, 0.58, subtitle, color=INK, size=21, va="top", linespacing=1.5)
    axes = figure.add_axes((0.56, 0.1, 0.38, 0.52))
    p = np.linspace(0.03, 1, 300)
    axes.plot(p, -np.log(p), color=LOSS, linewidth=7, solid_capstyle="round")
    axes.plot(p, 2.6 * (p > 0.5), color=ACCURACY, linewidth=5, linestyle=(0, (1, 1.4)))
    axes.text(0.2, 2.15, "loss", color=LOSS, size=24, weight="bold")
    axes.text(0.56, 2.75, "accuracy", color=ACCURACY, size=24, weight="bold")
    axes.plot(0.3, -np.log(0.3), "o", color=INK, markersize=20, zorder=3)
    axes.set(xlim=(0, 1.02), ylim=(-0.15, 3.6))
    axes.axis("off")
    return figure


def draw_card(app, exception):
    """Draw the card beside the site's other pictures."""
    if exception or app.builder.format != "html":
        return
    with plt.rc_context({"font.family": "DejaVu Sans"}):  # comes with Matplotlib
        figure = card(app.config.html_title, SUBTITLE)
        figure.savefig(Path(app.outdir) / CARD, facecolor=GROUND)
    plt.close(figure)


def setup(app):
    app.connect("build-finished", draw_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
