"""Run in a page's kernel, after its cells: move every control that the page displays.

It knows no page and no helper. A control is what ipywidgets calls one; a move must call something
that changes another displayed widget, and nothing may fail.
"""

import sys

import ipywidgets

MAX_STOPS = 60  # of a control with more stops, the first, the middle and the last are enough
PASSIVE = (ipywidgets.HTML, ipywidgets.Label, ipywidgets.Output, ipywidgets.Box)
FIELDS = (ipywidgets.Text, ipywidgets.FloatText)  # what they hold may wait for a button
ALERT = "role='alert'"  # how the book's helpers say, in the place of a picture, what went wrong


def report(models: dict) -> dict:
    """Move all controls below the displayed widgets.

    Args:
        models: for each cell's id the ids of the widgets that it displays.

    Returns:
        `faults`, a sentence each; `moves`, for each cell how often a control was moved; and
        `helpers` and `prefix`, where the page's helpers and its Python lie.
    """
    known = getattr(ipywidgets.widgets.widget, "_instances", None) or ipywidgets.Widget.widgets
    result = {"faults": [], "moves": {}, "prefix": sys.prefix}
    result["helpers"] = getattr(sys.modules.get("helpers"), "__file__", None)
    for cell, ids in models.items():
        moves, faults = _move_all([known[model] for model in ids])
        result["moves"][cell] = moves
        result["faults"] += [f"cell '{cell}': {fault}" for fault in faults]
    return result


def _below(widget):
    """Return a widget and all that it holds."""
    return [widget] + [each for child in getattr(widget, "children", ()) for each in _below(child)]


def _all_below(roots):
    return [widget for root in roots for widget in _below(root)]


def _move_all(roots):
    """Move each control to all its stops, and back; return the number of moves and the faults."""
    moves, faults = 0, []
    for control in (widget for widget in _all_below(roots) if not isinstance(widget, PASSIVE)):
        name = f"{type(control).__name__} {getattr(control, 'description', '')!r}"
        before, seen = _seen(roots, control), set()
        try:
            for move in _moves(control):
                move()
                moves += 1
                seen.add(_seen(roots, control))
        except Exception as error:
            faults.append(f"{name} raised {type(error).__name__}: {error}")
            continue
        if not seen - {before} and not isinstance(control, FIELDS):
            faults.append(f"{name} changed nothing")
        if any(ALERT in shown for shown in seen):
            faults.append(f"{name} brought an alert: {max(seen, key=lambda s: ALERT in s)[:500]}")
    return moves, faults


def _moves(control):
    """Return the moves of a control as functions; the last one leaves it where it was.

    Raises:
        TypeError: it is of a kind that this module does not know.
    """
    if isinstance(control, ipywidgets.Button):
        return [control.click, control.click]
    if isinstance(control, FIELDS):
        other = "?" if isinstance(control, ipywidgets.Text) else control.value + 1
        return [lambda at=at: setattr(control, "value", at) for at in (other, control.value)]
    if hasattr(control, "options"):
        stops = list(range(len(control.options)))
        return [lambda at=at: setattr(control, "index", at) for at in _some(stops, control.index)]
    if isinstance(control.value, bool):
        return [
            lambda at=at: setattr(control, "value", at) for at in (not control.value, control.value)
        ]
    if hasattr(control, "min") and hasattr(control, "max"):
        step = getattr(control, "step", None) or 1
        count = round((control.max - control.min) / step)
        stops = [type(control.value)(control.min + number * step) for number in range(count + 1)]
        return [lambda at=at: setattr(control, "value", at) for at in _some(stops, control.value)]
    raise TypeError("no rule says how to move it")


def _some(stops, rest):
    few = [stops[0], stops[len(stops) // 2], stops[-1]]
    return [*(stops if len(stops) <= MAX_STOPS else few), rest]


def _seen(roots, control):
    """Return what the widgets other than the control show."""
    shown = ("value", "outputs", "options", "disabled", "description", "min", "max")
    return repr(
        [
            [widget.layout.display, *(getattr(widget, name, None) for name in shown)]
            for widget in _all_below(roots)
            if widget is not control
        ]
    )
