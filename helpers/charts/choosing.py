"""Which loss answers which labels and outputs, as a map of verdicts."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

# A verdict is told by a word or a number, a shape and a hue.
MARKERS = {"right": "o", "wrong": "^", "error": "x"}
HUES = {"right": "truth", "wrong": "loss", "error": "context"}

# The map's measures in points: the figure is as wide as a phone, and its letters keep their size.
LEFT, CELL, ROW, HEAD = 112, 87, 30, 26


def verdict_map(answers, labels, outputs, call):
    """Draw what one loss answers to every pair of labels and outputs.

    Args:
        answers: a dictionary from `(labels, output)` to the verdict, 'right', 'wrong' or
            'error', and the answer, a number or the words of an error.
        labels: the label encodings, one a row.
        outputs: the output shapes, one a column.
        call: the loss as a reader would type it.

    Returns:
        A Matplotlib Figure whose title counts the verdicts.
    """
    height = HEAD + ROW * len(labels)
    figure = plt.figure(figsize=(5.2, height / 72), layout="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 5.2 * 72), ylim=(height, 0))
    axes.set_axis_off()
    for column, output in enumerate(outputs):
        x = LEFT + column * CELL
        axes.text(x, 10, output, va="center", fontsize=11, color=COLORS["context"])
        for row, kind in enumerate(labels):
            _verdict(axes, x, HEAD + ROW * (row + 0.5), *answers[kind, output])
    for row, kind in enumerate(labels):
        axes.text(0, HEAD + ROW * (row + 0.5), kind, va="center", fontsize=11)
    words = [word for word, _ in answers.values()]
    count = {word: words.count(word) for word in MARKERS}
    figure.suptitle(
        f"{call} on {len(words)} pairs: {count['right']} right, "
        f"{count['wrong']} wrong without an error, {count['error']} with one"
    )
    return figure


def _verdict(axes, x, y, word, answer):
    """Draw a verdict as a marker with the number or 'error'; what is right stands in a frame."""
    hue, text = COLORS[HUES[word]], "error" if word == "error" else f"{answer:.4f}"
    axes.plot(x + 6, y, MARKERS[word], color=hue, markersize=7, markeredgewidth=1.6)
    axes.text(x + 16, y, text, va="center", fontsize=11, color=hue)
    if word == "right":
        box = FancyBboxPatch((x - 3, y - 11), 68, 22, boxstyle="round,pad=0,rounding_size=4")
        box.set(fill=False, edgecolor=hue, linewidth=1)
        axes.add_patch(box)
