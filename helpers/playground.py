"""A playground for metrics: you set the batch, call its methods, and watch the state.

Live in a kernel; a recorded session with a slider where there is none. The calls stand below as
code that gives the same numbers wherever it runs.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from html import escape

from helpers import figures
from helpers.charts.playground import session_figure
from helpers.slider import mimebundle, slide

import numpy as np

MAX_SIZE = 12  # samples in a batch that is set by size and hits
MAX_NUMBERS = 100  # samples in a batch that is typed
MAX_TEXT = 2000  # characters
ALERT = f"border-left:4px solid {figures.COLORS['loss']};padding-left:.6em;font-weight:600"
LARGEST = 1e6  # a number that is typed: sums of many stay far from the largest float32
MAX_WEIGHT = 3


def playground(*metrics, recorded):
    """Show a playground for metrics of `tf.keras.metrics`.

    Args:
        *metrics: the classes to choose from, each one of those in `BATCHES`. The first one is
            chosen at the start.
        recorded: the session that a page without a kernel shows, made by the first metric: a
            list of `(size, hits)` or `(size, hits, weight)` for an update, None for a reset.

    Returns:
        An object that shows itself when it ends a cell.

    Raises:
        ValueError: no metric came, one that the playground has no batches for, or a recorded
            batch that cannot be.

    Example:
        playground(tf.keras.metrics.Mean, recorded=[(8, 8), (2, 1), None, (4, 3)])
    """
    if not metrics:
        raise ValueError("playground: no metric came; expected classes of tf.keras.metrics")
    for metric in metrics:
        if getattr(metric, "__name__", None) not in BATCHES:
            raise ValueError(f"playground: {metric!r} came; expected one of {', '.join(BATCHES)}")
    session = Session(metrics[0])
    for entry in recorded:
        if entry is None:
            session.reset_state()
        else:
            session.update_state(**batch(metrics[0].__name__, *entry))
    return Playground(metrics, session)


# The batches.


@dataclass(frozen=True)
class _Batches:
    """How batches for one class of metrics look."""

    make: object  # from a list of hits, True or False for each sample, to the arguments
    check: object  # from arguments as arrays to nothing, or a ValueError
    typed: dict  # texts to begin with


def _values(hits):
    return {"values": [float(hit) for hit in hits]}


def _binary(hits):
    y_true = [(position + 1) % 2 for position, _ in enumerate(hits)]
    score = {(1, True): 0.9, (1, False): 0.3, (0, True): 0.1, (0, False): 0.6}
    pairs = zip(y_true, hits, strict=True)
    return {"y_true": [[label] for label in y_true], "y_pred": [[score[pair]] for pair in pairs]}


def _sparse(hits):
    y_true = [position % 3 for position, _ in enumerate(hits)]
    chosen = [(label + (not hit)) % 3 for label, hit in zip(y_true, hits, strict=True)]
    return {
        "y_true": y_true,
        "y_pred": [[0.8 if c == k else 0.1 for k in range(3)] for c in chosen],
    }


def _categorical(hits):
    batch = _sparse(hits)
    one_hot = [[int(label == k) for k in range(3)] for label in batch["y_true"]]
    return {**batch, "y_true": one_hot}


def _check_values(values):
    _expect(values.ndim == 1, "values", values, "one number a sample, such as [1, 2, 3]")


def _check_binary(y_true, y_pred):
    shapes = "a list such as [1, 0], or a column such as [[1], [0]]"
    fits = y_true.ndim == 1 or y_true.shape[1:] == (1,)
    _expect(fits, "y_true", y_true, shapes)
    _expect_labels(y_true, 1)
    _expect(y_pred.shape == y_true.shape, "y_pred", y_pred, f"the shape of y_true, {y_true.shape}")


def _check_categorical(y_true, y_pred):
    _expect(y_true.ndim == 2, "y_true", y_true, "one row a sample, such as [[0, 1], [1, 0]]")
    for position, row in enumerate(y_true):
        if sorted(row) != [0] * (len(row) - 1) + [1]:
            raise ValueError(
                f"y_true has {_plain(row)} in row {position}; expected one 1, all others 0"
            )
    _expect(y_pred.shape == y_true.shape, "y_pred", y_pred, f"the shape of y_true, {y_true.shape}")


def _check_sparse(y_true, y_pred):
    _expect(y_true.ndim == 1, "y_true", y_true, "one class index a sample, such as [2, 0]")
    _expect(y_pred.ndim == 2, "y_pred", y_pred, "one row of scores a sample")
    _expect(len(y_pred) == len(y_true), "y_pred", y_pred, f"{len(y_true)} rows, as y_true has")
    _expect_labels(y_true, y_pred.shape[1] - 1)


def _expect(holds, name, came, expected):
    if not holds:
        raise ValueError(f"{name} came with shape {came.shape}; expected {expected}")


def _expect_labels(y_true, largest):
    for label in y_true.ravel():
        if label not in range(largest + 1):
            raise ValueError(f"y_true holds the label {_plain(label)}; expected 0 to {largest}")


BATCHES = {
    "Mean": _Batches(_values, _check_values, {"values": "[1, 2, 3, 4, 5]"}),
    "BinaryAccuracy": _Batches(
        _binary, _check_binary, {"y_true": "[[0], [1]]", "y_pred": "[[0.3], [0.8]]"}
    ),
    "CategoricalAccuracy": _Batches(
        _categorical,
        _check_categorical,
        {
            "y_true": "[[0, 0, 1], [0, 1, 0]]",
            "y_pred": "[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]",
        },
    ),
    "SparseCategoricalAccuracy": _Batches(
        _sparse,
        _check_sparse,
        {"y_true": "[2, 1]", "y_pred": "[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]"},
    ),
}


def batch(metric, size, hits, weight=1):
    """Return the arguments of `update_state` for a batch, most of it right or little.

    Args:
        metric: the name of the metric's class, one of those in `BATCHES`.
        size: how many samples, from 1 to 12.
        hits: how many of them are right, from 0 to `size`. For `Mean` these are the values 1,
            and the others 0.
        weight: the weight of each sample, from 0 to 3.

    Returns:
        A dictionary of lists, with `sample_weight` unless the weight is 1.

    Raises:
        ValueError: a number is out of range or not whole.
    """
    size = _in_range("size", size, 1, MAX_SIZE, whole=True)
    hits = _in_range("hits", hits, 0, size, whole=True)
    weight = _in_range("weight", weight, 0, MAX_WEIGHT)
    arguments = BATCHES[metric].make([position < hits for position in range(size)])
    return arguments if weight == 1 else {**arguments, "sample_weight": [weight] * size}


def _in_range(name, value, low, high, whole=False):
    kind = "a whole number" if whole else "a number"
    expected = f"expected {kind} from {low} to {high}"
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is {value!r}; {expected}") from None
    if not low <= number <= high or (whole and number != int(number)):  # nan is in no range
        raise ValueError(f"{name} is {value}; {expected}")
    return int(number) if number == int(number) else number


def typed_batch(metric, **texts):
    """Return the arguments of `update_state` for a batch that was typed.

    Args:
        metric: the name of the metric's class, one of those in `BATCHES`.
        **texts: each argument's name and its numbers as Python writes them. An empty
            `sample_weight` is none.

    Raises:
        ValueError: a text is no list of finite numbers, or the numbers make no batch.
    """
    weight = texts.pop("sample_weight", "")
    arguments = {name: _numbers(name, text) for name, text in texts.items()}
    arrays = {name: np.float32(numbers) for name, numbers in arguments.items()}
    BATCHES[metric].check(**arrays)
    if not weight.strip():
        return arguments
    weights = _numbers("sample_weight", weight)
    size = len(next(iter(arrays.values())))
    _expect(np.shape(weights) == (size,), "sample_weight", np.array(weights), f"{size} numbers")
    if min(weights) < 0:
        raise ValueError(f"sample_weight holds {min(weights)}; expected numbers of 0 or more")
    return {**arguments, "sample_weight": weights}


def _numbers(name, text):
    """Return the numbers that a text writes, a list or a list of lists."""
    expected = "expected numbers in brackets, such as [0.2, 0.9]"
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    if len(text) > MAX_TEXT:
        raise ValueError(f"{name} has {len(text)} characters; expected at most {MAX_TEXT}")
    if odd := re.search(r"\b(nan|inf|infinity)\b", text, flags=re.IGNORECASE):
        raise ValueError(f"{name} holds {odd[0]}, which stays until the reset; {expected}")
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd literals, such as 1else
            numbers = ast.literal_eval(text.strip())
        array = np.array(numbers, dtype="float64")
    except (ValueError, TypeError, SyntaxError, OverflowError, MemoryError, RecursionError):
        raise ValueError(f"{name} came as {shown!r}; {expected}") from None
    if not isinstance(numbers, list) or not 1 <= array.ndim <= 2:
        raise ValueError(f"{name} came as {shown!r}; {expected}")
    if not 1 <= len(array) <= MAX_NUMBERS or not array.size:
        raise ValueError(f"{name} has {len(array)} entries; expected 1 to {MAX_NUMBERS}")
    if np.abs(array).max() > LARGEST:
        largest = array.flat[np.abs(array).argmax()]
        raise ValueError(f"{name} holds {largest:g}; expected at most {LARGEST:g} in size")
    return numbers


# The session.


class Session:
    """A metric of `tf.keras.metrics`, the calls made on it, and its state after each of them.

    Attributes:
        lines: the calls in short, the first of which makes the metric.
        states: `(total, count, result())` after each line.
        means: after each line, the mean of the results that the batches since the last reset
            have by themselves; None where there was no batch.
    """

    def __init__(self, metric):
        """Begin with a new metric of the class `metric`."""
        self._class, self._metric = metric, metric()
        self._code, self._alone, self._batches = [], [], 0
        self.lines, self.states, self.means = [], [], []
        self._made(f"{metric.__name__}()")

    @property
    def name(self):
        """The name of the metric's class."""
        return self._class.__name__

    def update_state(self, **arguments):
        """Show the metric a batch.

        Raises:
            ValueError: Keras refuses the batch. The state stays as it was.
        """
        alone = self._class()  # what goes wrong goes wrong on this one
        try:
            alone.update_state(**arguments)
        except Exception as error:
            raise ValueError(f"Keras refuses the batch: {error}") from error
        self._metric.update_state(**arguments)
        result = float(alone.result())
        self._alone.append(result)
        self._batches += 1
        size = len(next(iter(arguments.values())))
        name = f"batch_{self._batches}"
        self._code += [f"{name} = {arguments}", f"metric.update_state(**{name})"]
        self._made(f"update_state(**{name})  # N={size}: {result:.3g}")

    def reset_state(self):
        """Reset the metric, and begin anew with the mean of the batches."""
        self._metric.reset_state()
        self._alone = []
        self._code.append("metric.reset_state()")
        self._made("reset_state()")

    def _made(self, line):
        self.lines.append(line)
        self.states.append(_state(self._metric))
        self.means.append(float(np.mean(self._alone)) if self._alone else None)

    def code(self):
        """Return a program that makes the same calls and prints the same state."""
        lines = ["import tensorflow as tf", "", f"metric = tf.keras.metrics.{self.name}()"]
        state = "float(metric.total), float(metric.count), float(metric.result())"
        return "\n".join([*lines, *self._code, f"print({state})"])


def _state(metric):
    return tuple(float(value) for value in (metric.total, metric.count, metric.result()))


def _plain(value):
    """Return a number or a row of numbers as one would write it."""
    return f"{value:g}" if np.ndim(value) == 0 else f"[{', '.join(f'{v:g}' for v in value)}]"


# What is shown.


class Playground:
    """A playground for metrics. Made by `playground`."""

    def __init__(self, metrics, recorded):
        self._metrics = {metric.__name__: metric for metric in metrics}
        self._recorded = recorded

    def __repr__(self):
        text = figures.Picture(session_figure(self._recorded)).alt_text
        return f"Playground: {', '.join(self._metrics)}\nRecorded session: {text}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return mimebundle(self)

    def html(self):
        """Return the recorded session as self-contained HTML: a slider over its calls, and code."""
        recorded = self._recorded

        def draw(call):
            return session_figure(recorded, call)

        return slide(draw, call=range(len(recorded.lines))).html() + _code_html(recorded.code())

    def widget(self):
        """Return the live playground, made of controls that ipywidgets 7.7.1 and 8 share."""
        return _Controls(self._metrics).box


def _code_html(code):
    return (
        "<p>The same calls as code. A click selects all of it:</p>"
        '<pre tabindex="0" aria-label="The calls as code" style="overflow-x:auto;user-select:all">'
        f"<code>{escape(code)}</code></pre>"
    )


class _Controls:
    """The live controls and what they show."""

    def __init__(self, metrics):
        import ipywidgets as widgets

        self._widgets, self._metrics = widgets, metrics
        self.metric = widgets.Dropdown(options=list(metrics), description="metric")
        self.by = widgets.ToggleButtons(
            options=["size and hits", "numbers"], description="batch by"
        )
        self.fields, self._rows = {}, {"numbers": widgets.VBox(), "size and hits": widgets.VBox()}
        self.hits = widgets.IntSlider(value=3, min=0, max=4)
        self._rows["size and hits"].children = [
            self._slider("size", widgets.IntSlider(value=self.hits.max, min=1, max=MAX_SIZE)),
            self._slider("hits", self.hits),
            self._slider("weight", widgets.FloatSlider(value=1, max=MAX_WEIGHT, step=0.5)),
        ]
        self.update = widgets.Button(description="update_state", button_style="primary")
        self.reset = widgets.Button(description="reset_state")
        self.answer, self.picture, self.code = widgets.HTML(), widgets.HTML(), widgets.HTML()
        buttons = widgets.HBox([self.update, self.reset])
        shown = [self.answer, self.picture, self.code]
        rows = [self.metric, self.by, *self._rows.values(), buttons, *shown]
        self.box = widgets.VBox(rows)
        self.metric.observe(self._begin, names="value")
        self.by.observe(self._choose_rows, names="value")
        self.update.on_click(self._press(self._update))
        self.reset.on_click(self._press(lambda: self.session.reset_state()))
        self._choose_rows()
        self._begin()

    def _slider(self, name, slider):
        """Return a slider with a field beside it that takes any text."""
        slider.description, slider.readout = name, False
        field = self._widgets.Text(value=f"{slider.value:g}", layout={"width": "5em"})
        self.fields[name] = field

        def to_field(change):
            field.value = f"{change['new']:g}"

        def to_slider(change):
            try:
                number = _in_range(name, change["new"], slider.min, slider.max)
            except ValueError:
                return  # the button will say what is wrong; the text stays to be mended
            if number != slider.value and number == type(slider.value)(number):
                slider.value = number

        if name == "size":
            slider.observe(self._limit_hits, names="value")
        slider.observe(to_field, names="value")
        field.observe(to_slider, names="value")
        return self._widgets.HBox([slider, field])

    def _limit_hits(self, change):
        """Let no more samples be right than there are."""
        self.hits.max = change["new"]

    def _choose_rows(self, change=None):
        for name, row in self._rows.items():
            row.layout.display = "" if name == self.by.value else "none"

    def _begin(self, change=None):
        """Begin a session with the chosen metric, and the fields that its batches need."""
        self.session = Session(self._metrics[self.metric.value])
        texts = {**BATCHES[self.session.name].typed, "sample_weight": ""}
        self._typed = {
            name: self._widgets.Text(
                value=text,
                description=name,
                style={"description_width": "8em"},
                layout={"width": "auto", "max_width": "36rem"},
            )
            for name, text in texts.items()
        }
        self._rows["numbers"].children = list(self._typed.values())
        self._show("")

    def _press(self, action):
        def pressed(button):
            try:
                action()
            except ValueError as error:
                self._show(f"{error}. Nothing has changed.")
            else:
                self._show("")

        return pressed

    def _update(self):
        if self.by.value == "numbers":
            texts = {name: field.value for name, field in self._typed.items()}
            arguments = typed_batch(self.session.name, **texts)
        else:
            numbers = {name: field.value for name, field in self.fields.items()}
            arguments = batch(self.session.name, **numbers)
        self.session.update_state(**arguments)

    def _show(self, answer):
        self.answer.value = (
            f'<p role="alert" style="{ALERT}">{escape(answer)}</p>' if answer else ""
        )
        picture = figures.Picture(session_figure(self.session))
        self.picture.value = figures.live_html(picture.svg, picture.alt_text)
        self.code.value = _code_html(self.session.code())
