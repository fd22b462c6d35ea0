"""The same values cut into batches of one size or another."""

from helpers.figures import COLORS, write

import matplotlib.pyplot as plt
import numpy as np


def batch_results(metric, values, batch_size, log=True):
    """Draw values, the metric's result for each batch alone, and its result for all batches.

    Args:
        metric: a metric with `update_state`, `result` and `reset_state`. It is reset, and left
            in the state after the last batch.
        values: the values in order; on a scale of powers of two, all of them positive.
        batch_size: how many of them make a batch; the last batch may have fewer.
        log: whether to draw on a scale of powers of two, or on one from 0 to 1.

    Returns:
        A Matplotlib Figure whose title gives the metric's result and the mean of the results of
        the batches.
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
    (_powers_of_two if log else _from_0_to_1)(axes, values)
    position = np.arange(1, len(values) + 1)
    axes.plot(position, values, "o", color=COLORS["context"], markersize=6)
    for start, batch, value in zip(starts, batches, alone, strict=True):
        ends = [start + 0.6, start + len(batch) + 0.4]
        axes.plot(ends, [value, value], color=COLORS["prediction"], linewidth=4)
    right = len(values) + 0.7
    axes.axhline(result, color=COLORS["truth"], linestyle="--", linewidth=1.2, zorder=0)
    axes.axhline(mean, color=COLORS["loss"], linestyle=":", linewidth=1.6, zorder=0)
    above, below = {"offset": (0, 3), "va": "bottom"}, {"offset": (0, -3), "va": "top"}
    sides = (below, above) if mean >= result else (above, below)
    write(axes, "metric", (right, result), "truth", **sides[0])
    write(axes, "mean of\nbatches", (right, mean), "loss", **sides[1])
    axes.set(xlabel="value", xlim=(0.3, right + 2.7), xticks=position)
    figure.suptitle(
        f"Batches of {batch_size}: the metric says {result:.4f}, the mean of the batches {mean:.4f}"
    )
    return figure


def _powers_of_two(axes, values):
    axes.set_yscale("log", base=2)
    ticks = 2.0 ** np.arange(np.floor(np.log2(min(values))), np.ceil(np.log2(max(values))) + 1)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(ticks[0] / 1.2, ticks[-1] * 1.2)


def _from_0_to_1(axes, _):
    axes.set(ylim=(-0.25, 1.25), yticks=(0, 0.25, 0.5, 0.75, 1))
