"""Look at one batch: what each sample costs, and what is suspicious, by the rules of the chapters.

The losses are those that the pages derive. The same code runs in a notebook and, behind the form of
its page, in a reader's browser.
"""

import inspect
import textwrap
import warnings
from html import escape

from chapters.losses.binary_crossentropy import binary_crossentropy
from chapters.losses.categorical_crossentropy import categorical_crossentropy
from chapters.losses.cross_entropy import kullback_leibler_divergence
from chapters.losses.focal_crossentropy import (
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from chapters.losses.sparse_categorical_crossentropy import sparse_categorical_crossentropy
from helpers.forms import choice, field, form
from helpers.suspicions import Batch, fitted, suspicions
from helpers.tables import table
from helpers.typed import MOST_NUMBERS, typed_array

import numpy as np

LOSSES = {
    loss.__name__: loss
    for loss in (
        binary_crossentropy,
        categorical_crossentropy,
        sparse_categorical_crossentropy,
        binary_focal_crossentropy,
        categorical_focal_crossentropy,
        kullback_leibler_divergence,
    )
}
REDUCTIONS = ("sum_over_batch_size", "sum", "none")
NOT_ASKED = ("y_true", "y_pred", "axis")  # arguments of a loss that are no setting
RANGES = {
    "label_smoothing": (0, 1),
    "alpha": (0, 1),
    "gamma": (0, 100),
    "ignore_class": (-1e9, 1e9),
}
MOST_ROWS = 8  # of the table of samples
WIDTH = 88  # letters of a line
NOTE = "Python looks at the batch here, in your browser. Nothing that you type leaves this page."
CHECKBOX = ' type="checkbox"'


def check_batch(
    y_true, y_pred, loss="binary_crossentropy", reduction=REDUCTIONS[0], untrained=False, **settings
):
    """Return the losses of a batch, and what is suspicious about it.

    Args:
        y_true: labels, as an array, nested lists, or the text that prints one.
        y_pred: predictions, likewise. Each holds at most 10,000 numbers. Arrays of shape (N,)
            are N samples with one output to a binary loss, as they are in `fit`.
        loss: the name of one of the losses that the book derives.
        reduction: `sum_over_batch_size` (the mean), `sum` or `none`, as in Keras.
        untrained: whether the model is new, so that its loss must be near log C.
        **settings: arguments of the loss, such as `from_logits` and `label_smoothing`.

    Raises:
        ValueError: an argument is not what the loss takes; the message names it.

    Example:
        check_batch([0, 1], [0.3, 0.8])
    """
    _expect_one_of("loss", loss, LOSSES)
    _expect_one_of("reduction", reduction, REDUCTIONS)
    settings = settings_of(loss) | {
        name: _setting(loss, name, value) for name, value in settings.items()
    }
    (true, true_dtype), (pred, pred_dtype) = _array("y_true", y_true), _array("y_pred", y_pred)
    asked = {name: settings[name] for name in ("from_logits", "ignore_class") if name in settings}
    batch = Batch(loss, true, pred, (true_dtype, pred_dtype), untrained=untrained, **asked)
    fits, found = fitted(batch)
    if fits:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            batch.losses = np.asarray(LOSSES[loss](batch.y_true, batch.y_pred, **settings))
        found += suspicions(batch)
    return BatchReport(batch, reduction, found)


def settings_of(loss):
    """Return the settings of a loss with their defaults, as its derivation has them."""
    parameters = inspect.signature(LOSSES[loss]).parameters.items()
    return {name: each.default for name, each in parameters if name not in NOT_ASKED}


class BatchReport:
    """What `check_batch` found.

    Attributes:
        losses: the loss of each sample; None where the loss takes no such batch.
        loss: the losses reduced; all of them for `none`, and None where there are none.
        suspicions: a list of `Suspicion`, empty for a healthy batch.
        verdict: how many there are, in words.
    """

    def __init__(self, batch, reduction, found):
        self._batch, self.suspicions, self.losses = batch, found, batch.losses
        self.loss = None
        if self.losses is not None:
            reduced = {"sum": lambda: float(self.losses.sum()), "none": lambda: self.losses}
            self.loss = reduced.get(reduction, batch.mean)()
            mean = f"{self.losses.size} losses, mean {batch.mean():.4f}"
            self._sums = mean + (f", sum {self.loss:.4f}" if reduction == "sum" else "")
            self._sums = self._sums.replace("1 losses", "1 loss", int(self.losses.size == 1))
        else:
            self._sums = f"{batch.loss} takes no such batch, so there is no loss."
        number = len(found)
        things = "1 thing is" if number == 1 else f"{number} things are"
        self.verdict = f"{things} suspicious" if found else "Nothing looks suspicious."

    def __repr__(self):
        parts = [self._sums] if self.losses is None else [self._sums, repr(self._table())]
        parts.append(f"{self.verdict}:" if self.suspicions else self.verdict)
        for each in self.suspicions:
            parts.append(textwrap.fill(f"- {each.text}", WIDTH, subsequent_indent="  "))
            parts.append(f"  See chapters/{each.page.replace('#', '.ipynb#')}")
        return "\n".join(parts)

    def _repr_html_(self, ending=".ipynb"):
        found = "".join(
            f"<li>{escape(each.text)} See "
            f'<a href="../{each.page.replace("#", f"{ending}#")}">{escape(each.words)}</a>.</li>'
            for each in self.suspicions
        )
        parts = [f"<p><strong>{self.verdict}</strong></p>", found and f"<ul>{found}</ul>"]
        parts.append(f"<p>{escape(self._sums)}</p>")
        if self.losses is not None:
            parts.append(self._table()._repr_html_())
            if self.losses.size > MOST_ROWS:
                shown = np.array2string(
                    self.losses, precision=4, suppress_small=True, threshold=MOST_NUMBERS + 1
                )
                title = f"All {self.losses.size:,} losses"
                parts.append(f"<details><summary>{title}</summary><pre>{shown}</pre></details>")
        return "".join(parts)

    def _table(self):
        """Return the samples, of many the dearest."""
        batch, losses = self._batch, self.losses
        places = np.arange(losses.size)
        if losses.size > MOST_ROWS:
            order = np.argsort(np.where(np.isnan(losses), np.inf, losses).ravel(), kind="stable")
            places = order[::-1][:MOST_ROWS]
        shape = losses.shape
        where = [np.unravel_index(place, shape) for place in places]
        return table(
            sample=[", ".join(map(str, each)) for each in where],
            y_true=[_row(batch.y_true[each]) for each in where],
            y_pred=[_row(batch.y_pred[each]) for each in where],
            loss=[losses[each] for each in where],
        )


def _row(values):
    values = np.asarray(values)
    values = values[0] if values.shape == (1,) else values
    return np.array2string(values, precision=4, threshold=5, edgeitems=2, max_line_width=1000)


def _array(name, value):
    """Return an array of numbers, and the name of the dtype that it came with."""
    if isinstance(value, str):
        return typed_array(name, value)
    try:
        values = np.asarray(value)
        dtype = values.dtype.name
        values = values.astype("float32") if dtype == "bfloat16" else values
    except ValueError:
        raise ValueError(f"{name} came with rows of different lengths; expected an array") from None
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} came with the dtype {dtype}; expected numbers")
    if not 1 <= values.size <= MOST_NUMBERS:
        raise ValueError(f"{name} holds {values.size:,} numbers; expected 1 to {MOST_NUMBERS:,}")
    return np.atleast_1d(values + 0 if dtype == "bool" else values), dtype


def _setting(loss, name, value):
    """Return a setting of a loss; a text is one that was typed."""
    defaults = settings_of(loss)
    if name not in defaults:
        takes = ", ".join(defaults) or "no settings"
        raise ValueError(f"{name} came; {loss} takes {takes}")
    if isinstance(defaults[name], bool):
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{name} is {value!r}; expected True or False")
        return bool(value)
    if defaults[name] is None and (value is None or value == ""):
        return None
    low, high = RANGES[name]
    try:
        number = float(value)
        if low <= number <= high and (defaults[name] is not None or number == int(number)):
            return int(number) if defaults[name] is None else number
    except (TypeError, ValueError):
        pass
    kind = "a class number" if defaults[name] is None else f"a number from {low} to {high}"
    raise ValueError(f"{name} is {value!r}; expected {kind}")


def _expect_one_of(name, value, known):
    if value not in known:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(known)}")


def answer(**fields):
    """Return what a form's fields ask for, or what is wrong with them: a sentence, and HTML.

    Args:
        **fields: arguments of `check_batch` as texts; a checked box is "on". What the loss does
            not take is left out.
    """
    try:
        settings = {}
        for name, default in settings_of(fields["loss"]).items():
            settings[name] = name in fields if isinstance(default, bool) else fields[name]
        given = {name: fields[name] for name in ("y_true", "y_pred", "loss", "reduction")}
        report = check_batch(**given, untrained="untrained" in fields, **settings)
    except ValueError as error:
        return {"said": "This cannot be computed.", "html": f"<p>{escape(str(error))}.</p>"}
    return {"said": report.verdict, "html": report._repr_html_(".html")}


class BatchForm:
    """What `check_batch` says of a batch, and on the website a form for another batch.

    Args:
        **given: arguments of `check_batch`, with which the form begins.
    """

    def __init__(self, **given):
        self._given, self._report = given, check_batch(**given)

    def __repr__(self):
        return repr(self._report)

    def _repr_html_(self):
        settings = {name: value for loss in LOSSES for name, value in settings_of(loss).items()}
        fields = [f"<p>{NOTE}</p>", *(_area(name, self._given[name]) for name in NOT_ASKED[:2])]
        fields.append(
            choice("loss", "loss", {name: name for name in LOSSES}, self._given.get("loss"))
        )
        fields.append(choice("reduction", "reduction", {name: name for name in REDUCTIONS}))
        fields += [_setting_html(name, self._given.get(name, settings[name])) for name in settings]
        fields.append(field("untrained model", "untrained", "on", CHECKBOX))
        style = "".join(map(_hidden, settings))
        asked = form("helpers.batch.answer", "".join(fields), ["Look at the batch"], style=style)
        return f'{asked}<div class="live-shown">{self._report._repr_html_()}</div>'


def _area(name, text):
    return (
        f'<label>{name} <textarea name="{name}" rows="5" spellcheck="false">{escape(str(text))}'
        "</textarea></label>"
    )


def _setting_html(name, value):
    if isinstance(value, bool):
        return field(name, name, "on", CHECKBOX + " checked" * value)
    return field(name, name, "" if value is None else value, ' inputmode="decimal"')


def _hidden(setting):
    """Return the style that hides a setting from losses that do not take it."""
    takers = ",".join(f'[value="{loss}"]' for loss in LOSSES if setting in settings_of(loss))
    return (
        f'.live-form:not(:has(:is({takers}):checked)) label:has([name="{setting}"]){{display:none}}'
    )
