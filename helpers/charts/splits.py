"""The same values cut into batches of one size or another."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np


def batch_results(metric, values, batch_size):
    """Draw values, the metric's result for each batch alone, and its result for all batches.

    Args:
        metric: a metric with `update_state`, `result` and `reset_state`. It is reset, and left
            in the state after the last batch.
        values: the values in order, all of them positive.
        batch_size: how many of them make a batch; the last batch may have fewer.

    Returns:
        A Matplotlib Figure on a scale of powers of two, whose title gives the metric's result
        and the mean of the results of the batches.
    """
    starts = range(0, len(values), batch_size)
    batches = [values[start : start + batch_size] for start in starts]
    alone = []
    for batch in batches:
        metric.reset_state()
        metric.update_state(batch)
        alone.append(float(metric.result()))
    metric.reset_state()
    for batch in batches:
        metric.update_state(batch)
    result, mean = float(metric.result()), float(np.mean(alone))
    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    axes.set_yscale("log", base=2)
    position = np.arange(1, len(values) + 1)
    axes.plot(position, values, "o", color=COLORS["context"], markersize=6)
    for start, batch, value in zip(starts, batches, alone, strict=True):
        ends = [start + 0.6, start + len(batch) + 0.4]
        axes.plot(ends, [value, value], color=COLORS["prediction"], linewidth=4)
    right = len(values) + 0.7
    axes.axhline(result, color=COLORS["truth"], linestyle="--", linewidth=1.2, zorder=0)
    axes.axhline(mean, color=COLORS["loss"], linestyle=":", linewidth=1.6, zorder=0)
    for value, text, color, side in (
        (result, "metric", "truth", -1),
        (mean, "mean of\nbatches", "loss", 1),
    ):
        axes.annotate(
            text,
            (right, value),
            xytext=(0, 3 * side),
            textcoords="offset points",
            va="bottom" if side > 0 else "top",
            color=COLORS[color],
            weight="bold",
        )
    ticks = 2.0 ** np.arange(np.floor(np.log2(min(values))), np.ceil(np.log2(max(values))) + 1)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="value", xlim=(0.3, right + 2.7), xticks=position)
    axes.set_ylim(ticks[0] / 1.2, ticks[-1] * 1.2)
    figure.suptitle(
        f"Batches of {batch_size}: the metric says {result:.4f}, the mean of the batches {mean:.4f}"
    )
    return figure
