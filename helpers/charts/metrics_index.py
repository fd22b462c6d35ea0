"""The life of a metric, from the first call to the reset."""

from helpers.figures import COLORS

import matplotlib.pyplot as plt


def life(metric, calls):
    """Draw a metric's state after each of its calls, one row a call.

    Args:
        metric: a fresh metric with the variables `total` and `count` and the method `result`,
            from tf.keras or by hand. It is stepped call by call and left in that state.
        calls: the calls in order, each a line of code followed by a method's name and its
            arguments, such as `("update_state(batch_1)", "update_state", y_true, y_pred)`.

    Returns:
        A Matplotlib Figure whose title gives the state with the highest count.
    """
    lines, states = [f"{type(metric).__name__}()"], [_state(metric)]
    for line, method, *arguments in calls:
        getattr(metric, method)(*arguments)
        lines.append(line)
        states.append(_state(metric))
    figure, (code, *bars) = plt.subplots(
        1, 4, figsize=(5.2, 0.36 * len(lines) + 0.9), sharey=True, width_ratios=(2.5, 1, 1, 1)
    )
    for axes in (code, *bars):
        axes.set_axis_off()
    code.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.8))
    for row, line in enumerate(lines):
        code.text(0, row, line, family="monospace", va="center", fontsize=11)
    furthest = max(max(total, count) for total, count, _ in states)
    grey, blue = COLORS["context"], COLORS["prediction"]
    columns = [("total", furthest, grey), ("count", furthest, grey), ("result()", 1, blue)]
    for column, (axes, (name, end, hue)) in enumerate(zip(bars, columns, strict=True)):
        values = [state[column] for state in states]
        axes.barh(range(len(values)), values, color=hue, height=0.6)
        axes.axvline(0, color=COLORS["truth"], linewidth=0.8)
        axes.set(xlim=(0, 1.55 * end))
        axes.set_title(name, color=hue)
        for row, value in enumerate(values):
            axes.annotate(
                f"{value:.4g}",
                (value, row),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                weight="bold",
                fontsize=11,
            )
    total, count, result = max(states, key=lambda state: state[1])
    ending = "" if states[-1][1] else ", and the reset takes both back to 0"
    figure.suptitle(
        f"One epoch: total grows to {total:.4g} and count to {count:.4g}, "
        f"result() is {result:.4g}{ending}"
    )
    return figure


def _state(metric):
    return tuple(float(value) for value in (metric.total, metric.count, metric.result()))
