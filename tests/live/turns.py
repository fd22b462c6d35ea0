"""The turns of the pages: what waits for an answer, what checks it, and answers that are wrong."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import chapters
from helpers.turns import packed

import locations
import nbformat
import pages

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

    def recorded(self) -> str:
        """Return what Keras gives for the check, as the site has it."""
        tree = ast.parse(self.check)
        tree.body[-1] = ast.Assign([ast.Name("report", ast.Store())], tree.body[-1].value)
        check = ast.unparse(ast.fix_missing_locations(tree))
        names = chapters.run([*chapters.cells(self.path), self.start, check], self.name)
        return packed(names["report"].record())


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
        answers=_answers(name, solution),
        finished=_finished(cells, name, at),
    )


def _answers(name, solution):
    """Return the solution's answers, each as code that defines the name."""
    *body, asserted = ast.parse(solution).body
    code = "".join(solution.splitlines(keepends=True)[: asserted.lineno - 1])
    lists = [each.value for each in body if ast.unparse(each).startswith("answers = [")]
    number = len(lists[0].elts) if lists else 0
    return [f"{code}{name} = answers[{i}]" for i in range(number)] or [code]


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
    },
    "metrics/categorical_accuracy": {
        "nan is the highest": (HIGHEST, "np.argmax(y_pred, axis=-1)"),
        "every pair": (".reshape(choice.shape)", ""),
        "class numbers as scores": ("highest(y_true), ", "y_true[..., 0], "),
    },
    "metrics/custom_metric": {
        "product": ("np.exp((sample_weight * logs).sum()", "(np.prod(values)"),
        "poisoned": ("np.where(sample_weight > 0, values, 1)", "values"),
        "number of values": ("sample_weight.sum()", "len(values)"),
        "arithmetic mean": ("np.exp((sample_weight * logs)", "((sample_weight * values)"),
    },
    "metrics/mean": {
        "0 / 0": (" if self.count else 0.0", ""),
        "forgets": ("self.total + values.sum(), self.count +", "values.sum(),"),
        "resets when asked": ("return", "total, self.total = self.total, 0\n        return"),
        "ignores weights": ("sample_weight)\n", "None)\n"),
    },
    "metrics/precision_and_recall": {
        "exchanged": ("yes.sum(), 1), found / max(label", "label.sum(), 1), found / max(yes"),
        "a tie is a yes": (">", ">="),
        "0 / 0": ("max(yes.sum(), 1)", "yes.sum()"),
        "accuracy": ("found / max(yes.sum(), 1)", "(label == yes).mean()"),
    },
    "metrics/sparse_categorical_accuracy": {
        "nan is the highest": (HIGHEST, "np.argmax(y_pred, axis=-1)"),
        "every pair": (".reshape(len(y_pred))", ""),
    },
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
