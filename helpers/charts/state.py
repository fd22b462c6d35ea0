"""A metric's state, call by call."""

from helpers.figures import COLORS, MINUS

import matplotlib.pyplot as plt


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
