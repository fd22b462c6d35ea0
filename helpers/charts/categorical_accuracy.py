"""Which predictions a metric counts as right, sample by sample, and the state that follows."""

from helpers.charts.timeline import draw_state, state_of, state_words
from helpers.figures import COLORS, number, write

import matplotlib.pyplot as plt
import numpy as np


def threshold_rows(metric, y_true, y_pred, axis_label, limits):
    """Draw one prediction a row against a metric's threshold, with the verdict on each.

    Args:
        metric: a metric with `threshold`, `total`, `count` and the three methods, from tf.keras
            or by hand. It is stepped through the samples one by one.
        y_true: N labels, each 0 or 1.
        y_pred: N probabilities or logits.
        axis_label: what the predictions are called.
        limits: the least and the largest prediction that the chart has room for.

    Returns:
        A Matplotlib Figure whose title gives the threshold, the samples that are right and the
        metric's state.
    """
    y_true, y_pred = np.ravel(y_true), np.ravel(y_pred)
    matches, state = _verdicts(metric, y_true, y_pred)
    figure, (rows, bars) = _two_axes(len(y_true))
    rows.axvline(metric.threshold, color=COLORS["truth"], linestyle="--", linewidth=1.5)
    for row, (label, prediction, match) in enumerate(zip(y_true, y_pred, matches, strict=True)):
        rows.axhline(row, color=COLORS["context"], linewidth=0.5, zorder=0)
        hue = COLORS["prediction" if match else "context"]
        marker = "o" if label else "s"
        fill = hue if match else "#ffffff"
        rows.plot(prediction, row, marker, color=hue, markersize=10, markerfacecolor=fill)
        _verdict(rows, row, match)
    rows.set(xlim=limits, ylim=(len(y_true) - 0.5, -1.1), xlabel=axis_label)
    rows.set_yticks(range(len(y_true)), [f"label {label:.0f}" for label in y_true])
    rows.tick_params(axis="y", length=0)
    rows.spines["left"].set_visible(False)
    for label, offset, side in ((0, -6, "right"), (1, 6, "left")):
        # The axes stay where they are while the threshold moves.
        beside = {"ha": side, "weight": "normal", "annotation_clip": False, "in_layout": False}
        write(rows, f"predicts {label}", (metric.threshold, -0.75), offset=(offset, 0), **beside)
    draw_state(bars, state, [(len(y_true), len(y_true), 1)])
    figure.suptitle(_finding(f"Threshold {number(metric.threshold, '.2f')}", matches, state))
    return figure


def class_rows(metric, y_true, y_pred, at):
    """Draw each sample's scores, the classes that the metric would count, and its verdict.

    Which classes count is asked of the metric: it is shown every label for every row.

    Args:
        metric: a metric with `total`, `count` and the three methods, from tf.keras or by hand.
        y_true: N labels, as class indices or one-hot rows.
        y_pred: N rows of one score between 0 and 1 for each class.
        at: what the slider has set, in words; it opens the title.

    Returns:
        A Matplotlib Figure whose title gives the number of rows that are right and the
        metric's state.
    """
    one_hot = np.shape(y_true) == np.shape(y_pred)
    classes = range(y_pred.shape[1])
    labels = np.eye(len(classes), dtype="float32") if one_hot else np.array(classes)
    truth = np.argmax(y_true, axis=-1) if one_hot else np.ravel(y_true)
    counted = [[_counts(metric, labels[[c]], row[None]) for c in classes] for row in y_pred]
    matches, state = _verdicts(metric, y_true, y_pred)
    figure, (rows, bars) = _two_axes(len(y_pred), height=0.62)
    for row, (scores, counts, match) in enumerate(zip(y_pred, counted, matches, strict=True)):
        _draw_scores(rows, row, scores, counts, truth[row])
        _verdict(rows, row - 0.25, match)
    rows.set(xlim=(-0.6, len(classes) - 0.2), ylim=(len(y_pred) - 0.5, -0.85))
    rows.set_xticks(classes, [f"class {c}" for c in classes])
    rows.set_yticks(np.arange(len(y_pred)) - 0.25, [f"row {row}" for row in range(len(y_pred))])
    rows.tick_params(length=0)
    rows.spines[["left", "bottom"]].set_visible(False)
    draw_state(bars, state, [(len(truth), len(truth), 1)])
    figure.suptitle(_finding(at, matches, state))
    return figure


def _two_axes(samples, height=0.34):
    """Return a figure with room for the samples above and for the state below."""
    sizes = (height * samples + 0.8, 1.45)
    return plt.subplots(2, 1, figsize=(5.2, sum(sizes)), height_ratios=sizes)


def _verdicts(metric, y_true, y_pred):
    """Step the metric sample by sample; return what each adds to `total`, and the state."""
    metric.reset_state()
    totals = [0.0]
    for row in range(len(y_pred)):
        metric.update_state(y_true[row : row + 1], y_pred[row : row + 1])
        totals.append(float(metric.total))
    return np.diff(totals), state_of(metric)


def _counts(metric, label, scores):
    """Return whether the metric counts one label as right for one row of scores."""
    metric.reset_state()
    metric.update_state(label, scores)
    return float(metric.total) > 0


def _finding(at, matches, state):
    return f"{at}: {int(sum(matches))} of {len(matches)} are right, {state_words(state)}"


def _verdict(axes, row, match):
    """Write a row's verdict into the right margin."""
    look = {"weight": "bold" if match else "normal", "va": "center"}
    look["color"] = COLORS["prediction" if match else "context"]
    verdict = "right" if match else "wrong"
    axes.text(1.02, row, verdict, transform=axes.get_yaxis_transform(), **look)


def _draw_scores(axes, row, scores, counts, true_class):
    """Draw one row's scores as bars upon a line; the counted ones are blue and bold."""
    for at, (score, count) in enumerate(zip(scores, counts, strict=True)):
        hue = COLORS["prediction" if count else "context"]
        axes.bar(at, -0.62 * score, bottom=row, width=0.3, color=hue)
        weight = "bold" if count else "normal"
        axes.text(at + 0.2, row - 0.1, f"{score:.2f}", size=11, color=hue, weight=weight)
    axes.plot([-0.4, len(scores) - 0.6], [row, row], color=COLORS["context"], linewidth=0.8)
    axes.plot(true_class, row + 0.14, marker="^", color=COLORS["truth"], markersize=8)
    axes.text(true_class + 0.2, row + 0.15, "true", size=11, va="center", color=COLORS["truth"])
