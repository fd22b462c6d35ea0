"""A playground for metrics: you set the batch, call its methods, and watch the state.

A kernel shows controls of ipywidgets, and plays on `tf.keras`. The website shows a form, and plays
on the classes that the book derives, by NumPy in the reader's browser. What they say and show is
made here, once.
"""

import importlib
import json
from dataclasses import dataclass
from html import escape

from helpers.charts.playground import chart, words
from helpers.charts.timeline import state_of
from helpers.forms import choice, field, form
from helpers.slider import mimebundle
from helpers.typed import typed_array

import numpy as np

MAX_SIZE = 12  # samples in a batch that is set by size and hits
MAX_NUMBERS = 100  # samples in a batch that is typed
LARGEST = 1e6  # a number that is typed: sums of many stay far from the largest float32
MAX_WEIGHT = 3
BY_HITS, BY_NUMBERS = "size and hits", "numbers"
NUMBERS = {"size": (4, 1, MAX_SIZE), "hits": (3, 0, MAX_SIZE), "weight": (1, 0, MAX_WEIGHT)}
BUTTONS = ("update_state", "reset_state")
ABSENT = (
    "Here is no Python to press the buttons for. They work on the book's website, in Colab and in "
    "JupyterLab."
)
PLAYS = (
    "The classes that play here are the book's own, in NumPy: the cells that you read on the pages "
    "before this one. Tests hold them to tf.keras, call by call."
)


def playground(*metrics):
    """Show a playground for metrics.

    Args:
        *metrics: the classes to choose from, as pages of the book derive them, each one of those
            in `BATCHES`. In a kernel their counterparts in `tf.keras.metrics` play. The first
            one is chosen at the start.

    Returns:
        An object that shows itself when it ends a cell.

    Raises:
        ValueError: no metric came, or one that the playground has no batches for.

    Example:
        from chapters.metrics.mean import Mean

        playground(Mean)
    """
    if not metrics:
        raise ValueError("playground: no metric came; expected classes such as Mean")
    for metric in metrics:
        if getattr(metric, "__name__", None) not in BATCHES:
            raise ValueError(f"playground: {metric!r} came; expected one of {', '.join(BATCHES)}")
    return Playground(metrics)


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
    y_pred = [[0.8 if c == k else 0.1 for k in range(3)] for c in chosen]
    return {"y_true": y_true, "y_pred": y_pred}


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
        {"y_true": "[[0, 0, 1], [0, 1, 0]]", "y_pred": "[[0.1, 0.6, 0.3], [0.2, 0.7, 0.1]]"},
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
        **texts: each argument's name and its numbers as Python or NumPy writes them. An empty
            `sample_weight` is none.

    Raises:
        ValueError: a text is no array of finite numbers, or the numbers make no batch.
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
    """Return the numbers that a text writes, as a list or a list of lists."""
    values, _ = typed_array(name, text)
    sizes = np.abs(np.float64(values))
    if not (sizes <= LARGEST).all():  # nan is not
        odd = values.flat[np.argmin(sizes <= LARGEST)]
        raise ValueError(
            f"{name} holds {odd:g}; expected finite numbers, at most {LARGEST:g} in size"
        )
    if values.ndim > 2 or len(values) > MAX_NUMBERS:
        expected = f"expected at most {MAX_NUMBERS} numbers, or as many lists of numbers"
        raise ValueError(f"{name} came with shape {values.shape}; {expected}")
    return values.tolist()


# The session.


class Session:
    """A metric, the calls made on it, and its state after each of them.

    Attributes:
        name: the name of the metric's class.
        calls: the arguments of each `update_state`, None for a `reset_state`.
        lines: the calls in short, after the one that makes the metric.
        states: `(total, count, result())` after each line.
        alone: the result that the batch of a line has by itself; None for other lines.
        means: after each line, the mean of the results that the batches since the last reset
            have by themselves; None where there was no batch.
    """

    def __init__(self, metric):
        """Begin with a new metric of the class `metric`."""
        self._class, self._metric, self._since = metric, metric(), []
        self.name, self.calls = metric.__name__, []
        self.lines, self.states, self.alone, self.means = [], [], [], []
        self._made("new", None)

    def update_state(self, **arguments):
        """Show the metric a batch."""
        alone = self._class()
        for metric in (alone, self._metric):
            metric.update_state(**arguments)
        self.calls.append(arguments)
        self._since.append(float(alone.result()))
        batches = sum(call is not None for call in self.calls)
        self._made(f"update_state(**batch_{batches})", self._since[-1])

    def reset_state(self):
        """Reset the metric, and begin anew with the mean of the batches."""
        self._metric.reset_state()
        self.calls.append(None)
        self._since = []
        self._made("reset_state()", None)

    def _made(self, line, alone):
        self.lines.append(line)
        self.states.append(state_of(self._metric))
        self.alone.append(alone)
        self.means.append(float(np.mean(self._since)) if self._since else None)

    def press(self, button, fields):
        """Make the call of a button, with the fields as they were typed.

        Args:
            button: one of `BUTTONS`; another text makes no call.
            fields: the texts by the names of the controls: `by`, those in `NUMBERS`, and each
                metric's own, such as `Mean.values`.

        Returns:
            A pair of texts: what is wrong with the fields, or '', and the state in words.
        """
        try:
            if button == "update_state":
                self.update_state(**self._batch(fields))
            elif button == "reset_state":
                self.reset_state()
        except ValueError as error:
            return f"{error}. Nothing has changed.", words(self)
        return "", words(self)

    def _batch(self, fields):
        if fields["by"] == BY_HITS:
            return batch(self.name, **{name: fields[name] for name in NUMBERS})
        texts = {name: fields[f"{self.name}.{name}"] for name in _typed(self.name)}
        return typed_batch(self.name, **texts)

    def html(self):
        """Return the session as HTML: its chart, its last calls, and all of them as code."""
        return (
            f"{chart(self)}<p>The same calls as code. A click selects all of it:</p>"
            '<pre tabindex="0" aria-label="The calls as code" '
            'style="overflow-x:auto;user-select:all">'
            f"<code>{escape(self.code())}</code></pre>"
        )

    def code(self):
        """Return a program that makes the same calls on `tf.keras` and prints the same state."""
        lines = ["import tensorflow as tf", "", f"metric = tf.keras.metrics.{self.name}()"]
        for line, call in zip(self.lines[1:], self.calls, strict=True):
            if call is not None:
                name = line.partition("**")[2].rstrip(")")
                lines.append(f"{name} = {call}")
            lines.append(f"metric.{line}")
        state = "float(metric.total), float(metric.count), float(metric.result())"
        return "\n".join([*lines, f"print({state})"])


def _plain(value):
    """Return a number or a row of numbers as one would write it."""
    return f"{value:g}" if np.ndim(value) == 0 else f"[{', '.join(f'{v:g}' for v in value)}]"


def _typed(metric):
    """Return the arguments that are typed for a metric, and what stands there at the start."""
    return {**BATCHES[metric].typed, "sample_weight": ""}


# What is shown.


def answer(kept, button, metric, **fields):
    """Answer a press on the website's form.

    Args:
        kept: JSON of what the last answer kept.
        button: which one was pressed, '' where another metric was chosen.
        metric: the full name of its class, such as `chapters.metrics.mean.Mean`.
        **fields: as `Session.press` takes them.

    Returns:
        A dict: what is `said`, and the `html` that is shown.
    """
    module, _, name = metric.rpartition(".")
    session, kept = Session(getattr(importlib.import_module(module), name)), json.loads(kept)
    for call in kept["calls"] if kept["metric"] == name else []:
        session.reset_state() if call is None else session.update_state(**call)
    wrong, state = session.press(button, fields)
    return {"said": wrong or state, "html": _shown(session)}


def _shown(session):
    kept = json.dumps({"metric": session.name, "calls": session.calls})
    return f'{session.html()}<input type="hidden" name="kept" value="{escape(kept)}">'


class Playground:
    """A playground for metrics. Made by `playground`."""

    def __init__(self, metrics):
        self._metrics = {metric.__name__: metric for metric in metrics}

    def __repr__(self):
        return f"Playground: {', '.join(self._metrics)}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return mimebundle(self)

    def html(self):
        """Return the form of the website, which says that it is none where nothing answers."""
        session = Session(next(iter(self._metrics.values())))
        classes = {f"{each.__module__}.{name}": name for name, each in self._metrics.items()}
        numbers = "".join(_number_html(name, *number) for name, number in NUMBERS.items())
        fields = (
            f"<p>{PLAYS}</p>"
            f"{choice('metric', 'metric', classes, attributes=' data-press')}"
            f"{choice('batch by', 'by', {way: way for way in (BY_HITS, BY_NUMBERS)})}"
            f'<div class="by-hits">{numbers}</div>{"".join(map(_typed_html, self._metrics))}'
        )
        shown = f'<div class="live-shown">{_shown(session)}</div>'
        return f'<p class="live-absent">{ABSENT}</p>' + form(
            "helpers.playground.answer", fields, BUTTONS, words(session), shown, self._choices()
        )

    def _choices(self):
        """Return the style that shows the fields of the chosen metric and way alone."""
        numbers = f'.live-form:has([value="{BY_NUMBERS}"]:checked)'
        shown = ",".join(
            f'{numbers}:has([value$=".{name}"]:checked) .numbers-{name}' for name in self._metrics
        )
        hidden = f".live-form [class^=numbers],{numbers} .by-hits"
        return f"{hidden}{{display:none}}{shown}{{display:block}}"

    def widget(self):
        """Return the live playground, made of controls that ipywidgets 7.7.1 and 8 share."""
        from tensorflow.keras import metrics as counterparts

        return _Controls({name: getattr(counterparts, name) for name in self._metrics}).box


def _number_html(name, value, low, high):
    step = "any" if name == "weight" else 1
    return field(name, name, value, f' type="number" min="{low}" max="{high}" step="{step}"')


def _typed_html(metric):
    texts = _typed(metric).items()
    fields = "".join(field(name, f"{metric}.{name}", text) for name, text in texts)
    return f'<div class="numbers-{metric}">{fields}</div>'


class _Controls:
    """The controls of ipywidgets, which send the same fields as the form and show the same."""

    def __init__(self, metrics):
        import ipywidgets as widgets

        self._metrics = metrics
        self.metric = widgets.Dropdown(options=list(metrics), description="metric")
        self.by = widgets.Dropdown(options=[BY_HITS, BY_NUMBERS], description="batch by")
        self.fields = {
            name: widgets.FloatText(value=value, description=name)
            for name, (value, _, _) in NUMBERS.items()
        }
        rows = [(BY_HITS, None, list(self.fields.values()))]
        for metric in metrics:
            typed = {
                f"{metric}.{name}": widgets.Text(
                    value=text,
                    description=name,
                    style={"description_width": "8em"},
                    layout={"width": "auto", "max_width": "36rem"},
                )
                for name, text in _typed(metric).items()
            }
            self.fields |= typed
            rows.append((BY_NUMBERS, metric, list(typed.values())))
        self.rows = {(by, metric): widgets.VBox(row) for by, metric, row in rows}
        self.buttons = {name: widgets.Button(description=name) for name in BUTTONS}
        self.said, self.shown = widgets.HTML(), widgets.HTML()
        pressed = widgets.HBox(list(self.buttons.values()))
        above = [self.metric, self.by, *self.rows.values(), pressed]
        self.box = widgets.VBox([*above, self.said, self.shown])
        self.metric.observe(self._begin, names="value")
        self.by.observe(self._choose_rows, names="value")
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: self._press(name))
        self._begin()

    def _begin(self, change=None):
        self.session = Session(self._metrics[self.metric.value])
        self._choose_rows()
        self._press("")

    def _choose_rows(self, change=None):
        for (by, metric), row in self.rows.items():
            chosen = by == self.by.value and metric in (None, self.metric.value)
            row.layout.display = "" if chosen else "none"

    def _press(self, button):
        texts = {
            name: f"{field.value:g}" if name in NUMBERS else field.value
            for name, field in self.fields.items()
        }
        wrong, state = self.session.press(button, {**texts, "by": self.by.value})
        role = "alert" if wrong else "status"
        self.said.value = f'<p class="words" role="{role}"><b>{escape(wrong or state)}</b></p>'
        self.shown.value = self.session.html()
