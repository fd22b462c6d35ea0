"""Which class a name stands for, over pairs of shapes."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np

# How a pair of shapes is drawn by its verdict: the hue, the mark, the line around it.
LOOKS = {
    "right": ("prediction", "✓", "-"),
    "silent": ("loss", "?", "--"),
    "error": ("context", "✗", ":"),
}


def lookup_map(answers, verdicts):
    """Draw the class for each pair of shapes as a map, marked right, silent or error.

    Args:
        answers: for each pair `(label shape, output shape)`, both strings, the class's name.
        verdicts: for the same pairs "right", "silent" (a number for shapes that do not belong
            together) or "error".

    Returns:
        A Matplotlib Figure whose title counts the verdicts.
    """
    rows = list(dict.fromkeys(labels for labels, _ in answers))
    columns = list(dict.fromkeys(outputs for _, outputs in answers))
    figure, axes = plt.subplots(figsize=(5.2, 4.1))
    for (labels, outputs), answer in answers.items():
        verdict = verdicts[labels, outputs]
        meaning, mark, line = LOOKS[verdict]
        x, y, hue = columns.index(outputs), rows.index(labels), COLORS[meaning]
        name = answer.removesuffix("Accuracy").replace("SparseCategorical", "Sparse")
        style = {"ha": "center", "va": "center", "color": hue, "fontsize": 11}
        frame = plt.Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, fill=False, edgecolor=hue)
        frame.set(linewidth=2 if verdict == "right" else 1, linestyle=line)
        axes.add_patch(frame)
        axes.text(x, y - 0.19, mark, weight="bold", **style)
        axes.text(x, y + 0.17, name, **style)
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("y_pred", weight="bold")
    axes.xaxis.set_label_position("top")
    axes.xaxis.tick_top()
    axes.text(-0.55, -0.72, "y_true", ha="right", va="center", weight="bold")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    count = {name: list(verdicts.values()).count(name) for name in LOOKS}
    figure.suptitle(
        f"Of {len(answers)} pairs of shapes, {count['right']} belong together (✓), "
        f"{count['silent']} give a number all the same (?), and {count['error']} raise (✗)"
    )
    return figure


def lookup(shapes, samples, answer, compares, result):
    """Draw one pair of shapes: the first sample of each array, and the class that they choose.

    Args:
        shapes: the shapes of `y_true` and `y_pred` as text.
        samples: the first sample of each, an array of at most two axes.
        answer: the name of the class, or "error".
        compares: what the class compares, or what the error says.
        result: what the metric answers, or None.

    Returns:
        A Matplotlib Figure whose title gives the shapes, the class and the result.
    """
    figure, axes = plt.subplots(figsize=(5.2, 2.5))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for name, shape, sample, left in zip(
        ("y_true", "y_pred"), shapes, samples, (0, 0.5), strict=True
    ):
        hue = COLORS["truth" if name == "y_true" else "prediction"]
        axes.text(left, 1, f"{name} {shape}", weight="bold", va="top", color=hue)
        axes.text(left, 0.86, f"{name}[0]", fontsize=13, va="top", color=COLORS["context"])
        for row, line in enumerate(_lines(sample)):
            axes.text(left, 0.72 - 0.11 * row, line, family="monospace", va="top", fontsize=13)
    failed = result is None
    hue = COLORS["loss" if failed else "prediction"]
    axes.text(0, 0.13, "✗ error" if failed else f"→ {answer}", weight="bold", color=hue)
    axes.text(0, 0, compares, fontsize=13, color=hue)
    finding = "an error" if failed else f"{answer}, {result:.4g}"
    figure.suptitle(f"{' and '.join(shapes)}: {finding}")
    return figure


def _lines(sample):
    """Return an array as lines of text that keep their columns apart in any font."""
    sample = np.asarray(sample)
    if sample.ndim == 0:
        return [str(sample)]
    rows = np.atleast_2d(sample)
    form = "{:.1f}" if (rows % 1).any() else "{:.0f}"
    return ["[" + ", ".join(form.format(value) for value in row) + "]" for row in rows]
