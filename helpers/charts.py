"""The charts that several pages share. Each draws what it is handed: a loss, or a metric."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt
import numpy as np

MINUS = "\N{MINUS SIGN}"


def loss_curves(loss, x, at, axis_label):
    """Draw a binary loss over all predictions `x`, for both labels, and mark one of them.

    Args:
        loss: a function of `(y_true, y_pred)`, both of shape (N, 1), that returns N losses.
        x: the N predictions or logits along the horizontal axis, in order.
        at: the prediction or logit to mark.
        axis_label: what `x` is called.

    Returns:
        A Matplotlib Figure whose title gives both labels' losses at the mark.
    """
    figure, axes = plt.subplots()
    marked = {}
    for label, line, marker in ((1, "-", "o"), (0, "--", "s")):
        curve = _each(loss, label, x)
        marked[label] = _each(loss, label, [at])[0]
        axes.plot(x, curve, line, color=COLORS["loss"])
        axes.plot(at, marked[label], marker, color=COLORS["loss"], markersize=9, clip_on=False)
        end = int(np.argmax(curve))
        axes.annotate(
            f"label {label}",
            (x[end], curve[end]),
            xytext=(10, 0) if end == 0 else (-10, 0),
            textcoords="offset points",
            ha="left" if end == 0 else "right",
            va="center",
            color=COLORS["loss"],
            weight="bold",
        )
    axes.axvline(at, color=COLORS["context"], linestyle=":", linewidth=1, zorder=0)
    axes.set(xlabel=axis_label, ylabel="loss", ylim=(0, None))
    at_text = f"{at:.2f}".replace("-", MINUS)
    figure.suptitle(
        f"At {axis_label} {at_text}, label 1 costs {marked[1]:.4f} "
        f"and label 0 costs {marked[0]:.4f}"
    )
    return figure


def loss_and_accuracy(loss, accuracy, x, at):
    """Draw what a prediction costs and whether it counts as right, for a sample of label 1.

    Args:
        loss: a function of `(y_true, y_pred)`, both of shape (N, 1), that returns N losses.
        accuracy: a function of the same arguments that returns N times 0 or 1.
        x: the probabilities along the horizontal axis, in order.
        at: the probability to mark.

    Returns:
        A Matplotlib Figure of two charts, one above the other, whose title gives both values.
    """
    figure, (above, below) = plt.subplots(
        2, 1, sharex=True, height_ratios=(3, 2), figsize=(5.2, 3.6)
    )
    here, verdict = _each(loss, 1, [at])[0], _each(accuracy, 1, [at])[0]
    above.plot(x, _each(loss, 1, x), color=COLORS["loss"])
    above.plot(at, here, "o", color=COLORS["loss"], markersize=9, clip_on=False)
    above.set(ylabel="loss", ylim=(0, None))
    below.step(x, _each(accuracy, 1, x), where="mid", color=COLORS["prediction"])
    below.plot(at, verdict, "s", color=COLORS["prediction"], markersize=9, clip_on=False)
    below.set(xlabel="y_pred", ylabel="accuracy", ylim=(-0.15, 1.15), yticks=(0, 1))
    for axes in (above, below):
        axes.axvline(at, color=COLORS["context"], linestyle=":", linewidth=1, zorder=0)
    figure.suptitle(f"At y_pred {at:.2f} the loss is {here:.4f} and the accuracy is {verdict:.0f}")
    return figure


def _each(function, label, x):
    """Return the function's value for each prediction of `x`, one number a sample."""
    y_pred = np.asarray(x, dtype="float32").reshape(-1, 1)
    return np.asarray(function(np.full_like(y_pred, label), y_pred)).reshape(-1)


def timeline(metric, calls, step):
    """Draw a metric's state after the first `step` of its calls, with the calls above it.

    Args:
        metric: a fresh metric with the variables `total` and `count` and the method `result`,
            from tf.keras or by hand. It is stepped call by call and left in that state.
        calls: the calls in order, each a method's name followed by its arguments, such as
            `("update_state", [1, 2, 3])`. A call of None is a line that is skipped; it stands
            struck out as `reset_state()`.
        step: how many of the calls have been made, from 0 to `len(calls)`.

    Returns:
        A Matplotlib Figure whose title gives `total`, `count` and `result()`.

    Raises:
        ValueError: `step` is not between 0 and the number of calls.
    """
    if not 0 <= step <= len(calls):
        raise ValueError(f"timeline: step is {step}; expected 0 to {len(calls)}, one for each call")
    history = [_state(metric)]
    for call in calls:
        if call is not None:
            getattr(metric, call[0])(*call[1:])
        history.append(_state(metric))
    figure, (code, bars) = plt.subplots(2, 1, figsize=(5.2, 3.9), height_ratios=(len(calls) + 1, 4))
    _list_calls(code, calls, step)
    _draw_state(bars, history[step], history)
    total, count, result = (f"{value:.4g}".replace("-", MINUS) for value in history[step])
    figure.suptitle(
        f"{_moment(calls, step)}: total is {total}, count is {count}, result() is {result}"
    )
    return figure


def _state(metric):
    return tuple(float(value) for value in (metric.total, metric.count, metric.result()))


def _call_text(call):
    if call is None:
        return "metric.reset_state()"
    arguments = ", ".join(map(str, call[1:]))
    return f"metric.{call[0]}({arguments})"


def _moment(calls, step):
    if step == 0:
        return "New"
    call = calls[step - 1]
    return "No reset" if call is None else f"After {_call_text(call)[len('metric.') :]}"


def _list_calls(axes, calls, step):
    """List the calls as code, with a mark at the one made last."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(calls) + 0.5, -0.5))
    for line, call in enumerate([("new",), *calls]):
        text = "metric = Mean()" if line == 0 else _call_text(call)
        now, skipped = line == step, call is None
        drawn = axes.text(
            0.06,
            line,
            text + ("   (left out)" if skipped else ""),
            family="monospace",
            va="center",
            weight="bold" if now else "normal",
            color=COLORS["prediction" if now else "context" if line > step or skipped else "truth"],
        )
        if now:
            axes.plot(0.02, line, marker=">", markersize=9, color=COLORS["prediction"])
        drawn.set_gid("code")


def _draw_state(axes, state, history):
    """Draw the state as three bars on limits that hold for the whole timeline."""
    names = ("total", "count", "result()")
    hues = [COLORS["context"], COLORS["context"], COLORS["prediction"]]
    axes.barh(names, state, color=hues, height=0.55)
    furthest = max(abs(value) for moment in history for value in moment) or 1
    least = min(0, *(value for moment in history for value in moment))
    axes.set(xlim=(1.25 * least if least else 0, 1.25 * furthest))
    axes.axvline(0, color=COLORS["truth"], linewidth=0.8)
    axes.invert_yaxis()
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    for row, value in enumerate(state):
        axes.annotate(
            f"{value:.4g}".replace("-", MINUS),
            (value, row),
            xytext=(-5 if value < 0 else 5, 0),
            textcoords="offset points",
            ha="right" if value < 0 else "left",
            va="center",
            weight="bold",
        )
