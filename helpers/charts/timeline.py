"""A metric's state, call by call."""

import inspect

from helpers.figures import COLORS, MINUS

import matplotlib.pyplot as plt


def timeline(metric, calls, step, signed=False):
    """Draw a metric's state after the first `step` of its calls, with the calls above it.

    Args:
        metric: a fresh metric with the variables `total` and `count` and the method `result`,
            from tf.keras or by hand. It is stepped call by call and left in that state.
        calls: the calls in order, each a method's name followed by its arguments, such as
            `("update_state", [1, 2, 3])`. A call of None is a line that is skipped; it stands
            as `reset_state()`, marked as left out.
        step: how many of the calls have been made, from 0 to `len(calls)`.
        signed: whether to leave room for numbers below 0, which a mean has and an accuracy not.

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
    lines = [_new_text(metric), *map(_call_text, calls)]
    figure, (code, bars) = plt.subplots(
        2, 1, figsize=(5.2, 0.4875 * (len(lines) + 4)), height_ratios=(len(lines), 4)
    )
    left_out = [number for number, call in enumerate(calls, 1) if call is None]
    list_calls(code, lines, step, left_out)
    draw_state(bars, history[step], history, signed)
    remark = ", reset left out" if left_out else ""
    figure.suptitle(f"{_moment(lines, calls, step)}{remark}: {state_words(history[step])}")
    return figure


def state_words(state):
    """Return what a state says: `total`, `count` and `result()` in words."""
    total, count, result = (f"{value:.4g}".replace("-", MINUS) for value in state)
    return f"total is {total}, count is {count}, result() is {result}"


def _state(metric):
    return tuple(float(value) for value in (metric.total, metric.count, metric.result()))


def _new_text(metric):
    """Return the line that makes the metric: its class and the arguments it was given."""
    config = metric.get_config() if hasattr(metric, "get_config") else {}
    parameters = inspect.signature(type(metric)).parameters
    given = [
        f"{name}={value}"
        for name, value in config.items()
        if name in parameters and name != "dtype" and value != parameters[name].default
    ]
    return f"metric = {type(metric).__name__}({', '.join(given)})"


def _call_text(call):
    if call is None:
        return "metric.reset_state()"
    return f"metric.{call[0]}({', '.join(map(str, call[1:]))})"


def _moment(lines, calls, step):
    if step == 0:
        return "New"
    if calls[step - 1] is None:
        return "Nothing called"
    return f"After {lines[step][len('metric.') :]}"


def list_calls(axes, lines, step, left_out=()):
    """List calls as code, with a mark at the one made last.

    Args:
        axes: where to write.
        lines: the lines of code, the first of which makes the metric.
        step: the line that ran last. Those after it are still to come.
        left_out: the numbers of lines that are skipped, counted from 0.
    """
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    for line, text in enumerate(lines):
        now, skipped = line == step, line in left_out
        axes.text(
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


def draw_state(axes, state, history, signed=False):
    """Draw a state as three bars, on limits that hold for the whole of its history.

    Args:
        axes: where to draw.
        state: `total`, `count` and `result()`.
        history: all the states that share the limits, each like `state`.
        signed: whether to leave room for numbers below 0.
    """
    names = ("total", "count", "result()")
    hues = [COLORS["context"], COLORS["context"], COLORS["prediction"]]
    axes.barh(names, state, color=hues, height=0.55)
    furthest = max(abs(value) for moment in history for value in moment) or 1
    axes.set(xlim=(-1.25 * furthest if signed else 0, 1.25 * furthest))
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
