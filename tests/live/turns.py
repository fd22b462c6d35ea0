"""What waits for an answer on a page or in the homework, what checks it, and wrong answers."""

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import chapters
from helpers.turns import packed

import locations
import nbformat
import pages
import wrong_answers
from assignments import answers, assignments, notebook, release
from record import record

BASIS = {"setup", "by-hand", "live"}  # the tags of cells that others may build on


@dataclass
class Turn:
    """A turn of a page: sources of its cells, and of cells that it may build on."""

    page: str
    name: str  # of the function or class that the reader writes
    path: Path
    is_exercise: bool
    above: list[dict]
    start: str
    check: str
    answers: list[str]  # those of the solution
    finished: list[dict]  # what leads to the page's own function or class

    @property
    def id(self) -> str:
        """Its name in tests: the page's, with the exercise's."""
        return f"{self.page}:{self.name}" if self.is_exercise else self.page

    @cached_property
    def recorded(self) -> str:
        """What Keras gives for the check, as the site has it."""
        tree = ast.parse(self.check)
        tree.body[-1] = ast.Assign([ast.Name("report", ast.Store())], tree.body[-1].value)
        check = ast.unparse(ast.fix_missing_locations(tree))
        names = chapters.run([*chapters.cells(self.path, BASIS), self.start, check], self.name)
        return packed(names["report"].record())

    def changed(self, old: str, new: str) -> str:
        """Return the solution's first answer with another text in the place of one."""
        assert old in self.answers[0], f"{self.id}: {old!r} is not in the solution"
        return self.answers[0].replace(old, new)

    def wrong(self) -> dict[str, str]:
        """Return wrong answers by what is wrong with them."""
        return {what: self.changed(*change) for what, change in WRONG[self.id].items()}


class Exercise(Turn):
    """An exercise of the homework, which has all that a turn has."""

    @cached_property
    def recorded(self) -> str:
        """What Keras gives for the check, as the site has it."""
        return _records(self.path.stem)[self.name]["recorded"]

    def wrong(self) -> dict[str, str]:
        """Return wrong answers by what is wrong with them."""
        return {
            what: code for (name, what), code in wrong_answers.WRONG.items() if name == self.name
        }


_records = cache(record)


def exercises() -> list[Exercise]:
    """Return the exercises of both assignments."""
    return [
        _exercise(assignment, name) for assignment in assignments() for name in answers(assignment)
    ]


def _exercise(assignment, name):
    path = release(assignment)
    cells = {cell.id: cell for cell in notebook(path).cells}
    return Exercise(
        page=path.relative_to(locations.ROOT).with_suffix("").as_posix(),
        name=name,
        path=path,
        is_exercise=True,
        above=[as_sent(cells["setup"]), as_sent(cells["imports"])],
        start=cells[name].source,
        check=cells[f"{name}-check"].source,
        answers=[wrong_answers.SOLUTIONS[name]],
        finished=[],
    )


def turns() -> list[Turn]:
    """Return the turns of all pages."""
    return [turn for path in locations.notebooks() for turn in _turns(path)]


def _turns(path):
    cells, is_exercise = nbformat.read(path, as_version=4).cells, False
    code = [cell for cell in cells if cell.cell_type == "code"]
    for cell in cells:
        is_exercise |= "## Exercises" in cell.source
        if "your-turn" in _tags(cell):
            yield _turn(path, code, code.index(cell), is_exercise)


def _turn(path, cells, at, is_exercise):
    start, check, solution = (cell.source for cell in cells[at : at + 3])
    name = re.match(r"(def|class) (\w+)", start)[2]
    return Turn(
        page=pages.name(path),
        name=name,
        path=path,
        is_exercise=is_exercise,
        above=[as_sent(cell) for cell in cells[:at] if BASIS & _tags(cell)],
        start=start,
        check=check,
        answers=_solutions(name, solution),
        finished=_finished(cells, name, at),
    )


def _solutions(name, solution):
    """Return the solution's answers, each as code that defines the name."""
    lines, tree = solution.splitlines(), ast.parse(solution).body
    for node in tree:
        if ast.unparse(node).startswith("answers = ["):
            code = "\n".join(lines[: node.end_lineno])
            return [f"{code}\n{name} = answers[{i}]" for i in range(len(node.value.elts))]
    return ["\n".join(lines[: tree[-1].lineno - 1])]  # all but what asserts


def _finished(cells, name, at):
    """Return what leads to the cell after the solution that defines the name, that one included."""
    definition = re.compile(rf"^(def|class) {name}\b", re.MULTILINE)
    defining = [i for i in range(at + 3, len(cells)) if definition.search(cells[i].source)]
    end = defining[0] if defining else len(cells)
    return [as_sent(c) for i, c in enumerate(cells) if i == end or (i < end and BASIS & _tags(c))]


def as_sent(cell) -> dict:
    """Return a cell in the form in which the page hands it to Python."""
    return {"source": cell.source, "setup": BASIS & _tags(cell) == {"setup"}}


def _tags(cell):
    return set(cell.metadata.get("tags", []))


CLIP, LAST = "np.clip(y_pred, 1e-7, 1 - 1e-7)", "mean(axis=-1)"
HIGHEST = "highest(y_pred)"

# By turn: changes of the solution's first answer, each of which makes it wrong: (text, another).
WRONG = {
    "losses/binary_crossentropy": {
        "no clip": (CLIP, "y_pred"),
        "sum over outputs": (LAST, "sum(axis=-1)"),
        "mean of the batch": (LAST, "mean()"),
        "only label 1": (" + (1 - y_true) * np.log(1 - y_pred)", ""),
    },
    "losses/categorical_crossentropy": {
        "no division": (" / y_pred.sum(axis=-1, keepdims=True)", ""),
        "no clip": (CLIP, "y_pred"),
        "mean over classes": (")).sum(axis=-1)", ")).mean(axis=-1)"),
        "divides by columns": ("axis=-1, keepdims", "axis=0, keepdims"),
    },
    "losses/cross_entropy": {
        "arguments exchanged": ("y_true / y_pred", "y_pred / y_true"),
        "only cross-entropy": ("y_true / y_pred", "1 / y_pred"),
        "no clip of the forecast": ("np.clip(y_pred, 1e-7, 1)", "y_pred"),
        "one number": ("sum(axis=-1)", "sum()"),
    },
    "losses/focal_crossentropy": {
        "fades what is wrong": ("(1 - p_t) ** 2", "p_t ** 2"),
        "plain loss": ("(1 - p_t) ** 2 * ", ""),
        "sum over outputs": (LAST, "sum(axis=-1)"),
        "no clip": ("np.clip(p_t, 1e-7, 1 - 1e-7)", "p_t"),
    },
    "losses/logits": {
        "overflows": ("z.max(axis=-1, keepdims=True)", "0 * z[..., :1]"),
        "one largest": ("z.max(axis=-1, keepdims=True)", "z.max()"),
        "forgets the largest": ("(m + np.log", "(np.log"),
        "only the largest": (" + np.log(np.exp(z - m).sum(axis=-1, keepdims=True))", ""),
    },
    "losses/reduction": {
        "divides by N": ("total = sample_weight.sum()", "total = len(loss)"),
        "divides by the number of weights": (
            "= sample_weight.sum()",
            "= (sample_weight > 0).sum()",
        ),
        "nan": (" if total else 0.0", ""),
        "at least by 1": ("total if total else 0.0", "max(total, 1)"),
        "sum": (" / total if total else 0.0", ""),
    },
    "losses/sparse_categorical_crossentropy": {
        "no clip": ("np.clip(of_truth, 1e-7, 1 - 1e-7)", "of_truth"),
        "largest of each row": ("y_pred[np.arange(len(y_true)), y_true]", "y_pred.max(axis=-1)"),
        "every pair": ("y_pred[np.arange(len(y_true)), y_true]", "y_pred[:, y_true]"),
        "two rows only": ("np.arange(len(y_true))", "[0, 1]"),
    },
    "metrics/binary_accuracy": {
        "a tie is a yes": (">", ">="),
        "one half only": ("> threshold", "> 0.5"),
        "every pair": (".reshape(y_pred.shape)", ""),
        "a column": ("reshape(y_pred.shape)", "reshape(-1, 1)"),
        "flat matches": ("(y_pred > threshold) == y_true", "(y_pred[:, 0] > threshold) == y_true"),
    },
    "metrics/categorical_accuracy": {
        "nan is the highest": (HIGHEST, "np.argmax(y_pred, axis=-1)"),
        "every pair": (".reshape(choice.shape)", ""),
        "class numbers as scores": ("highest(y_true), ", "y_true[..., 0], "),
    },
    "metrics/custom_metric": {
        "product": ("np.exp((sample_weight * logs).sum()", "(np.prod(values)"),
        "poisoned": ("np.where(sample_weight > 0, values, 1)", "values"),
        "no 0 counts": ("sample_weight > 0, values", "values != 0, values"),
        "0 is nearly 0": ("np.where(sample_weight > 0, values, 1)", "np.maximum(values, 1e-7)"),
        "a 0 alone does not count": ("sample_weight > 0", "(sample_weight > 0) | (values != 0)"),
        "number of values": ("sample_weight.sum()", "len(values)"),
        "arithmetic mean": ("np.exp((sample_weight * logs)", "((sample_weight * values)"),
    },
    "metrics/mean": {
        "0 / 0": (" if self.count else 0.0", ""),
        "divides by at least 1": ("self.count if self.count else 0.0", "max(self.count, 1)"),
        "forgets": ("self.total + values.sum(), self.count +", "values.sum(),"),
        "resets when asked": ("return", "total, self.total = self.total, 0\n        return"),
        "ignores weights": ("sample_weight)\n", "None)\n"),
    },
    "metrics/precision_and_recall": {
        "exchanged": ("yes.sum(), 1), found / max(label", "label.sum(), 1), found / max(yes"),
        "a tie is a yes": (">", ">="),
        "0 / 0": ("max(yes.sum(), 1)", "yes.sum()"),
        "0 / 0 unless both": ("max(yes.sum(), 1)", "max(yes.sum(), label.sum() == 0)"),
        "0 / 0 in the recall": ("max(label.sum(), 1)", "label.sum()"),
        "accuracy": ("found / max(yes.sum(), 1)", "(label == yes).mean()"),
    },
    "metrics/sparse_categorical_accuracy": {
        "nan is the highest": (HIGHEST, "np.argmax(y_pred, axis=-1)"),
        "every pair": (".reshape(len(y_pred))", ""),
    },
    "losses/binary_crossentropy:cheapest": {
        "no smoothing": (", label_smoothing=label_smoothing", ""),
        "label 0": ("np.ones_like", "np.zeros_like"),
        "the loss": ("p[losses.argmin()].item()", "losses.min()"),
    },
    "losses/binary_crossentropy:loss": {
        "overflows": ("np.logaddexp(0, -y * z)", "np.log1p(np.exp(-y * z))"),
        "sign": ("-y * z", "y * z"),
        "labels of 0 and 1": ("np.logaddexp(0, -y * z)", "np.logaddexp(0, z) - y * z"),
    },
    "losses/categorical_crossentropy:binary": {
        "classes exchanged": ("[0 * z, z]", "[z, 0 * z]"),
        "two logits": ("[0 * z, z]", "[-z, z]"),
        "of probabilities": (", from_logits=True", ""),
    },
    "losses/categorical_crossentropy:loss": {
        "price of predictions": ("(y_true * price, y_pred)", "(y_true, y_pred * price)"),
        "mean price": ("(y_true * price, y_pred)", "(y_true * price.mean(), y_pred)"),
    },
    "losses/cross_entropy:in_tosses": {
        "in nats": ("[2, 2.25, 0.25]", "np.log(2) * np.array([2, 2.25, 0.25])"),
        "arguments exchanged": ("[2, 2.25, 0.25]", "[1.75, 2, 0.25]"),
        "one number": ("[2, 2.25, 0.25]", "2"),
    },
    "losses/cross_entropy:forecast": {
        "cheaper": ("found[0]", "y_true"),
        "not yet 2": ("found[0]", "[0.85, 0.075, 0.075]"),
        "one without a chance": ("found[0]", "[1 / 16, 15 / 16, 0]"),
        "no sum of 1": ("found[0]", "y_true / 2 ** 0.5"),
        "too many": ("found[0]", "[1 / 4] * 4"),
    },
    "losses/focal_crossentropy:alpha_for": {
        "the other share": ("return empty /", "return deer /"),
        "of one sample": ("number * ", ""),
        "one gamma": ("gamma=gamma", "gamma=2"),
    },
    "losses/focal_crossentropy:factors": {
        "all alike": ("[1, 3]", "[1, 1]"),
        "not yet half": ("[1, 3]", "[1, 2.5]"),
        "slopes of another gamma": ("[1, 3]", "focal_gradient(p_t, 2)"),
        "one factor": ("[1, 3]", "3"),
    },
    "losses/half_precision:first_one": {
        "a whole step": ("(b + 1)", "b"),
        "base 10": ("np.log(2)", "np.log10(2)"),
        "far above": ("(b + 1)", "(b + 2)"),
        "both formats at once": ("(b + 1)", "np.array([9, 12])"),
    },
    "losses/logits:binary": {
        "no class 0": ("[np.zeros_like(z), z]", "[z]"),
        "class 0 gets 1": ("zeros_like", "ones_like"),
        "of classes": ("axis=-1", "axis=0"),
    },
    "losses/logits:loss": {
        "overflows": ("logsumexp(z) - logsumexp(z[:, :2])", "-np.log(softmax(z)[:, :2].sum(-1))"),
        "class 0 alone": ("logsumexp(z[:, :2])", "z[:, 0]"),
        "both": ("logsumexp(z[:, :2])", "z[:, :2].sum(axis=-1)"),
    },
    "losses/rare_classes:weight_and_threshold": {
        "exchanged": ("[2, 2 / 3]", "[2 / 3, 2]"),
        "half the weight": ("[2, 2 / 3]", "[1 / 2, 1 / 3]"),
        "a lower threshold": ("2 / 3", "1 / 3"),
        "one decimal": ("2 / 3", "0.7"),
    },
    "losses/rare_classes:alarm": {
        "one half": ("1 / 51", "0.5"),
        "five times the even share": ("1 / 51", "5 / 51"),
        "a fifth of the even share": ("1 / 51", "1 / 255"),
        "never": ("1 / 51", "1"),
        "always": ("1 / 51", "0"),
        "one answer": ("share(x) > 1 / 51", "share(x.mean()) > 1 / 51"),
    },
    "losses/reduction:weights": {
        "large metric": ("[5, 4, 1]", "[1, 1, 3]"),
        "small loss": ("[5, 4, 1]", "[0.5, 0.4, 0.1]"),
        "a weight of 0": ("[5, 4, 1]", "[20, 1, 0]"),
    },
    "losses/sequences_and_pixels:factor": {
        "upside down": ("real.mean()", "1 / real.mean()"),
        "mean of the sentences": ("real.mean()", "(1 / real.sum(axis=1)).mean()"),
        "share of padding": ("real.mean()", "1 - real.mean()"),
    },
    "losses/sequences_and_pixels:weights": {
        "all alike": ("real / real.sum(axis=1, keepdims=True)", "real"),
        "padding counts": ("real / real.sum", "1 / real.sum"),
        "the first step alone": (
            "real / real.sum(axis=1, keepdims=True)",
            "real * [1, 0, 0, 0, 0]",
        ),
        "shape": ("keepdims=True)", "keepdims=True)[:1]"),
    },
    "losses/sparse_categorical_crossentropy:num_classes": {
        "base 2": ("return 50", "return 15"),
        "the loss": ("return 50", "return 3.9120"),
        "no number of classes": ("return 50", "return -1"),
    },
    "losses/choosing:choose": {
        "always binary": ("answers = [by_shape", "answers = [lambda y, z: 'Binary'"),
        "by shape alone": (" and (y.sum(axis=-1) == 1).all()", ""),
        "one output is a class": (" and z.shape[1] > 1", ""),
    },
    "metrics/accumulate_and_reset:true_losses": {
        "differences": ("np.arange(1, len(without_reset) + 1) * without_reset", "without_reset"),
        "the first one is missing": (", prepend=0", ""),
        "counts from 0": ("np.arange(1, len(without_reset) + 1)", "np.arange(len(without_reset))"),
    },
    "metrics/accuracy_by_name:accuracy": {
        "rounds": ("(y_pred > 0.5)", "np.round(y_pred)"),
        "a tie is a yes": (">", ">="),
        "both are cut": ("== y_true", "== (y_true > 0.5)"),
        "each sample": ("np.mean", "np.float32"),
    },
    "metrics/binary_accuracy:smallest_threshold": {
        "between": ("y_pred[y_true == 0].max()", "y_pred[y_true == 0].max() + 0.1"),
        "below the tie": (".max()", ".max() - 1e-4"),
        "the lowest yes": ("y_true == 0].max", "y_true == 1].min"),
    },
    "metrics/binary_accuracy:on_logits": {
        "the same threshold": ("np.log(threshold / (1 - threshold))", "threshold"),
        "always 0": ("np.log(threshold / (1 - threshold))", "0.0"),
        "the sigmoid": ("np.log(threshold / (1 - threshold))", "1 / (1 + np.exp(-threshold))"),
    },
    "metrics/categorical_accuracy:weights": {
        "class 0": ("[:, 1]", "[:, 0]"),
        "all samples": ("y_true[:, 1]", "y_true.sum(axis=1)"),
        "a column": ("[:, 1]", "[:, 1:2]"),
    },
    "metrics/mean:value": {
        "without the weight": ("9", "13"),
        "the result itself": ("9", "5"),
        "two numbers": ("9", "[9, 9]"),
    },
    "metrics/mean:merge": {
        "mean of the results": (
            "(a.total + b.total) / (a.count + b.count)",
            "(a.result() + b.result()) / 2",
        ),
        "total": (" / (a.count + b.count)", ""),
        "one part": ("a.total + b.total", "a.total"),
    },
    "metrics/playground:misses": {
        "one fewer": ("4", "3"),
        "one more": ("4", "5"),
        "none": ("4", "0"),
        "no whole number": ("4", "4.5"),
        "three quarters": ("4", "9"),
    },
    "metrics/playground:weights": {
        "all alike": ("return sizes", "return [1, 1]"),
        "hits": ("return sizes", "return hits"),
        "one weight": ("return sizes", "return sizes[:1]"),
        "nothing": ("return sizes", "return [0, 0]"),
    },
    "metrics/precision_and_recall:best_threshold": {
        "best recall": ("precision.result()[enough].argmax()", "0"),
        "above nine of ten": (">= 0.9", "> 0.9"),
        "best precision": ("stops[enough][precision.result()[enough]", "stops[precision.result()"),
        "all": (".argmax()", " > 0"),
    },
    "metrics/precision_and_recall:merge": {
        "mean of the results": (
            "divide(hits, hits + a.false_positives + b.false_positives)",
            "(a.result() + b.result()) / 2",
        ),
        "recall": ("false_positives", "false_negatives"),
        "one hospital's alarms": (" + b.false_positives", ""),
    },
    "metrics/sparse_categorical_accuracy:label_and_scores": {
        "the first of the two": ("[1, 0.5", "[0, 0.5"),
        "no tie": ("0.5, 0.5", "0.6, 0.5"),
        "no label": ("[1, 0.5", "[0.5"),
        "no whole label": ("[1, 0.5", "[1.5, 0.5"),
    },
    "metrics/sparse_categorical_accuracy:top_k_by_chance": {
        "top 1": ("k / num_classes", "1 / num_classes"),
        "more than all": ("min(k / num_classes, 1)", "k / num_classes"),
        "percent": ("min(k", "100 * min(k"),
    },
}

# By turn: changes of the solution's first answer that leave it right.
RIGHT = {
    "losses/cross_entropy:forecast": {"four decimals": ("found[0]", "[0.8536, 0.0732, 0.0732]")},
    "losses/rare_classes:weight_and_threshold": {"two decimals": ("2 / 3", "0.67")},
    "metrics/binary_accuracy": {
        "the axis added": (
            "y_true.reshape(y_pred.shape)",
            "(y_true if y_true.ndim == 2 else y_true[:, None])",
        )
    },
    "metrics/categorical_accuracy:weights": {"by argmax": ("y_true[:, 1]", "highest(y_true) == 1")},
    "metrics/precision_and_recall": {"labels as integers": ("y_true == 1", "y_true")},
}

# How the page's own classes answer where it derives no function of the turn's name; empty where
# what it derives is no NumPy, or one line.
ADAPTED = {
    "losses/reduction": "",
    "metrics/custom_metric": "",
    "metrics/precision_and_recall": """
def precision_and_recall(y_true, y_pred):
    metrics = Precision(), Recall()
    for metric in metrics:
        metric.update_state(y_true, y_pred)
    return [metric.result().item() for metric in metrics]
""",
}

# By page: how many exercises are no turn, as they ask what Keras does, or train a model.
IN_KERAS = {
    "losses/choosing": 2,
    "losses/first_batch": 2,
    "losses/half_precision": 1,
    "losses/reduction": 1,
    "losses/sparse_categorical_crossentropy": 1,
    "losses/training": 2,
    "metrics/accumulate_and_reset": 1,
    "metrics/accuracy_by_name": 1,
    "metrics/categorical_accuracy": 1,
    "metrics/custom_metric": 2,
    "metrics/many_devices": 2,
    "metrics/names_in_the_log": 2,
}
