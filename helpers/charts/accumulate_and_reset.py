"""Metrics along the batches and epochs of a training run."""

from helpers.figures import COLORS

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
    return _drawn(metric, lines, line, printed, now, seen)


def _drawn(metric, lines, line, printed, now, seen):
    total, count, result = (float(x) for x in (metric.total, metric.count, metric.result()))
    figure, (code, sums, mean) = plt.subplots(
        3, 1, figsize=(5.2, 3.9), height_ratios=(5.5, 2.2, 1.3)
    )
    _list_loop(code, lines, line, printed)
    grey, blue = COLORS["context"], COLORS["prediction"]
    _bars(sums, ("total", "count"), (total, count), grey, seen, "{:.0f}")
    _bars(mean, ("result()",), (result,), blue, 1, "{:.4f}")
    figure.suptitle(f"{now}: total {total:.0f}, count {count:.0f}, result() {result:.4f}")
    return figure


def _loop(reset, epochs, batch):
    """Return the loop's lines, each as (what happens there, code), with the batch of the moment."""
    number = f"  # batch {batch}" if batch else ""
    reset_line = ("start", "    accuracy.reset_state()")
    lines = [
        ("start" if reset == "each batch" else "", f"for epoch in range({epochs}):"),
        reset_line,
        ("", f"    for y_true, y_pred in batches:{number}"),
        ("update", "        accuracy.update_state(y_true, y_pred)"),
        ("print", "    print(accuracy.result())"),
    ]
    if reset == "each batch":
        del lines[1]
        lines.insert(2, ("update", "        accuracy.reset_state()"))
    if reset == "never":
        lines[1] = ("start", reset_line[1] + "   (left out)")
    return lines


def _list_loop(axes, lines, now, printed):
    """Show the loop as code, with a mark at the lines that run now."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    for row, (moment, text) in enumerate(lines):
        here = moment == now and now is not None
        color = "prediction" if here else "context" if "left out" in text else "truth"
        style = {"va": "center", "fontsize": 11, "color": COLORS[color]}
        weight = "bold" if here else "normal"
        code = text.lstrip()
        indent = 0.05 + 0.022 * (len(text) - len(code))
        axes.text(indent, row, code, family="monospace", weight=weight, **style)
        if here:
            axes.plot(0.015, row, marker=">", markersize=8, color=COLORS["prediction"])
        if moment == "print" and printed:
            results = ", ".join(f"{value:.4f}" for value in printed)
            axes.text(0.66, row, results, weight="bold", **style)


def _bars(axes, names, values, color, furthest, form):
    """Draw one bar a name from 0 to at most `furthest`, with its value at its end."""
    axes.barh(names, values, color=color, height=0.55)
    axes.set(xlim=(0, 1.25 * furthest), xticks=(0, furthest))
    axes.invert_yaxis()
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for row, value in enumerate(values):
        axes.annotate(
            form.format(value),
            (value, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            weight="bold",
        )


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
    for value, text, color in (
        (running[-1], "logs", "loss"),
        (batch_losses[-1], "this batch", "context"),
    ):
        _name(axes, batch[-1], value, text, COLORS[color])
    at_left = {"xytext": (0, -5), "textcoords": "offset points", "va": "top", "weight": "bold"}
    axes.annotate("evaluate, after the epoch", (0.7, after), **at_left)
    figure.suptitle(
        f"The logs end at {running[-1]:.2f}; with the last weights, "
        f"the same images cost {after:.2f}"
    )
    return figure


def _name(axes, x, y, text, color):
    """Write a curve's name at its end."""
    axes.annotate(
        text,
        (x, y),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        color=color,
        weight="bold",
    )
