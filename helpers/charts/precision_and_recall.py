"""Scores on both sides of a threshold, and the precision and the recall that follow."""

from helpers.figures import COLORS, bars

import matplotlib.pyplot as plt
import numpy as np

BINS = np.linspace(0, 1, 41)  # a threshold that is a multiple of 0.025 lies between two bars


def threshold_scores(precision, recall, y_true, scores):
    """Draw the scores of both labels about a threshold, with what two metrics say of them.

    Args:
        precision: a metric with one number in `thresholds`, fresh, from tf.keras or by hand.
        recall: another one with the same threshold.
        y_true: N labels, each 0 or 1.
        scores: N probabilities.

    Returns:
        A Matplotlib Figure whose title gives the threshold, the counts and both results.
    """
    label, threshold = np.ravel(y_true) == 1, float(np.squeeze(precision.thresholds))
    figure, (ones, zeros, below) = plt.subplots(3, 1, figsize=(5.2, 4.6), height_ratios=(2, 2, 1))
    found, missed = _histogram(ones, np.ravel(scores)[label], threshold, "prediction")
    alarms, left = _histogram(zeros, np.ravel(scores)[~label], threshold, "loss")
    ones.tick_params(labelbottom=False)  # the axis below has the same numbers
    ones.set_title(f"label 1: {missed} missed, {found} found", loc="left")
    zeros.set_title(f"label 0: {left} left alone, {alarms} false alarms", loc="left")
    zeros.set_xlabel("score")
    results = []
    for metric in (precision, recall):
        metric.update_state(np.ravel(y_true), np.ravel(scores))
        results.append(float(np.squeeze(metric.result())))
    bars(below, dict(zip(("precision", "recall"), results, strict=True)), "prediction", ".2f")
    below.set(xlim=(0, 1.2), xticks=(0, 0.5, 1))
    figure.suptitle(
        f"Threshold {threshold:.2f}: {found} found, {missed} missed, {alarms} false alarms, "
        f"precision {results[0]:.2f}, recall {results[1]:.2f}"
    )
    return figure


def _histogram(axes, scores, threshold, hue):
    """Draw scores, those above the threshold in a hue; return how many lie above and how many not.

    Bars on the threshold's other side are hatched too, so that the hue is not the only cue.
    """
    yes = scores > threshold
    sides = [
        (scores[yes], {"color": COLORS[hue]}),
        (scores[~yes], {"color": "none", "edgecolor": COLORS["context"], "hatch": "////"}),
    ]
    for side, style in sides:
        axes.bar(BINS[:-1], np.histogram(side, BINS)[0], BINS[1], align="edge", **style)
    highest = np.histogram(scores, BINS)[0].max()
    axes.axvline(threshold, color=COLORS["truth"], linestyle="--", linewidth=1.5)
    axes.set(xlim=(0, 1), ylim=(0, 1.1 * highest), yticks=(0, highest))
    return int(yes.sum()), int((~yes).sum())
