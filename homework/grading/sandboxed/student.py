"""Read a student's notebook, run its code cells one by one, and call the answers, in the sandbox.

What a cell does at home it does here, but for what is not there: magics and shell lines do nothing,
and TensorFlow, the book's helpers and Colab are stand-ins that give no numbers.
"""

import ast
import base64
import codeop
import contextlib
import datetime
import functools
import json
import os
import random
import re
import sys
import time
import types
import warnings
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

import numpy as np

# Two runs give the same grade: what seeds itself from the system, this seeds.
os.urandom = random._urandom = random.Random(0).randbytes
random.seed(0)

MAX_NUMBERS, MAX_MESSAGE = 100_000, 300
MAX_CELLS, MAX_CODE = 2_000, 400_000  # code cells, and characters of all of them
# After Unicode's: Korean, Japanese, Western. The last one reads any byte.
ENCODINGS = ("cp949", "cp932", "euc_jp", "cp1252", "latin-1")
WITH_A_BODY = {"time", "capture", "prun"}  # magics that run their cell
ABSENT = {"tensorflow", "tf_keras", "keras", "helpers", "google"}


def handle(request):
    """Return the reply to one request: read, run, kind, call or method."""
    try:
        return ACTIONS[request.pop("do")](**request)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        return {"error": type(error).__name__, "message": _message(error)}


def _message(error):
    try:
        if isinstance(error, SyntaxError) and str(error.filename).startswith("code cell"):
            return f"{error.msg} (line {error.lineno} of {error.filename})"[:MAX_MESSAGE]
        return _whole(str(error)[:MAX_MESSAGE])
    except BaseException:
        return ""


def _whole(text):
    """Return a text without halves of characters, which no encoding can write."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# The file.


def read(file, names):
    """Return the code cells of a notebook, or the reason why it has none that can be read.

    Args:
        file: the file's bytes in base64.
        names: the names of the answers.

    Returns:
        {"unreadable": reason}, or {"cells": [{"source", "check": the answer whose check stands
        there, or None}], "found": how many of the answers the code names, "solved": how many of
        them have more than what was handed out}.
    """
    try:
        cells = _code_cells(base64.b64decode(file), names)
    except (RecursionError, MemoryError):
        return {"unreadable": "the file is nested too deeply or too large to be read"}
    except ValueError as error:
        return {"unreadable": str(error)}
    words = [set(re.findall(r"\w+", cell["source"])) for cell in cells if not cell["check"]]
    found = [[each for each in words if name in each] for name in names]
    solved = [any("NotImplementedError" not in each for each in cells) for cells in found]
    return {"cells": cells, "found": sum(map(bool, found)), "solved": sum(solved)}


def _code_cells(data, names):
    notebook = _dict(_value(data))
    cells, sheets = notebook.get("cells"), notebook.get("worksheets")
    if not cells and isinstance(sheets, list):  # the older format
        cells = [cell for sheet in sheets for cell in _dict(sheet).get("cells", [])]
    if not isinstance(cells, list):
        raise ValueError("the file is not a notebook: it has no list of cells")
    cells = [cell for cell in map(_dict, cells) if cell.get("cell_type") == "code"]
    sources = list(map(_source, cells))
    if len(cells) > MAX_CELLS:
        raise ValueError(f"the notebook has more than {MAX_CELLS} code cells")
    if sum(map(len, sources)) > MAX_CODE:
        raise ValueError(f"the notebook has more than {MAX_CODE} characters of code")
    found = zip(cells, sources, strict=True)
    return [{"source": source, "check": _checked(cell, source, names)} for cell, source in found]


def _dict(value):
    return value if isinstance(value, dict) else {}


def _value(data):
    """Return the JSON value of a file's bytes."""
    reason = None if data.strip() else "the file is empty"
    for encoding in (json.detect_encoding(data), *ENCODINGS):
        try:
            return json.loads(data.decode(encoding))
        except UnicodeDecodeError:
            continue
        except json.JSONDecodeError as error:
            breaks_off = error.pos >= len(error.doc.rstrip()) - 1
            breaks_off |= error.msg.startswith("Unterminated")
            where = "it breaks off" if breaks_off else "it is not JSON"
            reason = reason or f"the file is not a whole notebook: {where} (line {error.lineno})"
    raise ValueError(reason)


def _source(cell):
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _whole(source.replace("\r\n", "\n")) if isinstance(source, str) else ""


def _checked(cell, source, names):
    """Return the answer that a cell checks: by its text, by its metadata, or None."""
    called = re.search(r"^\s*homework\s*\.\s*check\w*\(\s*[\"'](\w+)[\"']", source, re.MULTILINE)
    if called and called[1] in names:
        return called[1]
    grader = _dict(_dict(cell.get("metadata")).get("nbgrader"))
    marks = [str(grader.get("grade_id")), str(cell.get("id"))]
    checked = [mark[:-6] for mark in marks if mark.endswith("-check") and mark[:-6] in names]
    return checked[0] if checked else None


# What is not there.


class AbsentError(ImportError):
    """A value was asked for that is not there when answers are graded."""


class Absent:
    """A module that is not there when answers are graded, or a part of it. It gives no numbers."""

    __version__ = "2.0"

    def __init__(self, path, *_):
        self._path = path if isinstance(path, str) else "tensorflow"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._path}.{name}")

    def __call__(self, *arguments, **options):
        if self._path.endswith(".epsilon") and not running_answer:
            return 1e-7
        return Absent(self._path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __instancecheck__(self, value):
        return False

    def refuse(self, *_, **__):
        root = self._path.split(".")[0]
        what = root if root in ("helpers", "google") else "TensorFlow, the reference"
        raise AbsentError(f"this uses {what}, which is not there when answers are graded")


for _name in (
    "array float int bool complex index len iter next getitem setitem neg abs invert round format "
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul "
    "rmatmul and or lt le gt ge eq ne"
).split():
    setattr(Absent, f"__{_name}__", Absent.refuse)


class AbsentFinder:
    """Finds the modules of ABSENT, whatever is installed."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        found = name.split(".")[0] in ABSENT
        return ModuleSpec(name, cls, is_package=True) if found else None

    @staticmethod
    def create_module(spec):
        return Absent(spec.name)

    @staticmethod
    def exec_module(module):
        """Have nothing to run."""


class Shell:
    """What get_ipython() returns: magics and shell lines do nothing and say nothing."""

    def run_line_magic(self, name, line, *_, **__):
        return _execute(line, "a magic") if name == "time" else None

    def run_cell_magic(self, name, line, cell, *_, **__):
        if name in ("writefile", "file"):
            with open(line.split()[-1], "w") as file:
                file.write(cell)
        return _execute(cell, "a magic") if name in WITH_A_BODY else None

    def getoutput(self, *_, **__):
        return []

    def __getattr__(self, name):
        return lambda *_, **__: None


# The cells.

running_answer = False  # whether an answer is being called
_clock_was_read = False
_objects = []


def run(source, number):
    """Run a code cell in the namespace of those before it."""
    _execute(source, f"code cell {number}")
    return {}


@functools.cache
def _main():
    """Return the module in which the cells run, with what every notebook has from the start."""
    sys.meta_path.insert(0, AbsentFinder)
    sys.path.insert(0, "")
    _note_clocks()
    np.random.seed(0)
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    shell = Shell()
    main.__dict__.update(np=np, get_ipython=lambda: shell, display=lambda *_, **__: None)
    main.__dict__.update(In=[""], Out={}, exit=sys.exit, quit=sys.exit)
    return main


def _execute(source, name):
    """Run a cell's statements; those that need what is not there are left out."""
    namespace = _main().__dict__
    tree = ast.parse(_transformer().transform_cell(source), name)
    compiled = codeop.Compile()  # it remembers what comes from __future__
    compiled.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    # Nothing runs of a cell that is not Python.
    codes = [compiled(ast.Module([statement], []), name, "exec") for statement in tree.body]
    for code in codes:
        with contextlib.suppress(AbsentError):
            awaited = eval(code, namespace)
            if awaited is not None:
                import asyncio

                asyncio.run(awaited)


@functools.cache
def _transformer():
    """Return IPython's own reader of cells, without the rest of it, which is slow to import."""
    folder = os.path.dirname(find_spec("IPython").origin)
    for package in ("IPython", "IPython.core", "IPython.utils"):
        module = sys.modules[package] = types.ModuleType(package)
        module.__path__ = [os.path.join(folder, *package.split(".")[1:])]
    from IPython.core.inputtransformer2 import TransformerManager

    for package in [name for name in sys.modules if name.split(".")[0] == "IPython"]:
        del sys.modules[package]
    return TransformerManager()


def _note_clocks():
    """Note when a clock is read: what an answer makes of it may differ from run to run."""

    def noting(function):
        def read_clock(*arguments):
            global _clock_was_read
            # Libraries read clocks too, to no effect on the result.
            _clock_was_read |= sys._getframe(1).f_code.co_filename.startswith("code cell")
            return function(*arguments)

        return read_clock

    clocks = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
    for name in (*clocks, *(f"{name}_ns" for name in clocks), "localtime", "gmtime", "strftime"):
        setattr(time, name, noting(getattr(time, name)))
    methods = {name: vars(datetime.datetime)[name] for name in ("now", "utcnow")}
    methods = {name: classmethod(noting(method)) for name, method in methods.items()}
    datetime.datetime = type("datetime", (datetime.datetime,), methods)


# The answers.


def kind(name):
    """Return whether the cells have defined an answer that can be called, or else what it is."""
    value = getattr(_main(), name, None)
    return {"callable": callable(value), "kind": None if value is None else type(value).__name__}


def call(name, arguments):
    """Call an answer. Where it returns a metric, the reply has the number of the new object."""
    value = _answered(getattr(_main(), name), arguments)
    if isinstance(value, Absent):
        value.refuse()
    if hasattr(value, "result") or hasattr(value, "update_state"):
        _objects.append(value)
        return {"object": len(_objects) - 1}
    return _encoded(value)


def method(number, name, arguments):
    """Call a method of an object that `call` has made. Only a result has a value."""
    value = _answered(getattr(_objects[number], name), arguments)
    return _encoded(value if name == "result" else None)


def _answered(function, arguments):
    global running_answer, _clock_was_read
    running_answer, _clock_was_read = True, False
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():  # as at home
            warnings.simplefilter("ignore")
            return function(*map(_decoded, arguments))
    finally:
        running_answer = False


def _decoded(value):
    if isinstance(value, dict):
        raw = base64.b64decode(value["data"])
        return np.frombuffer(raw, value["dtype"]).reshape(value["shape"]).copy()
    return value


def _encoded(value):
    """Return plain numbers: an object cannot answer for itself outside."""
    if value is None:
        return {"nothing": True, "clock": _clock_was_read}
    array = np.asarray(value)
    if array.dtype.kind not in "biufO":
        words = {"U": "text", "S": "bytes", "c": "complex numbers"}
        raise TypeError(f"returned {words.get(array.dtype.kind, 'no numbers')}; expected numbers")
    numbers = np.asarray(array, dtype="float64")
    if numbers.size > MAX_NUMBERS:
        raise ValueError(f"returned {numbers.size} numbers; expected at most {MAX_NUMBERS}")
    data = base64.b64encode(numbers.tobytes()).decode()
    return {"shape": list(numbers.shape), "data": data, "clock": _clock_was_read}


ACTIONS = {"read": read, "run": run, "kind": kind, "call": call, "method": method}
