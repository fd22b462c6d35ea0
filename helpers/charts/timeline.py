"""A metric's state, call by call."""

import inspect

from helpers.figures import COLORS, bars, number, write

import matplotlib.pyplot as plt

STATE = {"total": "context", "count": "context", "result()": "prediction"}  # and what it is about


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
    history, hues = [state_of(metric)], ["truth"]
    for position, call in enumerate(calls, 1):
        if call is not None:
            getattr(metric, call[0])(*call[1:])
        history.append(state_of(metric))
        hues.append("context" if call is None or position > step else "truth")
    lines = [_new_text(metric), *map(_call_text, calls)]
    figure, (code, below) = plt.subplots(
        2, 1, figsize=(5.2, 0.4875 * (len(lines) + 4)), height_ratios=(len(lines), 4)
    )
    list_code(code, lines, [step], hues)
    draw_state(below, history[step], history, signed)
    remark = ", reset left out" if None in calls else ""
    moment = _moment(lines, calls, step)
    figure.suptitle(f"{moment}{remark}: {state_words(history[step])}")
    return figure


def state_words(state):
    """Return what a state says: `total`, `count` and `result()` in words."""
    total, count, result = map(number, state)
    return f"total is {total}, count is {count}, result() is {result}"


def state_of(metric):
    """Return a metric's `total`, `count` and `result()` as numbers."""
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
        return "metric.reset_state()   (left out)"
    return f"metric.{call[0]}({', '.join(map(str, call[1:]))})"


def _moment(lines, calls, step):
    if step == 0:
        return "New"
    if calls[step - 1] is None:
        return "Nothing called"
    return f"After {lines[step][len('metric.') :]}"


def list_code(axes, lines, now, hues, indent=0.06, **style):
    """List lines of code, with a mark at those that run now.

    Args:
        axes: where to write.
        lines: the lines of code, from top to bottom.
        now: the numbers of the lines that run now, from 0.
        hues: for each other line its hue, one of `COLORS`.
        indent: where a line begins that is not indented; the axes end at 1.
        **style: what else the text is, such as `fontsize=11`.
    """
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5))
    for row, (line, hue) in enumerate(zip(lines, hues, strict=True)):
        code, runs = line.lstrip(), row in now
        axes.text(
            indent + 0.022 * (len(line) - len(code)),
            row,
            code,
            family="monospace",
            va="center",
            weight="bold" if runs else "normal",
            color=COLORS["prediction" if runs else hue],
            **style,
        )
        if runs:
            axes.plot(indent / 3, row, marker=">", markersize=9, color=COLORS["prediction"])


def draw_state(axes, state, history, signed=False):
    """Draw a state as three bars, on limits that hold for the whole of its history.

    Args:
        axes: where to draw.
        state: `total`, `count` and `result()`.
        history: all the states that share the limits, each like `state`.
        signed: whether to leave room for numbers below 0.
    """
    bars(axes, dict(zip(STATE, state, strict=True)), STATE.values())
    furthest = max(abs(value) for moment in history for value in moment) or 1
    axes.set(xlim=(-1.25 * furthest if signed else 0, 1.25 * furthest))
    axes.axvline(0, color=COLORS["truth"], linewidth=0.8)
    axes.spines["left"].set_visible(False)


def draw_states(columns, names, states, ends, **style):
    """Draw one state a row: its name, and its three numbers as bars.

    Args:
        columns: four axes side by side, for the names, `total`, `count` and `result()`.
        names: the name of each state, from top to bottom.
        states: the states.
        ends: the largest number of each of the three columns.
        **style: what else the names are, such as `family="monospace"`.
    """
    left, *right = columns
    left.set(xlim=(0, 1))
    for row, name in enumerate(names):
        left.text(0, row, name, va="center", **style)
    for axes in columns:
        axes.set_axis_off()
        axes.set_ylim(len(names) - 0.5, -0.8)
    for column, (axes, name) in enumerate(zip(right, STATE, strict=True)):
        hue = COLORS[STATE[name]]
        values = [state[column] for state in states]
        axes.barh(range(len(values)), values, color=hue, height=0.6)
        axes.axvline(0, color=COLORS["truth"], linewidth=0.8)
        axes.set(xlim=(0, 1.7 * ends[column]))
        axes.set_title(name, color=hue)
        for row, value in enumerate(values):
            write(axes, f"{value:.4g}", (value, row))
