"""One slider for every reader: live in a kernel, recorded frames on a page without one.

A figure is drawn by a pure function. `slide` shows it for every value of its parameters:
as live ipywidgets where a kernel answers, as frames embedded in HTML where none does
(the website, nbviewer, an exported page, a file on a USB stick), and as alternative text.
"""

import inspect
import itertools
import json
import math
import os
import sys
from html import escape
from importlib.resources import files

from helpers import figures

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

MAX_PARAMETERS = 3
MAX_FRAMES = 400


def slide(draw, start=(), **values):
    """Show the figure that `draw` returns for every value of one to three parameters.

    Args:
        draw: a function that takes each parameter by name and returns a Matplotlib Figure.
            The figure's title states what is to be seen; it stands above the picture and is
            its text alternative. `draw` is called once for each combination of values, and
            again at every move in a live kernel, so it must depend on nothing else.
        start: where controls stand before anyone moves them: a dictionary of names of parameters
            and one of their values each, as in `start={"p": 0.3}`. A parameter that it does not
            name stands at its first value. (So no parameter can be called `start`.)
        **values: for each parameter its values, in order. Numbers make a slider, strings a
            choice, `[False, True]` (in either order) a switch.

    Returns:
        An object that shows itself when it ends a cell.

    Raises:
        TypeError: `draw` cannot be called with the parameters or returned no Figure; a
            parameter's values are no sequence of numbers, strings or booleans; `start` is no
            dictionary.
        ValueError: no parameter, more than three, one without values or with a value twice;
            more than 400 frames in all; `start` names no parameter, or a value that it lacks.
        RuntimeError: `draw` raised; the message names the value and the error.

    Example:
        slide(draw, start={"p": 0.5}, p=np.arange(0.02, 1, 0.02), logits=[False, True])
    """
    parameters = [_Parameter(*item) for item in values.items()]
    _check_number(parameters)
    _check_draw(draw, parameters)
    _place(parameters, start)
    return Slide(draw, parameters)


class _Parameter:
    """A parameter's name, its values, their labels, and the position that is shown first."""

    def __init__(self, name, values):
        self.name = name
        self.values = self._checked(values)
        self.kind = self._kind()
        self.labels = self._labels()
        self.start = 0

    @property
    def first(self):
        """The value that is shown first."""
        return self.values[self.start]

    def _checked(self, values):
        expected = f"slide: {self.name} expects a list, range or 1-D array of values"
        if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__"):
            raise TypeError(f"{expected}; it came as {type(values).__name__} {values!r}")
        values = [v.item() if isinstance(v, np.generic) else v for v in values]
        if not values:
            raise ValueError(f"{expected}; it came empty")
        for position, value in enumerate(values):
            if not isinstance(value, (bool, int, float, str)):
                raise TypeError(
                    f"slide: {self.name} has a {type(value).__name__} as value {position}: "
                    f"{value!r}; expected numbers, strings or booleans"
                )
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(
                    f"slide: {self.name} has {value} as value {position}; expected a finite number"
                )
            if value in values[:position]:
                raise ValueError(
                    f"slide: {self.name} has the value {value!r} twice; expected it once"
                )
        return _snap_to_zero(values)

    def _kind(self):
        kinds = {
            "switch" if isinstance(value, bool) else "choice" if isinstance(value, str) else "range"
            for value in self.values
        }
        if len(kinds) > 1:
            raise TypeError(
                f"slide: {self.name} mixes kinds of values: {self.values!r}; "
                "expected only numbers, only strings or only booleans"
            )
        return kinds.pop()

    def _labels(self):
        if self.kind == "switch":
            return ["on" if value else "off" for value in self.values]
        if self.kind == "choice":
            return list(self.values)
        short = [f"{value:.10g}" for value in self.values]
        if any("e" in text for text in short):
            return short
        decimals = max(len(text.partition(".")[2]) for text in short)
        return [f"{value:.{decimals}f}".replace("-", figures.MINUS) for value in self.values]


def _snap_to_zero(values):
    """Return the values with a clean 0 where np.arange(-1, 1, 0.1) leaves -2.2e-16."""
    largest = max((abs(value) for value in values if isinstance(value, float)), default=0)
    return [0.0 if isinstance(v, float) and abs(v) < 1e-9 * largest else v for v in values]


def _check_number(parameters):
    names = [parameter.name for parameter in parameters]
    if not parameters:
        raise ValueError(
            "slide: no parameter came; expected one to three with their values, "
            "as in slide(draw, p=[0.1, 0.5, 0.9])"
        )
    if len(parameters) > MAX_PARAMETERS:
        raise ValueError(
            f"slide: {len(parameters)} parameters came ({', '.join(names)}); "
            f"expected at most {MAX_PARAMETERS}"
        )
    frames = math.prod(len(parameter.values) for parameter in parameters)
    if frames > MAX_FRAMES:
        sizes = " times ".join(f"{len(p.values)} values of {p.name}" for p in parameters)
        raise ValueError(
            f"slide: {sizes} make {frames} frames; expected at most {MAX_FRAMES}: use fewer values"
        )


def _check_draw(draw, parameters):
    if not callable(draw):
        raise TypeError(
            f"slide: draw is a {type(draw).__name__}; expected a function that returns a Figure"
        )
    try:
        inspect.signature(draw).bind(**{parameter.name: None for parameter in parameters})
    except TypeError as error:
        names = ", ".join(parameter.name for parameter in parameters)
        raise TypeError(f"slide: draw cannot be called with ({names}): {error}") from None


def _place(parameters, start):
    """Have each parameter that `start` names begin at the value that stands there."""
    try:
        start = dict(start)
    except (TypeError, ValueError):
        raise TypeError(
            f"slide: start is a {type(start).__name__}: {start!r}; "
            'expected a dictionary of parameters and values, as in start={"p": 0.5}'
        ) from None
    known = {parameter.name: parameter for parameter in parameters}
    for name, value in start.items():
        if name not in known:
            raise ValueError(f"slide: start names {name!r}; expected one of {', '.join(known)}")
        known[name].start = _position(known[name], value)


def _position(parameter, value):
    """Return where the value stands; a number may differ in its last bits, as 0.1 + 0.2 does."""

    def equal(other):
        numbers = parameter.kind == "range" and isinstance(value, (int, float, np.number))
        return math.isclose(other, value, abs_tol=1e-12) if numbers else other == value

    found = [at for at, other in enumerate(parameter.values) if equal(other)]
    if not found:
        raise ValueError(
            f"slide: start has {parameter.name}={value!r}; "
            f"expected one of its values: {', '.join(parameter.labels)}"
        )
    return found[0]


class Slide:
    """A figure at every value of its parameters. Made by `slide`."""

    def __init__(self, draw, parameters):
        self._draw = draw
        self._parameters = parameters
        self._first = self.frame(*(parameter.first for parameter in parameters))

    def frame(self, *values):
        """Return (SVG, alternative text) of one combination of values, drawn now."""
        point = {p.name: value for p, value in zip(self._parameters, values, strict=True)}
        named = ", ".join(f"{name}={value!r}" for name, value in point.items())
        before = set(plt.get_fignums())
        try:
            figure = self._draw(**point)
            if not isinstance(figure, Figure):
                raise TypeError(
                    f"slide: draw({named}) returned a {type(figure).__name__}; "
                    "expected a Matplotlib Figure"
                )
            return figures.svg(figure), figures.alt_text(figure) or named
        except Exception as error:
            if isinstance(error, TypeError) and str(error).startswith("slide: "):
                raise
            raise RuntimeError(
                f"slide: draw({named}) raised {type(error).__name__}: {error}"
            ) from error
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)

    def __repr__(self):
        controls = "; ".join(
            f"{p.name} from {p.labels[0]} to {p.labels[-1]}, {len(p.values)} stops"
            for p in self._parameters
        )
        return f"Slider: {controls}\n{self._first[1]}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return mimebundle(self, still=figures.still_html(*self._first))

    def widget(self):
        """Return live controls that call `draw` at every move, over the picture."""
        import ipywidgets as widgets

        controls = [_control(widgets, parameter) for parameter in self._parameters]
        picture = widgets.HTML(figures.live_html(*self._first))

        def redraw(change=None):
            try:
                frame = self.frame(*(control.value for control in controls))
            except (RuntimeError, TypeError) as error:
                picture.value = f"<p role='alert'>{escape(str(error))}</p>"
            else:
                picture.value = figures.live_html(*frame)

        for control in controls:
            control.observe(redraw, names="value")
        return widgets.VBox([*controls, picture])

    def html(self):
        """Return self-contained HTML: every frame, the controls, and the script that moves them."""
        first = tuple(parameter.first for parameter in self._parameters)
        frames = [
            self._first if values == first else self.frame(*values)
            for values in itertools.product(*(parameter.values for parameter in self._parameters))
        ]
        source = files("helpers.slider")
        data = {
            "sizes": [len(parameter.values) for parameter in self._parameters],
            "labels": [parameter.labels for parameter in self._parameters],
            "words": [text for _, text in frames],
            **_packed([picture for picture, _ in frames]),
        }
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        packed = packed.replace("<", "\\u003c")  # no text can end the script, or begin a comment
        controls = "".join(map(_control_html, self._parameters))
        return (
            f"<style>{figures.CSS}{source.joinpath('slider.css').read_text('utf-8')}</style>"
            f'<div class="book-slider"><div class="controls">{controls}</div>'
            f"{figures.figure_html(*self._first, live=True)}"
            f'<script type="application/json">{packed}</script>'
            f"<script>{source.joinpath('slider.js').read_text('utf-8')}</script></div>"
        )


def mimebundle(shown, still=None):
    """Return what a notebook keeps of an object: its text, live controls, recorded frames.

    Args:
        shown: an object with `__repr__` for the text, `widget()` for the controls and `html()`
            for the frames.
        still: HTML that a live kernel keeps in the place of frames that take long to record. Its
            reader sees the controls, and would wait for frames that nobody looks at. So it is
            where the environment says RECORD_FRAMES=no, as tests of the text alone do.

    Returns:
        A dictionary of MIME types for IPython. Whoever shows it takes the one that fits.
    """
    bundle, interactive = {"text/plain": repr(shown)}, _kernel_is_interactive()
    if interactive:
        bundle["application/vnd.jupyter.widget-view+json"] = {
            "version_major": 2,
            "version_minor": 0,
            "model_id": shown.widget().model_id,
        }
    if "google.colab" not in sys.modules:  # Colab keeps a kernel, and would show both
        unseen = interactive or os.environ.get("RECORD_FRAMES") == "no"
        bundle["text/html"] = still if unseen and still else shown.html()
    return bundle


def _kernel_is_interactive():
    """Return whether live controls may meet a reader.

    nbclient and all that build on it (nbconvert, this book's own build) run a notebook with nobody
    at it, and say so: their kernel may not ask for input. A live control that they saved would
    stand dead in the exported page, in the place of the recorded frames.
    """
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython and ipython.get_ipython(), "kernel", None)
    return getattr(kernel, "_allow_stdin", True)


def _packed(pictures):
    """Return the frames as one table of distinct lines and, for each frame, its line numbers.

    Frames share almost all their lines, so the page is several times smaller to parse, and a
    frame is put together again by looking its lines up.
    """
    number_of = {}
    frames = [
        [number_of.setdefault(line.strip(), len(number_of)) for line in picture.split("\n")]
        for picture in pictures
    ]
    return {"lines": list(number_of), "frames": frames}


def _control_html(parameter):
    """Return a native control: a range for numbers, a list for strings, a box for a switch."""
    name, start, last = escape(parameter.name), parameter.start, len(parameter.values) - 1
    if parameter.kind == "range":
        label = escape(parameter.labels[start])
        control = (
            f'<input type="range" min="0" max="{last}" step="1" value="{start}" '
            f'autocomplete="off" aria-valuetext="{label}">'
        )
        return f"<label><span>{name}</span>{control}<output>{label}</output></label>"
    if parameter.kind == "switch" and last == 1:
        checked = " checked" if parameter.first else ""
        box = f'<input type="checkbox" role="switch" autocomplete="off"{checked}>'
        return f"<label>{box}<span>{name}</span></label>"
    options = "".join(
        f"<option{' selected' if at == start else ''}>{escape(label)}</option>"
        for at, label in enumerate(parameter.labels)
    )
    return f'<label><span>{name}</span><select autocomplete="off">{options}</select></label>'


def _control(widgets, parameter):
    """Return the live control; only kinds that ipywidgets 7.7.1 and 8 share."""
    options = list(zip(parameter.labels, parameter.values, strict=True))
    settings = {
        "description": parameter.name,
        "value": parameter.first,
        "style": {"description_width": "initial"},
    }
    if parameter.kind == "range":
        layout = widgets.Layout(width="auto", max_width="36rem")
        return widgets.SelectionSlider(options=options, layout=layout, **settings)
    if parameter.kind == "switch" and len(parameter.values) == 2:
        return widgets.Checkbox(indent=False, **settings)
    return widgets.Dropdown(options=options, **settings)
