"""What checks your turns on the pages, in a kernel or in a browser where NumPy is alone."""

import json
from functools import partial
from html import escape

from helpers.checks import Homework, objection

import numpy as np

RECORDED = {}  # expected results by (exercise, case, round), for where there is no reference


class YourTurn(Homework):
    """The check of what a reader writes on a page, in a kernel or in a browser without Keras.

    It has the methods of `Homework`, and each that checks returns a `Report`.

    Args:
        namespace: where the answer is, `globals()` of the notebook.
    """

    def __init__(self, namespace):
        super().__init__(namespace, 0, recorded=dict(RECORDED), say=lambda text: None)

    def judge(self, name, judge, cases):
        """Ask a judge about a function's results, where many are right; return a `Report`.

        Args:
            name: the function's name.
            judge: is handed an array of what came, and the arguments. It returns what was
                expected, in words, or nothing if the answer is right.
            cases: what `Homework.check` takes.
        """
        return self._check(name, cases, None, lambda drawn: [], partial(objection, judge))

    def passes(self, answer=None):
        """Return whether an answer, by default the page's own, passes what was checked last."""
        name, *check = self._last
        answer = self._namespace.get(name) if answer is None else answer
        one = Homework({name: answer}, 0, recorded=self._recorded, say=self._say)
        one._check(name, *check)
        points, possible, _ = one.reports[name]
        return points == possible

    def _check(self, *check):
        self._last = check
        super()._check(*check)
        *_, lines = self.reports[check[0]]
        return Report("\n".join(lines), partial(self._everything, *check))

    def _everything(self, name, cases, rounds, expect, judge):
        """Return every expected result by its key, whether the answer came so far or not."""
        everything = Homework({name: _unsolved}, 0, recorded={}, say=self._say)
        everything._check(name, cases, rounds, expect, lambda *_: [])
        return everything._recorded


class Report:
    """What a check says. As HTML it brings along what was expected, for a browser to check with."""

    def __init__(self, text, record):
        self._text, self.record = text, record

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        return (
            f"<pre>{escape(self._text)}</pre>"
            f'<script type="application/json">{packed(self.record())}</script>'
        )


def packed(recorded):
    """Return expected results by (exercise, case, round) as JSON, each number in 9 digits."""
    rows = [[*key, _plain(expected)] for key, expected in recorded.items()]
    return json.dumps(rows, separators=(",", ":"))


def unpacked(text):
    """Return what `packed` made a text of."""
    return {tuple(key): np.array(expected) for *key, expected in json.loads(text)}


def _plain(value):
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return np.vectorize(lambda x: float(f"{x:.9g}"), otypes="d")(value).tolist()


def _unsolved():
    raise NotImplementedError
