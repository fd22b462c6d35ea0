"""A session with a metric as a chart: text alone, for Matplotlib does not run in the browser."""

from helpers import figures
from helpers.charts.timeline import state_words
from helpers.tables import table

WIDTH, HEIGHT = 380, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 260, 14, 160  # of the axes
MOMENTS = 8  # there is room for at least so many calls
ROWS = 8  # calls in sight
NEAR = 16  # the labels of two marks nearer than this would meet


def words(session):
    """Return what the state of a session is after its last call."""
    mean = session.means[-1]
    ending = "" if mean is None else f", the mean of the batches is {_short(mean)}"
    return f"{_moment(session)}: {state_words(session.states[-1])}{ending}"


def chart(session):
    """Return HTML of a session: its results call by call, and its last calls as a table.

    Args:
        session: a `helpers.playground.Session`, or what has its `lines`, `states`, `means` and
            `alone`.
    """
    picture = history([state[2] for state in session.states], session.means)
    return (
        f'<style>{figures.CSS}</style><div class="book-figure"><div class="picture" role="img" '
        f'aria-label="Chart: {words(session)}">{picture}</div></div>{_calls(session)}'
    )


def history(results, means):
    """Return SVG of the result after each call, and of the mean of the batches where there is one.

    Args:
        results: `result()` after each call.
        means: the mean of the batches' own results after each call, or None.
    """
    numbers = [*results, *(mean for mean in means if mean is not None)]
    low, high = min(0, *numbers), max(0, *numbers)
    high = 1 if low == high else high
    last = max(MOMENTS, len(results) - 1)

    def x(call):
        return round(LEFT + (RIGHT - LEFT) * call / last, 1)

    def y(value):
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    path = " ".join(f"{x(call)},{y(result)}" for call, result in enumerate(results))
    parts = [
        f'<path d="M{LEFT - 8} {TOP - 8}V{BOTTOM + 8}H{RIGHT + 8}" stroke="currentColor" '
        'fill="none" opacity=".6"/>',
        *(_text(LEFT - 12, y(value), _short(value), "end") for value in sorted({low, 0, high})),
        *(
            _text(x(call), BOTTOM + 22, call, "middle")
            for call in range(0, last + 1, 1 + last // 12)
        ),
        _text(RIGHT + 14, BOTTOM + 22, "calls made"),
        f'<polyline points="{path}" fill="none" stroke="var(--prediction)" stroke-width="1.5"/>',
        *(_mark(x(call), y(mean)) for call, mean in enumerate(means) if mean is not None),
        *(
            f'<circle cx="{x(call)}" cy="{y(result)}" r="3.5" fill="var(--prediction)"/>'
            for call, result in enumerate(results)
        ),
        *_names(
            x(len(results) - 1) + 9, y(results[-1]), None if means[-1] is None else y(means[-1])
        ),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" fill="currentColor" aria-hidden="true" '
        f'font-family="system-ui" font-size="12">{"".join(parts)}</svg>'
    )


def _mark(x, y):
    return (
        f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="none" '
        'stroke="var(--context)" stroke-width="1.5"/>'
    )


def _names(x, result, mean):
    """Return what the last two marks are beside them, one above the other where they meet."""
    if mean is not None and abs(mean - result) < NEAR:
        up = -NEAR / 2 if result <= mean else NEAR / 2
        result, mean = result + up, mean - up
    names = [_text(x, result, "result()", hue="prediction")]
    if mean is not None:
        names.append(_text(x, mean, "mean of batches", hue="context"))
    return names


def _text(x, y, text, anchor="start", hue=None):
    look = f' fill="var(--{hue}-text)" font-weight="bold"' if hue else ""
    return f'<text x="{x}" y="{y + 4}" text-anchor="{anchor}"{look}>{text}</text>'


def _calls(session):
    """Return the last calls and the state after each of them as a table, the newest one below."""
    rows = zip(session.lines, session.alone, session.states, session.means, strict=True)
    columns = [
        (line.partition("(**")[2].rstrip(")") or line, *map(_short, (own, *state, mean)))
        for line, own, state, mean in list(rows)[-ROWS:]
    ]
    names = ("after", "alone", "total", "count", "result()", "mean of batches")
    return table(**dict(zip(names, zip(*columns, strict=True), strict=True)))._repr_html_()


def _moment(session):
    return f"After {session.lines[-1]}" if len(session.lines) > 1 else "New"


def _short(value):
    return "" if value is None else figures.number(value)
