"""The life of a metric, from the first call to the reset."""

from helpers.charts.timeline import draw_states, state_of

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
    lines, states = [f"{type(metric).__name__}()"], [state_of(metric)]
    for line, method, *arguments in calls:
        getattr(metric, method)(*arguments)
        lines.append(line)
        states.append(state_of(metric))
    figure, columns = plt.subplots(
        1, 4, figsize=(5.2, 0.36 * len(lines) + 0.9), width_ratios=(2.5, 1, 1, 1)
    )
    furthest = max(max(total, count) for total, count, _ in states)
    draw_states(columns, lines, states, (furthest, furthest, 1), family="monospace", fontsize=11)
    total, count, result = max(states, key=lambda state: state[1])
    ending = "" if states[-1][1] else ", and the reset takes both back to 0"
    figure.suptitle(
        f"One epoch: total grows to {total:.4g} and count to {count:.4g}, "
        f"result() is {result:.4g}{ending}"
    )
    return figure
