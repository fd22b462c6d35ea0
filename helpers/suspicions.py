"""What is suspicious about a batch, by the rules of the chapters. Each rule asks for one thing."""

from dataclasses import dataclass

import numpy as np

HALF = ("float16", "bfloat16")
CLIP = 1e-7  # where Keras clips probabilities
FAR = 0.5  # from log C, as the fourth check of the first batch has it
MANY = 5  # numbers that lie between 0 and 1 by no chance


@dataclass(frozen=True)
class Suspicion:
    """One suspicious thing: its rule's name, what is wrong, and where the book explains it.

    `page` is a page below `chapters` without its ending, with an anchor; `words` name the place.
    """

    rule: str
    text: str
    words: str
    page: str


@dataclass
class Batch:
    """A batch, and how a loss reads it.

    Attributes:
        loss: the loss's name.
        y_true, y_pred: arrays; `fitted` gives them the shapes that the loss sees.
        dtypes: the names of their dtypes, as they came.
        from_logits: whether `y_pred` holds logits.
        ignore_class: the label that does not count, if any.
        untrained: whether the model is new.
        losses: the loss of each sample, None where there is none.
    """

    loss: str
    y_true: np.ndarray
    y_pred: np.ndarray
    dtypes: tuple
    from_logits: bool = False
    ignore_class: int | None = None
    untrained: bool = False
    losses: np.ndarray | None = None

    @property
    def kind(self):
        """Return how the loss reads labels: `binary`, `sparse`, or rows of `classes`."""
        first = self.loss.split("_")[0]
        return first if first in ("binary", "sparse") else "classes"

    @property
    def counts(self):
        """Return which samples count."""
        if self.kind == "sparse":
            return self.y_true != self.ignore_class
        return np.full(self.losses.shape, True)

    def mean(self):
        """Return the mean loss of the samples that count, 0 where none does, as Keras does."""
        return float(self.losses.sum() / max(self.counts.sum(), 1))


def fitted(batch):
    """Give a batch the shapes that its loss sees, as `fit` does.

    Returns:
        Whether the loss takes it, and what is suspicious about the shapes and the labels' kind.

    Raises:
        ValueError: the shapes fit no loss.
    """
    fit = {"binary": _fit_binary, "sparse": _fit_sparse, "classes": _fit_classes}
    return fit[batch.kind](batch)


def _fit_binary(batch):
    true, pred = batch.y_true, batch.y_pred
    if _is_integers(true, pred):
        return False, [_integers(batch)]
    came = true.shape, pred.shape
    batch.y_true = true[..., None] if true.ndim < max(pred.ndim, 2) else true
    batch.y_pred = pred[..., None] if pred.ndim < max(true.ndim, 2) else pred
    _expect_same(batch, came)
    if true.ndim == pred.ndim:
        return True, []
    every = np.broadcast_shapes(*came)
    return True, [
        Suspicion(
            "shape",
            f"y_true has shape {came[0]} and y_pred {came[1]}. Keras's class adds the missing "
            f"axis. A loss of your own broadcasts to {every}: each label meets each prediction.",
            "(N,) against (N, 1)",
            "losses/choosing#your-own-loss-n-against-n-1",
        )
    ]


def _fit_classes(batch):
    true, pred = batch.y_true, batch.y_pred
    if _is_integers(true, pred):
        return False, [_integers(batch)]
    _expect_same(batch, (true.shape, pred.shape))
    if true.ndim > 1:
        return True, []
    batch.y_true, batch.y_pred = true[None], pred[None]
    text = f"Both have shape {true.shape}: the loss takes them for one sample with {true.size} "
    text += "classes. For yes-or-no answers, use the binary loss."
    place = "wrong without an error", "losses/choosing#wrong-without-an-error"
    return True, [Suspicion("shape", text, *place)]


def _fit_sparse(batch):
    true, pred = batch.y_true, batch.y_pred
    if true.ndim == pred.ndim + 1 and true.shape[:-1] == pred.shape:
        return False, [_swapped(batch)]
    if true.shape == pred.shape and pred.ndim > 1 and pred.shape[-1] > 1:
        text = f"y_true has rows of {pred.shape[-1]} numbers, such as one-hot rows. The sparse "
        text += "loss wants one class number for each: use the categorical loss."
        place = "one-hot labels", "losses/sparse_categorical_crossentropy#one-hot-labels"
        return False, [Suspicion("labels", text, *place)]
    if pred.ndim == 1 and true.size == 1:
        true, batch.y_pred = true.reshape(1), pred[None]
    samples = batch.y_pred.shape[:-1]
    if true.shape not in (samples, (*samples, 1)) or not samples:
        raise ValueError(
            f"y_true came with shape {true.shape} and y_pred with {pred.shape}; the sparse loss "
            "expected a class number for each row of y_pred, such as (4,) and (4, 3)"
        )
    batch.y_true = true.reshape(samples)
    return _class_numbers(batch)


def _class_numbers(batch):
    labels, classes = batch.y_true[batch.counts], batch.y_pred.shape[-1]
    if not np.isfinite(labels).all():
        return False, [_not_finite(batch)]
    found = []
    if (labels % 1 != 0).any():
        text = f"y_true holds {labels[labels % 1 != 0][0]:.4g}, which is no class number. The "
        text += "sparse loss cuts it down to an integer without a word."
        place = "wrong without an error", "losses/choosing#wrong-without-an-error"
        found.append(Suspicion("labels", text, *place))
    odd = labels[(labels < 0) | (labels >= classes)]
    if odd.size:
        text = f"{_of(odd.size, labels.size, 'label')} no class: y_true goes from "
        text += f"{labels.min():.4g} to {labels.max():.4g}, and y_pred has the classes 0 to "
        text += f"{classes - 1}."
        place = "a label that is no class", "losses/sparse_categorical_crossentropy"
        place = place[0], f"{place[1]}#a-label-that-is-no-class"
        found.append(Suspicion("labels", text, *place))
    return not odd.size, found


def _is_integers(true, pred):
    """Return whether labels look like class numbers beside rows of several classes."""
    samples, classes = pred.shape[:-1], pred.shape[-1]
    return classes > 1 and true.shape in (samples, (*samples, 1)) and samples != ()


def _integers(batch):
    text = f"y_true has shape {batch.y_true.shape}, one number for each sample, and y_pred "
    text += f"{batch.y_pred.shape}, one for each class. Class numbers go with the sparse loss."
    return Suspicion("labels", text, "the ten right ones", "losses/choosing#the-ten-right-ones")


def _expect_same(batch, came):
    if batch.y_true.shape != batch.y_pred.shape:
        raise ValueError(
            f"y_true came with shape {came[0]} and y_pred with {came[1]}; "
            f"{batch.loss} expected the same shape of both"
        )


def _not_finite(batch):
    for name, values in (("y_pred", batch.y_pred), ("y_true", batch.y_true)):
        odd = ~np.isfinite(values)
        if odd.any():
            text = f"In {name}, {_of(odd.sum(), odd.size, 'number')} not finite. One nan makes the "
            text += "mean of the batch nan, and of the epoch."
            place = "one nan poisons the epoch", "metrics/mean#one-nan-poisons-the-epoch"
            return Suspicion("not finite", text, *place)
    return None


def _arguments_swapped(batch):
    true, pred = batch.y_true, batch.y_pred
    hard = np.isin(pred, (0, 1)).all()
    soft = ((true > 0) & (true < 1)).any()
    return _swapped(batch) if hard and soft and not batch.from_logits else None


def _swapped(batch):
    text = "y_true looks like predictions and y_pred like labels. Labels come first: "
    text += f"{batch.loss}(y_true, y_pred)."
    place = "arguments exchanged", "losses/cross_entropy#arguments-exchanged"
    if batch.kind == "binary":
        place = "swapped arguments", "metrics/binary_accuracy#swapped-arguments"
    return Suspicion("swapped", text, *place)


def _outside(batch):
    odd = (batch.y_pred < 0) | (batch.y_pred > 1)
    if batch.from_logits or not odd.any():
        return None
    text = f"{_of(odd.sum(), odd.size, 'prediction')} outside 0 to 1, from "
    text += f"{np.nanmin(batch.y_pred):.4g} to {np.nanmax(batch.y_pred):.4g}. "
    text += "If these are logits, set from_logits=True."
    page = {
        "binary": "binary_crossentropy#logits-without-from-logits-true",
        "sparse": "sparse_categorical_crossentropy#numbers-above-1",
        "classes": "categorical_crossentropy#from-logits-true-forgotten",
    }[batch.kind]
    return Suspicion("outside 0 to 1", text, "logits taken for probabilities", f"losses/{page}")


def _probabilities_as_logits(batch):
    pred = batch.y_pred
    if not batch.from_logits or not ((pred >= 0) & (pred <= 1)).all() or np.ptp(pred) == 0:
        return None  # a new model may say 0 to everything
    if pred.size < MANY if batch.kind == "binary" else _uneven(batch, pred).any():
        return None
    text = "from_logits=True, and every prediction lies between 0 and 1, as a probability does. "
    text += "Squashed twice, the loss has a floor: leave out the activation, or from_logits."
    return Suspicion("squashed twice", text, "twice", "losses/training#twice")


def _rows_of_predictions(batch):
    if batch.kind == "binary" or batch.from_logits or batch.y_pred.shape[-1] == 1:
        return None
    odd, inside = _uneven(batch, batch.y_pred), (batch.y_pred >= 0) & (batch.y_pred <= 1)
    if not odd.any() or not inside.all():
        return None  # what lies outside 0 to 1 is told already
    text = f"{_uneven_rows('y_pred', batch.y_pred, odd)} A softmax gives 1; a sigmoid for each "
    text += "class does not."
    words, page = "rows that do not sum to 1", "categorical_crossentropy#rows-that-do-not-sum-to-1"
    if batch.loss.startswith("kullback"):
        words, page = "a KL clearly below 0", "cross_entropy#a-kl-clearly-below-0"
    return Suspicion("rows", text, words, f"losses/{page}")


def _labels(batch):
    true, odd = batch.y_true, (batch.y_true < 0) | (batch.y_true > 1)
    if batch.kind == "sparse":
        return None  # told with the shapes
    if np.isin(true, (-1, 1)).all() and odd.any():
        text = "The labels are -1 and 1. Keras wants 0 and 1: (y_true + 1) / 2."
        return Suspicion(
            "labels", text, "labels -1 and 1", "metrics/binary_accuracy#labels-1-and-1"
        )
    if odd.any():
        text = f"{_of(odd.sum(), odd.size, 'label')} outside 0 to 1, such as {true[odd][0]:.4g}. "
        text += "The loss can fall below 0."
        page = "losses/binary_crossentropy#labels-and-predictions-outside-0-to-1"
        return Suspicion("labels", text, "labels outside 0 to 1", page)
    if batch.kind == "binary":
        return _one_hot_in_binary(batch)
    odd = _uneven(batch, true)
    if not odd.any() or true.shape[-1] == 1:
        return None
    text = f"{_uneven_rows('y_true', true, odd)} Several yes-or-no answers go with the binary loss."
    return Suspicion("labels", text, "the ten right ones", "losses/choosing#the-ten-right-ones")


def _one_hot_in_binary(batch):
    rows = batch.y_true.reshape(-1, batch.y_true.shape[-1])
    one_hot = np.isin(rows, (0, 1)).all() and (rows.sum(axis=-1) == 1).all()
    if not one_hot or len(rows) < MANY or rows.shape[-1] < 3:
        return None
    text = f"Each row of y_true has one 1 among {rows.shape[-1]} numbers, as one-hot rows have. "
    text += "If one class excludes the others, use the categorical loss: the binary one looks good "
    text += "without being so."
    page = "metrics/binary_accuracy#from-the-first-epoch"
    return Suspicion("labels", text, "0.9 from the first epoch", page)


def _one_class(batch):
    if batch.kind == "binary" or batch.y_pred.shape[-1] > 1:
        return None
    text = "y_pred has one class, and one class leaves no choice. One output needs the binary loss."
    place = "wrong without an error", "losses/choosing#wrong-without-an-error"
    return Suspicion("one class", text, *place)


def _clipped(batch):
    true, pred = batch.y_true, np.float32(batch.y_pred)
    if batch.from_logits:
        return None
    if batch.kind == "sparse":
        of_class = np.int64(np.where(batch.counts, true, 0))[..., None]
        clipped = (np.take_along_axis(pred, of_class, -1)[..., 0] <= CLIP) & batch.counts
    elif batch.kind == "classes":
        clipped = ((true > 0.5) & (pred <= CLIP)).any(axis=-1)
    else:
        high = pred >= np.float32(1 - CLIP)
        clipped = (((true == 1) & (pred <= CLIP)) | ((true == 0) & high)).any(axis=-1)
    if not clipped.any():
        return None
    text = f"{_of(clipped.sum(), clipped.size, 'sample')} on the clip ({clipped.mean():.0%}): the "
    text += "truth got a probability of 0. There the loss has no slope to learn from."
    return Suspicion("clip", text, "the clip", "losses/binary_crossentropy#the-clip")


def _first_loss(batch):
    classes = 2 if batch.kind == "binary" else batch.y_pred.shape[-1]
    plain = batch.loss.removeprefix("sparse_").removesuffix("_crossentropy")
    if plain not in ("binary", "categorical") or classes == 1 or not batch.counts.any():
        return None
    if batch.kind == "classes" and _uneven(batch, batch.y_true).any():
        return None  # log C is the loss of rows that sum to 1
    gap = batch.mean() - np.log(classes)
    if not (gap > FAR or (batch.untrained and gap < -FAR)):
        return None
    side = "above" if gap > 0 else "below"
    text = f"The mean, {batch.mean():.4f}, lies far {side} log {classes} = {np.log(classes):.4f}, "
    text += "where a model that knows nothing starts."
    return Suspicion("first loss", text, "the first loss", "losses/first_batch#the-first-loss")


def _half_precision(batch):
    true, pred = batch.dtypes
    if pred in HALF:
        certain = "" if batch.from_logits else _certain(batch)
        text = f"y_pred is {pred}.{certain} Keras's class casts it to float32 first, and its "
        text += "function does not. Keep the last layer in float32."
        return Suspicion("half precision", text, "half precision", "losses/half_precision#in-keras")
    if true in HALF:
        text = f"y_true is {true}, where large class numbers merge: keep labels in integers."
        page = "losses/half_precision#classes-that-merge"
        return Suspicion("half precision", text, "classes that merge", page)
    return None


def _certain(batch):
    count = np.isin(batch.y_pred, (0, 1)).sum()
    return f" {count} of {batch.y_pred.size} numbers are exactly 0 or 1." if count else ""


def _uneven(batch, rows):
    """Return which rows do not sum to 1; half precision rounds them."""
    tolerance = 2e-2 if batch.dtypes[1] in HALF else 1e-3
    return np.abs(np.float64(rows).sum(axis=-1) - 1) > tolerance


def _uneven_rows(name, rows, odd):
    return (
        f"In {odd.sum()} of {odd.size} rows, {name} sums to {rows[odd][0].sum():.4g} or so, not 1."
    )


def _of(count, size, what):
    """Return how many, as the beginning of a sentence."""
    return f"{count} of {size} {what}s {'is' if count == 1 else 'are'}"


RULES = (
    _not_finite,
    _arguments_swapped,
    _outside,
    _probabilities_as_logits,
    _rows_of_predictions,
    _labels,
    _one_class,
    _clipped,
    _first_loss,
    _half_precision,
)


def suspicions(batch):
    """Return what is suspicious about a batch that fits its loss, and has its losses."""
    return [found for rule in RULES if (found := rule(batch))]
