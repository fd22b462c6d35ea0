"""Notebooks whose answers are right, each in a style of its own.

Each is a change of the solved notebook: cells by the answer that they stand for, cells before the
first answer, and cells at the end. It has to get all points where the student sees it, run from
top to bottom by IPython, and the same when it is graded.
"""

import nbformat
from assignments import checks, notebook, source

BODY = "    return -(y_true * np.log(p) + (1 - y_true) * np.log(1 - p)).mean(axis=-1)"
FIRST = f"def binary_crossentropy(y_true, y_pred):\n    p = np.clip(y_pred, 1e-7, 1 - 1e-7)\n{BODY}"
LIMITED = FIRST.replace("1e-7, 1 - 1e-7", "low, high")
HELPED = FIRST.replace("np.clip(y_pred, 1e-7, 1 - 1e-7)", "clipped(y_pred)")
METRIC = (
    "class Mean:\n    def __init__(self): self.reset_state()\n"
    "    def reset_state(self): self.total, self.count = 0.0, 0.0\n"
    "    def update_state(self, values, sample_weight=None):\n"
    "        weight = np.ones(len(values)) if sample_weight is None else sample_weight\n"
    "        self.total += np.dot(values, weight)\n        self.count += np.sum(weight)\n"
    "    def result(self): return self.total / self.count if self.count else 0.0\n"
)
XLOGY = (
    "try:\n    from scipy.special import xlog\nexcept ImportError:\n"
    "    def xlog(a, b): return a * np.log(b)\n"
)


def b(first=None, before="", after="", **cells):
    """Return a change of the losses: the first answer, a cell before it, one at the end."""
    changed = {"binary_crossentropy": first} if first else {}
    return {"assignment": "losses", "before": before, "after": after, "cells": changed | cells}


def m(mean, before="", after="", **cells):
    """Return a change of the metrics."""
    return {
        "assignment": "metrics",
        "before": before,
        "after": after,
        "cells": {"Mean": mean} | cells,
    }


STYLES = {
    "as solved": b(),
    "two helpers of one name": b(
        f"def clipped(p): return np.clip(p, 1e-7, 1 - 1e-7)\n{HELPED}",
        smooth="def clipped(n): return 1 / n\ndef smooth(one_hot, s):\n"
        "    return one_hot * (1 - s) + s * clipped(one_hot.shape[1])",
    ),
    "help": b(f"np.clip?\n{FIRST}", "np.clip??"),
    "help at the end": b(f"{FIRST}\n?np.clip"),
    "a shell line": b(f"x = !ls\n!pip install scipy\n%cd ..\n{FIRST}"),
    "a magic": b(f"%precision 4\n{FIRST}\n%timeit -n 1 -r 1 1 + 1"),
    "a timed cell": b(f"%%time\n{FIRST}"),
    "a captured cell": b(f"%%capture output\n{FIRST}"),
    "a timed line": b(LIMITED, "%time low, high = 1e-7, 1 - 1e-7"),
    "a written file": b(
        f"from my_clip import clipped\n{HELPED}",
        "%%writefile my_clip.py\nimport numpy as np\n"
        "def clipped(p): return np.clip(p, 1e-7, 1 - 1e-7)",
    ),
    "from numpy import *": b(FIRST.replace("np.", ""), "from numpy import *"),
    "another name of NumPy": b(f"import numpy\n{FIRST.replace('np.', 'numpy.')}"),
    "an import that fails": b(
        f"{XLOGY}{FIRST.replace('y_true * np.log(p)', 'xlog(y_true, p)')}"
    ),
    "constants of with": b(
        LIMITED, "with np.errstate(all='ignore'):\n    low, high = 1e-7, 1 - 1e-7"
    ),
    "constants of for": b(LIMITED, "for low in (0, 1e-7):\n    high = 1 - low"),
    "constants of if": b(LIMITED, "if True:\n    low = 1e-7\n    high = 1 - low"),
    "constants of a dict": b(
        FIRST.replace("1e-7, 1 - 1e-7", "d['low'], d['high']"),
        "d = {}\nd['low'] = 1e-7\nd['high'] = 1 - 1e-7",
    ),
    "a walrus": b(LIMITED, "print(low := 1e-7, high := 1 - low)"),
    "an augmented value": b(LIMITED, "low = 0\nlow += 1e-7\nhigh = 1; high -= 1e-7"),
    "two on a line": b(LIMITED, "low = 1e-7; high = 1 - low"),
    "a default of the same name": b(
        "eps = 1e-7\n"
        + FIRST.replace("y_true, y_pred)", "y_true, y_pred, eps=eps)").replace("1e-7", "eps")
    ),
    "a helper's name as a loop variable": b(
        f"def clipped(p): return np.clip(p, 1e-7, 1 - 1e-7)\n{HELPED}",
        smooth="def smooth(one_hot, s):\n    for clipped in [one_hot]:\n"
        "        return clipped * (1 - s) + s / clipped.shape[1]",
    ),
    "an attribute of the function": b(
        f"{FIRST.replace('    p =', '    binary_crossentropy.calls += 1; p =')}\n"
        "binary_crossentropy.calls = 0"
    ),
    "a scratch sum further down": b(
        FIRST.replace("return -(", "return -sum((")
        .replace(".mean(axis=-1)", ".T) / y_true.shape[1]"),
        after="sum = 0\nclipped = None",
    ),
    "a thread pool": b(
        "from concurrent.futures import ThreadPoolExecutor\n"
        + FIRST.replace(
            "p = np.clip(y_pred, 1e-7, 1 - 1e-7)",
            "pool, clip = ThreadPoolExecutor(4), lambda row: np.clip(row, 1e-7, 1 - 1e-7)\n"
            "    p = np.array(list(pool.map(clip, y_pred)))",
        )
    ),
    "tf's epsilon": b(LIMITED, "low = tf.keras.backend.epsilon()\nhigh = 1 - low"),
    "keras's epsilon": b(
        LIMITED, "from tensorflow import keras\nlow = keras.config.epsilon()\nhigh = 1 - low"
    ),
    "compared with tf before": b(
        "print(tf.keras.losses.binary_crossentropy([[0.0]], [[0.3]]).numpy())\n"
        "loss = tf.keras.losses.BinaryCrossentropy()\n"
        "print(float(loss([[0.0]], [[0.3]])))\n" + FIRST
    ),
    "an attribute called tf": b(
        "class Sizes: pass\nsizes = Sizes()\nsizes.tf = sizes.keras = 1e-7\n"
        + FIRST.replace("1e-7, 1 - 1e-7", "sizes.tf, 1 - sizes.keras")
    ),
    "a lambda": b(
        "binary_crossentropy = lambda t, p: -(t * np.log(np.clip(p, 1e-7, 1 - 1e-7))"
        " + (1 - t) * np.log(1 - np.clip(p, 1e-7, 1 - 1e-7))).mean(-1)"
    ),
    "a partial": b(
        "from functools import partial\n"
        + FIRST.replace("def binary_crossentropy(", "def _loss(eps, ").replace("1e-7", "eps")
        + "\nbinary_crossentropy = partial(_loss, 1e-7)"
    ),
    "a decorator": b(
        "import functools, time\ndef timed(f):\n    @functools.wraps(f)\n    def inner(*a):\n"
        "        start = time.time(); value = f(*a); print(time.time() - start); return value\n"
        f"    return inner\n@timed\n{FIRST}"
    ),
    "a dataclass": b(
        "from dataclasses import dataclass\n@dataclass\nclass Clip:\n    low: float = 1e-7\n"
        + FIRST.replace("1e-7, 1 - 1e-7", "Clip().low, 1 - Clip().low")
    ),
    "annotations": b(
        "from __future__ import annotations\n"
        + FIRST.replace("y_true, y_pred)", "y_true: np.ndarray, y_pred: Unknown) -> Unknown")
    ),
    "loops and lists": b(
        "import math\ndef binary_crossentropy(y_true, y_pred):\n    losses = []\n"
        "    for truth, row in zip(y_true.tolist(), y_pred.tolist()):\n        total = 0\n"
        "        for t, p in zip(truth, row):\n            p = min(max(p, 1e-7), 1 - 1e-7)\n"
        "            total -= math.log(p) if t else math.log(1 - p)\n"
        "        losses.append(total / len(row))\n    return losses"
    ),
    "float32": b(FIRST.replace("clip(y_pred", "clip(np.float32(y_pred)")),
    "fractions": b(FIRST.replace(".mean(axis=-1)", ".mean(axis=-1).astype(object)")),
    "a global that grows": b(FIRST.replace("    p =", "    seen.append(1); p ="), "seen = []"),
    "a result kept": b(
        FIRST.replace("    p =", "    y_true *= 1; y_pred += 0.0; p =")
    ),
    "text that prints": b(f"print('hello')\n{FIRST}\ndisplay(1)\nbinary_crossentropy"),
    "a helper after its use": b(
        f"{HELPED}\ndef clipped(p): return np.clip(p, 1e-7, 1 - 1e-7)"
    ),
    "one of two cells": b(FIRST, before="def clipped(p):\n    return p\nassert True"),
    "a cell that fails": b(FIRST, before="1 / 0", after="raise SystemExit"),
    "Windows lines": b(FIRST.replace("\n", "\r\n")),
    "a name in Korean": b(
        FIRST.replace("p =", "예측 =").replace("(p)", "(예측)").replace("- p)", "- 예측)")
    ),
    "set once more": b(FIRST, before="np.random.seed(3)\nnp.set_printoptions(precision=1)"),
    "Colab's drive": b(
        "try:\n    from google.colab import drive\n    drive.mount('/x')\n"
        f"except ImportError:\n    pass\n{FIRST}"
    ),
    "an awaited line": b(
        f"import asyncio\nawait asyncio.sleep(0)\n{FIRST}", "low = await asyncio.sleep(0, 1)"
    ),
    "errors for NumPy's warnings": b(
        before="np.seterr(all='raise')\nimport warnings\nwarnings.simplefilter('error')"
    ),
    "a formatted tensor": b(
        "loss = tf.reduce_sum(tf.keras.losses.binary_crossentropy([[0.0]], [[0.3]]))\n"
        f"print(f'{{loss:.3f}}')\n{FIRST}\nprint(round(loss.numpy(), 2))"
    ),
    "asserts beside tf": b(
        f"{FIRST}\na, p = np.array([[0.0, 1.0]]), np.array([[0.3, 0.6]])\n"
        "keras = tf.keras.losses.binary_crossentropy(a, p).numpy()\n"
        "np.testing.assert_allclose(binary_crossentropy(a, p), keras, rtol=1e-4)\n"
        "assert abs(binary_crossentropy(a, p)[0] - float(keras[0])) < 1e-4\n"
        "for got, want in zip(binary_crossentropy(a, p), keras):\n    print(got - want)"
    ),
    "a match statement": b(
        FIRST.replace("np.clip(y_pred, 1e-7, 1 - 1e-7)", "clipped(y_pred)"),
        "def clipped(p):\n    match p.ndim:\n        case 2: return np.clip(p, 1e-7, 1 - 1e-7)",
    ),
    "a doctest": b(
        f"{FIRST}\nimport doctest\ndoctest.testmod()", "import inspect, pickle, logging"
    ),
    "a plot": b(
        "import matplotlib.pyplot as plt\n"
        f"{FIRST}\nplt.plot([1, 2])\nplt.show()"
    ),
    "exec of text": b(f"exec({FIRST!r})"),
    "an object that is called": b(
        FIRST.replace("def binary_crossentropy(", "class Loss:\n  def __call__(self, ")
        .replace("\n    ", "\n        ") + "\nbinary_crossentropy = Loss()"
    ),
    "a global of a function": b(
        "def make():\n    global binary_crossentropy\n    " + FIRST.replace("\n", "\n    ")
        + "\nmake()"
    ),
    "a tuple": b(FIRST.replace("return -", "return tuple(-").replace("axis=-1)", "axis=-1))")),
    "a chained cache": b(
        "import functools\n@functools.lru_cache\ndef limits(): return 1e-7, 1 - 1e-7\n"
        + FIRST.replace("1e-7, 1 - 1e-7", "*limits()")
    ),
    "if main": b(f"{FIRST}\nif __name__ == '__main__':\n    print('run')"),
    "names of the checks": b(
        "def reference(p): return np.clip(p, 1e-7, 1 - 1e-7)\ncases = rounds = one_output = 1\n"
        + FIRST.replace("np.clip(y_pred, 1e-7, 1 - 1e-7)", "reference(y_pred)"),
        categorical_crossentropy="def categorical_crossentropy(y_true, y_pred):\n"
        "    p = reference(y_pred / y_pred.sum(axis=-1, keepdims=True))\n"
        "    return -(y_true * np.log(p)).sum(axis=-1)",
    ),
    "update_state that returns self": m(
        METRIC.replace("np.sum(weight)", "np.sum(weight); return self")
    ),
    "a method added later": m(
        METRIC[METRIC.index("    def result") :].replace("    def", "def") + "Mean.result = result",
        METRIC[: METRIC.index("    def result")],
    ),
    "a factory": m(METRIC.replace("class Mean", "class _Mean") + "def Mean(): return _Mean()"),
    "a partial class": m(
        "from functools import partial\n"
        + METRIC.replace("class Mean", "class _Mean")
        .replace("(self): self.reset", "(self, x): self.reset")
        + "Mean = partial(_Mean, 0.0)"
    ),
    "a dataclass, metrics": m(
        "from dataclasses import dataclass\n@dataclass\nclass Mean:\n"
        "    total: float = 0.0\n    count: float = 0.0\n"
        "    def reset_state(self): self.__init__()\n"
        + METRIC[METRIC.index("    def update_state"):]
    ),
    "slots": m(METRIC.replace("class Mean:", "class Mean:\n    __slots__ = ('total', 'count')")),
    "closures": m(
        "from types import SimpleNamespace\ndef Mean():\n    kept = []\n"
        "    def update_state(values, sample_weight=None):\n"
        "        w = np.ones(len(values)) if sample_weight is None else sample_weight\n"
        "        kept.append((np.sum(values * w), np.sum(w)))\n"
        "    def result():\n        total, count = np.sum(kept, axis=0) if kept else (0, 0)\n"
        "        return total / count if count else 0.0\n"
        "    return SimpleNamespace(update_state=update_state, result=result,"
        " reset_state=kept.clear)"
    ),
    "where for if": m(
        METRIC.replace("return self.total / self.count if self.count else 0.0",
                       "return np.where(self.count, self.total / np.float64(self.count), 0.0)")
        .replace("np.sum(weight)", "np.float64(np.sum(weight))")
    ),
    "a running mean": m(
        "class Mean:\n    def __init__(self): self.mean = self.weight = 0.0\n"
        "    reset_state = __init__\n"
        "    def update_state(self, values, sample_weight=None):\n"
        "        for k, v in enumerate(values):\n"
        "            w = 1.0 if sample_weight is None else sample_weight[k]\n"
        "            self.weight += w\n"
        "            if w: self.mean += (v - self.mean) * w / self.weight\n"
        "    def result(self): return self.mean"
    ),
    "a base class": m(METRIC.replace("class Mean", "class Base") + "class Mean(Base): pass"),
    "a list of all values": m(
        "class Mean:\n    def __init__(self): self.values, self.weights = [], []\n"
        "    reset_state = __init__\n"
        "    def update_state(self, values, sample_weight=None):\n"
        "        self.values.extend(values)\n"
        "        w = [1] * len(values) if sample_weight is None else sample_weight\n"
        "        self.weights.extend(w)\n"
        "    def result(self):\n        return np.average(self.values, weights=self.weights) "
        "if sum(self.weights) else 0"
    ),
    "score == max": m(
        METRIC,
        SparseCategoricalAccuracy=METRIC.replace("class Mean", "class SparseCategoricalAccuracy")
        .replace("self, values,", "self, class_index, y_pred,")
        .replace("        weight", "        score = y_pred[np.arange(len(y_pred)), class_index]\n"
                 "        right = score == y_pred.max(1)\n"
                 "        values = right * 1.0\n        weight", 1),
    ),
    "names of the checks, metrics": m(
        "def mean(values, weight): return np.dot(values, weight)\nprinted = batch = weights = 1\n"
        + METRIC.replace("np.dot", "mean"),
    ),
    "predictions as a tuple": m(
        METRIC, predictions="predictions = lambda: (18 / 3, 33 / 6, 8.0, 16 / 3)"
    ),
    "predictions as an array": m(
        METRIC, predictions="def predictions(): return np.array([6, 5.5, 8, 5.33333])"
    ),
}  # fmt: skip


def styled(style):
    """Return the notebook of a style."""
    made = nbformat.from_dict(notebook(source(style["assignment"])))
    made = nbformat.reads(nbformat.writes(made), as_version=4)
    first = next(n for n, cell in enumerate(made.cells) if cell.id in checks(style["assignment"]))
    for cell in made.cells:
        cell.source = style["cells"].get(cell.id, cell.source)
    new = nbformat.v4.new_code_cell
    made.cells[first:first] = [new(style["before"])] if style["before"] else []
    made.cells += [new(style["after"])] if style["after"] else []
    return made
