"""Read a student's notebook, run its code cells one by one, and call the answers, in the sandbox.

What a cell does at home it does here, but for what is not there: magics and shell lines do nothing,
and TensorFlow, the book's helpers and Colab are stand-ins that give no numbers.
"""

import ast
import base64
import codecs
import codeop
import contextlib
import datetime
import json
import os
import random
import re
import sys
import time
import types
from importlib.machinery import ModuleSpec

# Two runs give the same grade: what seeds itself from the system, this seeds.
os.urandom = random._urandom = random.Random(0).randbytes
random.seed(0)

MAX_NUMBERS = 100_000
MAX_MESSAGE = 300
MAX_CODE = 400_000  # characters of all code cells
MAX_CELLS = 2_000
# After UTF-8: Korean, Japanese, Western. The last one reads any byte.
ENCODINGS = ("utf-8-sig", "cp949", "cp932", "euc_jp", "cp1252", "latin-1")
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
        cells, reason = _code_cells(base64.b64decode(file), names)
    except (RecursionError, MemoryError):
        reason = "the file is nested too deeply or too large to be read"
    if not reason and sum(len(cell["source"]) for cell in cells) > MAX_CODE:
        reason = f"the notebook has more than {MAX_CODE} characters of code"
    if not reason and len(cells) > MAX_CELLS:
        reason = f"the notebook has more than {MAX_CELLS} code cells"
    if reason:
        return {"unreadable": reason}
    found = {name: [] for name in names}
    for cell in cells:
        for name in re.findall(r"\w+", "" if cell["check"] else cell["source"]):
            if name in found:
                found[name].append(cell["source"])
    solved = [
        any("NotImplementedError" not in source for source in sources) for sources in found.values()
    ]
    return {"cells": cells, "found": sum(map(bool, found.values())), "solved": sum(solved)}


def _code_cells(data, names):
    if not data.strip():
        return None, "the file is empty"
    notebook, reason = _notebook(data)
    cells = None if reason else _cells(notebook)
    if cells is None:
        return None, reason or "the file is not a notebook: it has no list of cells"
    sources = [(cell, _source(cell)) for cell in cells]
    return [
        {"source": source, "check": _checked(cell, source, names)}
        for cell, source in sources
        if source is not None
    ], None


def _notebook(data):
    """Return (the JSON value, None) or (None, why the file is none)."""
    encodings, reason = ENCODINGS, None
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encodings = ("utf-16",)
    elif b"\0" in data[:4]:
        encodings = ("utf-16-be" if data[:1] == b"\0" else "utf-16-le",)
    for encoding in encodings:
        try:
            return json.loads(data.decode(encoding)), None
        except UnicodeDecodeError:
            continue
        except json.JSONDecodeError as error:
            breaks_off = error.pos >= len(error.doc.rstrip()) - 1
            breaks_off |= error.msg.startswith("Unterminated")
            where = "it breaks off" if breaks_off else "it is not JSON"
            reason = reason or f"the file is not a whole notebook: {where} (line {error.lineno})"
    return None, reason or "the file is not a notebook: it is not text"


def _cells(notebook):
    """Return the list of cells, also of the older format, with its worksheets."""
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    sheets = notebook.get("worksheets")
    if not cells and isinstance(sheets, list):
        sheets = [sheet for sheet in sheets if isinstance(sheet, dict)]
        return [cell for sheet in sheets for cell in sheet.get("cells", [])]
    return cells if isinstance(cells, list) else None


def _source(cell):
    """Return a code cell's text, None for any other cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _whole(source.replace("\r\n", "\n")) if isinstance(source, str) else None


def _checked(cell, source, names):
    """Return the answer that a cell checks: by its text, by its metadata, or None."""
    called = re.search(r"^\s*homework\s*\.\s*check\w*\(\s*[\"'](\w+)[\"']", source, re.MULTILINE)
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    grader = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    marks = [called and called[1], grader.get("grade_id"), cell.get("id")]
    for mark in marks:
        name = str(mark).removesuffix("-check")
        if name in names and (mark is marks[0] or name != mark):
            return name
    return None


# What is not there.


class AbsentError(ImportError):
    """A value was asked for that is not there when answers are graded."""


class Absent:
    """Something of a module that is not there when answers are graded. It gives no numbers."""

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

    def refuse(self, *_, **__):
        root = self._path.split(".")[0]
        what = root if root in ("helpers", "google") else "TensorFlow, the reference"
        raise AbsentError(f"this uses {what}, which is not there when answers are graded")


for _name in (
    "array float int bool len iter getitem neg abs add radd sub rsub mul rmul truediv rtruediv "
    "pow rpow matmul rmatmul lt le gt ge eq ne"
).split():
    setattr(Absent, f"__{_name}__", Absent.refuse)


class AbsentModule(types.ModuleType):
    """A module that is not there when answers are graded."""

    __version__ = "2.0"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")


class AbsentFinder:
    """Finds the modules of ABSENT, whatever is installed."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.split(".")[0] in ABSENT:
            return ModuleSpec(name, cls, is_package=True)
        return None

    @staticmethod
    def create_module(spec):
        return AbsentModule(spec.name)

    @staticmethod
    def exec_module(module):
        """Have nothing to run."""


class Shell:
    """What get_ipython() returns: magics and shell lines do nothing and say nothing."""

    def run_line_magic(self, name, line, *_, **__):
        return _execute(line, "a magic") if name == "time" else None

    def run_cell_magic(self, name, line, cell, *_, **__):
        if name == "writefile":
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
_main = None


def run(source, number):
    """Run a code cell in the namespace of those before it."""
    _start()
    _execute(source, f"code cell {number}")
    return {}


def _start():
    """Make the namespace, with what every notebook has from the start."""
    global _main
    if _main:
        return
    sys.meta_path.insert(0, AbsentFinder)
    sys.path.insert(0, "")
    _note_clocks()
    import numpy as np

    np.random.seed(0)
    _main = sys.modules["__main__"] = types.ModuleType("__main__")
    shell = Shell()
    _main.__dict__.update(np=np, get_ipython=lambda: shell, display=lambda *_, **__: None)
    _main.__dict__.update(In=[""], Out={}, exit=sys.exit, quit=sys.exit)


def _execute(source, name):
    """Run a cell's statements; those that need what is not there are left out."""
    tree = ast.parse(_transformer().transform_cell(source), name)
    compile(tree, name, "exec", dont_inherit=True)  # nothing runs of a cell that is not Python
    compiled = codeop.Compile()  # it remembers what comes from __future__
    for statement in tree.body:
        with contextlib.suppress(AbsentError):
            exec(compiled(ast.Module([statement], []), name, "exec"), _main.__dict__)


def _transformer():
    """Return IPython's own reader of cells, without the rest of it, which is slow to import."""
    from importlib.util import find_spec

    if "_transform" not in globals():
        folder = os.path.dirname(find_spec("IPython").origin)
        for package in ("IPython", "IPython.core", "IPython.utils"):
            module = sys.modules[package] = types.ModuleType(package)
            module.__path__ = [os.path.join(folder, *package.split(".")[1:])]
        from IPython.core.inputtransformer2 import TransformerManager

        for package in [name for name in sys.modules if name.split(".")[0] == "IPython"]:
            del sys.modules[package]
        globals()["_transform"] = TransformerManager()
    return globals()["_transform"]


def _note_clocks():
    """Note when a clock is read: what an answer makes of it may differ from run to run."""

    def noting(function):
        def read_clock(*arguments):
            global _clock_was_read
            # Libraries read clocks too, to no effect on the result.
            _clock_was_read |= sys._getframe(1).f_code.co_filename.startswith("code cell")
            return function(*arguments)

        return read_clock

    for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "process_time"):
        setattr(time, name, noting(getattr(time, name)))
    methods = {name: vars(datetime.datetime)[name] for name in ("now", "utcnow")}
    methods = {name: classmethod(noting(method)) for name, method in methods.items()}
    datetime.datetime = type("datetime", (datetime.datetime,), methods)


# The answers.


def kind(name):
    """Return whether the cells have defined an answer that can be called, or else what it is."""
    _start()
    value = getattr(_main, name, None)
    return {"callable": callable(value), "kind": None if value is None else type(value).__name__}


def call(name, arguments):
    """Call an answer. Where it returns a metric, the reply has the number of the new object."""
    value = _answered(getattr(_main, name), arguments)
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
        return function(*map(_decoded, arguments))
    finally:
        running_answer = False


def _decoded(value):
    import numpy as np

    if isinstance(value, dict):
        raw = base64.b64decode(value["data"])
        return np.frombuffer(raw, value["dtype"]).reshape(value["shape"]).copy()
    return value


def _encoded(value):
    """Return plain numbers: an object cannot answer for itself outside."""
    import numpy as np

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
