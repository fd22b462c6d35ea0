"""A metric as it was written, and the keys under which it comes back."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt


def keys_of_a_metric(written, keys):
    """Draw what was handed to `compile`, and where each of its keys is found.

    Args:
        written: the argument as code.
        keys: the names in the history of a `fit` with validation data, the loss among them.

    Returns:
        A Matplotlib Figure whose title gives the metric's two keys.
    """
    own = [key for key in keys if "loss" not in key]
    key = next(name for name in own if f"val_{name}" in own)
    lines = [
        (written, "truth"),
        (f'history["{key}"]', "prediction"),
        (f'history["val_{key}"]', "prediction"),
        (f'evaluate(…, return_dict=True)["{key}"]', "prediction"),
        (f'EarlyStopping(monitor="val_{key}")', "prediction"),
    ]
    figure, axes = plt.subplots(figsize=(5.2, 2.4))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    for row, (text, hue) in enumerate(lines):
        style = {"family": "monospace", "weight": "normal" if row else "bold", "fontsize": 11}
        axes.text(0.04 * bool(row), row, text, va="center", color=COLORS[hue], **style)
    figure.suptitle(f"{written}: the keys are {key} and val_{key}")
    return figure
