"""A session with a metric: its calls, its state, and how the state came about."""

from helpers.charts.timeline import draw_state, list_calls, state_words
from helpers.figures import COLORS, MINUS

import matplotlib.pyplot as plt

ROWS = 7  # calls in sight
MOMENTS = 8  # the history has room for at least so many calls


def session_figure(session, step=None):
    """Draw a session's calls, the state after the first `step` of them, and the results till then.

    Args:
        session: a `helpers.playground.Session`, or what has its `lines`, `states` and `means`.
        step: how many of the calls have been made; all of them by default.

    Returns:
        A Matplotlib Figure whose title gives the state and the mean of the batches' results.
    """
    step = len(session.lines) - 1 if step is None else step
    figure, (code, bars, history) = plt.subplots(
        3, 1, figsize=(5.2, 6.2), height_ratios=(ROWS * 0.8, 4, 4.5)
    )
    first = max(0, min(step - ROWS + 2, len(session.lines) - ROWS))
    list_calls(code, session.lines[first : first + ROWS], step - first, rows=ROWS)
    mean = session.means[step]
    draw_state(bars, session.states[step], session.states, _signed(session))
    _draw_history(history, session, step)
    made = session.lines[step].partition("  #")[0]
    moment = f"After {made}" if step else "New"
    ending = "" if mean is None else f", the mean of the batches is {_short(mean)}"
    figure.suptitle(f"{moment}: {state_words(session.states[step])}{ending}")
    return figure


def _signed(session):
    return any(value < 0 for state in session.states for value in state)


def _short(value):
    return f"{value:.4g}".replace("-", MINUS)


def _draw_history(axes, session, step):
    """Draw result() after each call, and the mean of the batches' own results since the reset."""
    calls = range(step + 1)
    results = [state[2] for state in session.states[: step + 1]]
    means = [(call, session.means[call]) for call in calls if session.means[call] is not None]
    axes.plot(calls, results, "-o", color=COLORS["prediction"], markersize=6)
    for call, mean in means:
        axes.plot(call, mean, "s", color=COLORS["context"], markersize=9, fillstyle="none")
    everything = [state[2] for state in session.states] + [
        m for m in session.means if m is not None
    ]
    low, high = min(0, *everything), max(0, *everything) or 1
    room = 0.12 * (high - low)
    last = max(MOMENTS, len(session.lines) - 1)
    axes.set(xlim=(-0.3, 1.42 * last), ylim=(low - room, high + room), xlabel="calls made")
    axes.set_xticks(range(0, last + 1, 1 if last <= 12 else 5))
    _name(axes, step, results[-1], session.means[step])


def _name(axes, step, result, mean):
    """Write what the last two marks are beside them, one above the other where they meet."""
    low, high = axes.get_ylim()
    together = mean is not None and abs(mean - result) < 0.14 * (high - low)
    shift = 9 * (1 if mean is None or result >= mean else -1) if together else 0
    marks = [(result, "result()", "prediction", shift)]
    if mean is not None:
        marks.append((mean, "mean of batches", "context", -shift))
    for value, text, hue, up in marks:
        axes.annotate(
            text,
            (step, value),
            xytext=(10, up),
            textcoords="offset points",
            va="center",
            weight="bold",
            color=COLORS[hue],
        )
