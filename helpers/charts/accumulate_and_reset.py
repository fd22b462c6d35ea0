"""Metrics along the batches and epochs of a training run."""

from helpers.charts.timeline import list_code, state_of
from helpers.figures import COLORS, bars, write

import matplotlib.pyplot as plt
import numpy as np

RESETS = ("each epoch", "each batch", "never")


def epoch_loop(metric, epochs, reset, step):
    """Draw a metric's state after the first `step` moments of a loop, with the loop above it.

    An epoch has one moment for its start, one for each batch and one for its end, where the
    result is printed.

    Args:
        metric: a fresh metric with the variables `total` and `count` and the method `result`,
            from tf.keras or by hand. It is stepped batch by batch and left in the last state.
        epochs: for each epoch its batches, each a pair `(y_true, y_pred)`.
        reset: where `reset_state()` stands in the loop, one of `RESETS`.
        step: how many moments have passed, from 0 to the number of all of them.

    Returns:
        A Matplotlib Figure whose title gives `total`, `count` and `result()`.

    Raises:
        ValueError: `reset` is none of `RESETS`, or `step` is out of range.
    """
    if reset not in RESETS:
        raise ValueError(f"epoch_loop: reset is {reset!r}; expected one of {RESETS}")
    moments = [
        (number, moment)
        for number, batches in enumerate(epochs, 1)
        for moment in ("start", *batches, "end")
    ]
    if not 0 <= step <= len(moments):
        raise ValueError(f"epoch_loop: step is {step}; expected 0 to {len(moments)}")
    printed, batch, line, now = [], 0, None, "New"
    for number, moment in moments[:step]:
        if isinstance(moment, str):
            if moment == "start":
                batch, line, now = 0, "start", f"Epoch {number} starts"
                if reset == "each epoch":
                    metric.reset_state()
            else:
                line, now = "print", f"Epoch {number} prints"
                printed.append(float(metric.result()))
        else:
            batch, line, now = batch + 1, "update", f"Epoch {number}, batch {batch + 1}"
            if reset == "each batch":
                metric.reset_state()
            metric.update_state(*moment)
    seen = sum(len(y_true) for batches in epochs for y_true, _ in batches)
    lines = _loop(reset, len(epochs), batch if line == "update" else None)
    return _drawn(state_of(metric), lines, line, printed, now, seen)


def _drawn(state, lines, moment, printed, now, seen):
    figure, (code, sums, mean) = plt.subplots(
        3, 1, figsize=(5.2, 3.9), height_ratios=(5.5, 2.2, 1.3)
    )
    running = [row for row, (when, _) in enumerate(lines) if when and when == moment]
    texts = [text for _, text in lines]
    hues = ["context" if "left out" in text else "truth" for text in texts]
    list_code(code, texts, running, hues, indent=0.05, fontsize=11)
    if printed:
        row, here = len(lines) - 1, moment == "print"
        results = ", ".join(f"{value:.4f}" for value in printed)
        hue = "prediction" if here else "truth"
        write(code, results, (0.66, row), hue, (0, 0), fontsize=11)
    total, count, result = state
    _draw_bars(sums, {"total": total, "count": count}, "context", seen, ".0f")
    _draw_bars(mean, {"result()": result}, "prediction", 1, ".4f")
    figure.suptitle(f"{now}: total {total:.0f}, count {count:.0f}, result() {result:.4f}")
    return figure


def _loop(reset, epochs, batch):
    """Return the loop's lines, each as (what happens there, code), with the batch of the moment."""
    number = f"  # batch {batch}" if batch else ""
    left_out = "   (left out)" if reset == "never" else ""
    lines = [
        ("start" if reset == "each batch" else "", f"for epoch in range({epochs}):"),
        ("start", f"    accuracy.reset_state(){left_out}"),
        ("", f"    for y_true, y_pred in batches:{number}"),
        ("update", "        accuracy.update_state(y_true, y_pred)"),
        ("print", "    print(accuracy.result())"),
    ]
    if reset == "each batch":
        lines[1:3] = lines[2], ("update", "        accuracy.reset_state()")
    return lines


def _draw_bars(axes, values, meaning, furthest, form):
    bars(axes, values, meaning, form)
    axes.set(xlim=(0, 1.25 * furthest), xticks=(0, furthest))
    axes.spines["left"].set_visible(False)


def running_mean(batch_losses, running, after):
    """Draw the loss of each batch of an epoch, their running mean, and the loss afterwards.

    Args:
        batch_losses: the loss of each batch, before the weights moved.
        running: the running mean in the logs after each batch.
        after: the loss of the same samples with the weights at the epoch's end.

    Returns:
        A Matplotlib Figure whose title gives the last running mean and `after`.
    """
    batch = np.arange(1, len(running) + 1)
    figure, axes = plt.subplots(figsize=(5.2, 3.2))
    axes.plot(batch, batch_losses, "o", color=COLORS["context"], markersize=6)
    axes.plot(batch, running, color=COLORS["loss"])
    axes.axhline(after, color=COLORS["truth"], linestyle="--", linewidth=1.2)
    axes.set(xlabel="batch", ylabel="loss", ylim=(0, None), xlim=(0.5, len(batch) * 1.42))
    axes.set_xticks(batch[::2])
    write(axes, "logs", (batch[-1], running[-1]), "loss", (9, 0))
    write(axes, "this batch", (batch[-1], batch_losses[-1]), "context", (9, 0))
    write(axes, "evaluate, after the epoch", (0.7, after), offset=(0, -5), va="top")
    figure.suptitle(
        f"The logs end at {running[-1]:.2f}; with the last weights, "
        f"the same images cost {after:.2f}"
    )
    return figure
