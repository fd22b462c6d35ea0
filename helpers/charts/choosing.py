"""Which loss answers which labels and outputs: a map of verdicts, and one call at a time."""

import textwrap

from helpers.figures import COLORS

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

# A verdict is told by a word, a shape and a hue.
MARKERS = {"right": "o", "wrong": "^", "error": "x"}
HUES = {"right": "truth", "wrong": "loss", "error": "context"}

# The map's measures in points: the figure is as wide as a phone, and its letters keep their size.
LEFT, CELL, GAP, ROW, HEAD, BETWEEN = 92, 46, 6, 21, 50, 18


def verdict_map(verdicts, labels, outputs, losses):
    """Draw the verdict on every combination: one block a loss, once for each `from_logits`.

    Args:
        verdicts: a dictionary from `(labels, output, loss, matches)` to 'right', 'wrong' or
            'error'; `matches` says whether `from_logits` is true to the output.
        labels: the label encodings, one a row.
        outputs: the output shapes, one a column.
        losses: the names of the losses, one a block.

    Returns:
        A Matplotlib Figure whose title counts the verdicts.
    """
    block = HEAD + ROW * len(labels) + BETWEEN
    figure, axes = _canvas(block * len(losses) - BETWEEN + 4)
    for number, loss in enumerate(losses):
        top = number * block
        axes.text(0, top + 9, loss, weight="bold", va="center")
        for row, kind in enumerate(labels):
            axes.text(0, top + HEAD + ROW * (row + 0.5), kind, va="center", fontsize=11)
        for matches in (True, False):
            left = LEFT + (0 if matches else len(outputs) * CELL + GAP)
            words = "from_logits matches" if matches else "does not match"
            axes.text(left, top + 26, words, va="center", fontsize=11)
            width = len(outputs) * CELL - 4
            axes.plot([left, left + width], [top + 34] * 2, color=COLORS["context"], linewidth=0.8)
            for column, output in enumerate(outputs):
                x = left + column * CELL
                axes.text(x, top + 42, output, va="center", fontsize=11, color=COLORS["context"])
                for row, kind in enumerate(labels):
                    y = top + HEAD + ROW * (row + 0.5)
                    _verdict(axes, x, y, verdicts[kind, output, loss, matches])
    (right, wrong), (spoilt, _) = (
        [_count(verdicts, side, word) for word in ("right", "wrong")] for side in (True, False)
    )
    figure.suptitle(
        f"{right} of {len(verdicts) // 2} cells are right, and {wrong} are wrong without an error; "
        f"where from_logits does not match, {spoilt or 'none'} are right"
    )
    return figure


def call_card(loss, labels, output, y_true, answers, expected):
    """Draw one combination as a reader would type it, with what Keras answers.

    Args:
        loss: the name of the loss.
        labels: what the labels are called.
        output: what the output is called.
        y_true: the labels.
        answers: for `from_logits=True` and `False`, whether it matches, the answer (a number or
            the words of an error) and the verdict on it.
        expected: the loss by its definition, or None where there is none.

    Returns:
        A Matplotlib Figure whose title names the combination, the verdict and the answer.
    """
    figure, axes = _canvas(232)
    values = " ".join(str(y_true.tolist()).split())
    mono = {"family": "monospace", "fontsize": 11, "va": "center"}
    axes.text(0, 9, f"y_true: {labels}", va="center", fontsize=11)
    axes.text(0, 26, values, **mono)
    axes.text(0, 48, f"y_pred: {output}", va="center", fontsize=11)
    for number, (from_logits, (matches, answer, verdict)) in enumerate(
        zip((True, False), answers, strict=True)
    ):
        top = 72 + 68 * number
        weight = "bold" if matches else "normal"
        axes.text(0, top, f"{loss}(from_logits={from_logits})", **mono, weight=weight)
        _verdict(axes, 8, top + 19, verdict)
        lines = textwrap.wrap(_words(answer), 50)
        for line, text in enumerate(lines):
            axes.text(60, top + 19 + 14 * line, text, va="center", fontsize=11)
    meaning = "no definition fits these labels and this output"
    told = meaning if expected is None else f"{expected:.4f} by definition"
    axes.text(0, 216, told, va="center", fontsize=11, color=COLORS["context"])
    _, answer, verdict = next(each for each in answers if each[0])
    found = verdict if verdict == "error" else f"{verdict}, {_words(answer)}"
    figure.suptitle(f"{loss} on {labels} and {output}: {found}")
    return figure


def _canvas(height):
    """Return a figure of the usual width with axes measured in points from the top left."""
    figure = plt.figure(figsize=(5.2, height / 72), layout="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 5.2 * 72), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def _verdict(axes, x, y, word):
    """Draw a verdict as a marker and a word; what is right stands in a frame."""
    hue = COLORS[HUES[word]]
    axes.plot(x + 4, y, MARKERS[word], color=hue, markersize=6, markeredgewidth=1.6)
    axes.text(x + 10.5, y, word, va="center", fontsize=10, color=hue)
    if word == "right":
        box = FancyBboxPatch(
            (x - 1.5, y - 7.5), CELL - 5, 15, boxstyle="round,pad=0,rounding_size=3"
        )
        box.set(fill=False, edgecolor=hue, linewidth=1)
        axes.add_patch(box)


def _words(answer):
    return answer if isinstance(answer, str) else f"{answer:.4f}"


def _count(verdicts, side, word):
    return [found for (*_, matches), found in verdicts.items() if matches == side].count(word)
