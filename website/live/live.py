"""Run a page's cells in the reader's browser, where NumPy is and TensorFlow is not.

The cells are those of the notebook, and print what they print there. What they import and is not
here, such as TensorFlow, can be named but not called.
"""

import ast
import importlib
import io
import json
import linecache
import sys
import time
import traceback
import types
import warnings
from contextlib import nullcontext, redirect_stderr, redirect_stdout, suppress
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pprint import pformat

import numpy as np

ABSENT = {"tensorflow", "keras", "matplotlib", "sklearn", "ipywidgets", "IPython", "helpers"}
MOST_OUTPUT = 20_000  # letters of one run
HERE, ABOVE, CHECK = "this cell", "a cell above", "the check"  # where an error says that it was
OWN = {__name__, "__main__"}  # modules that change from run to run
MOST_FRAMES = 50  # of an error; a million take minutes
WIDTH = 79  # columns of a value that a notebook shows on one line


class NotHereError(Exception):
    """The code called something that runs only where TensorFlow is."""

    __module__ = "builtins"  # an error names the modules of others


class OutputLimitError(BaseException):
    """The code printed too much. Not an Exception, so that code that catches all lets it by."""


class Absent(types.ModuleType):
    """Stands for a module, or a name in it, that is not here."""

    advice = None  # what to do instead of a call

    def __getattr__(self, name):
        """Return a stand-in for a name in it."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *arguments, **named):
        """Refuse, but for a check: what it asks of Keras was recorded, so here it is nan."""
        if sys._getframe(1).f_code.co_filename == CHECK:
            return Absent(self.__name__)
        name = self.__name__.replace("tensorflow", "tf", 1)
        raise NotHereError(f"{name} is not in the page, only NumPy is. {self.advice}")

    __mro_entries__ = __call__  # a class cannot build on it either

    def __float__(self):
        return float("nan")


class AbsentFinder(MetaPathFinder, Loader):
    """Finds modules that nothing else finds."""

    def find_spec(self, name, path=None, target=None):
        """Return a package for the names that the book's pages import."""
        known = name.partition(".")[0] in ABSENT
        return ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec):
        """Return the stand-in."""
        return Absent(spec.name)

    def exec_module(self, module):
        """Leave it as it is."""


class Printed(io.TextIOBase):
    """Hands on what is printed, line by line, up to a limit."""

    def __init__(self, write):
        self._write, self._waiting, self._left = write, "", MOST_OUTPUT

    def write(self, text):
        """Take text; raise OutputLimitError where it is too much."""
        text = str(text)
        self._waiting += text[: self._left]
        self._left -= len(text)
        if self._left < 0:
            self._left = 0
            raise OutputLimitError
        if "\n" in text:
            self.flush()
        return len(text)

    def report(self, text):
        """Hand on what must be said, however much was printed before."""
        self._write(self._waiting + text)
        self._waiting = ""

    def flush(self):
        """Hand on what waits."""
        if self._waiting:
            self._write(self._waiting)
            self._waiting = ""


def run_cells(cells, write):
    """Run cells one after the other in a namespace of their own.

    Args:
        cells: JSON of a list, each with `source`, and with `setup` where only what it imports and
            defines counts. The last one runs aloud, and so does one with `aloud`; the others are
            silent. A check has what was `recorded` from Keras. A silent `answer` may fail.
            Or JSON of an object: the `call` of a form, a function's full name, with its `values`.
        write: is called with what runs aloud prints and shows, piece by piece.

    Returns:
        JSON of an object: `ms` that the last cell took, and `error`, the name of one or None;
        or what the call returned.
    """
    cells = json.loads(cells)
    if "call" in cells:
        return json.dumps(_named(cells["call"])(**cells["values"]))
    page = sys.modules["__main__"] = types.ModuleType("__main__")
    sys.stdin = io.StringIO()  # nobody answers an input()
    turns.RECORDED = {}
    for cell in cells:
        turns.RECORDED |= turns.unpacked(cell.get("recorded") or "[]")
    checks.Homework = partial(turns.Homework, seed=0, recorded=turns.RECORDED)
    out = Printed(write)
    start, error, place = 0.0, None, None
    with np.errstate(), np.printoptions():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = _show_warning
            try:
                for number, cell in enumerate(cells, 1):
                    aloud = number == len(cells) or cell.get("aloud")
                    place, start = _place(cell, number, aloud), time.monotonic()
                    may_fail = cell.get("answer") and not aloud
                    excused = suppress(Exception, SystemExit) if may_fail else nullcontext()
                    with excused, redirect_stdout(out if aloud else io.StringIO()) as stream:
                        with redirect_stderr(stream):
                            _run(cell, place, vars(page))
            except BaseException as raised:
                error = raised
            finally:
                elapsed = time.monotonic() - start
                _restore()
    if error is not None:
        out.report(_report(error, place))
    out.flush()
    name = error and type(error).__name__
    return json.dumps({"ms": round(1000 * elapsed, 1), "error": name})


def _named(name):
    """Return a function or class of the book by its full name."""
    module, _, name = name.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _place(cell, number, aloud):
    """Return how an error calls the cell."""
    if "recorded" in cell:
        return CHECK
    return HERE if aloud else f"{ABOVE}, number {number}"


def _run(cell, place, namespace):
    source = cell["source"]
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    if cell.get("setup"):
        return _set_up(source, place, namespace)
    is_answer = cell.get("answer") or place == CHECK
    Absent.advice = "Write it with NumPy alone." if is_answer else "Call it in Colab."
    tree = ast.parse(source, place)
    shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, place, "exec"), namespace)
    if shown:
        value = eval(compile(ast.Expression(shown.value), place, "eval"), namespace)
        is_points = place == CHECK and isinstance(value, float)  # the check has said them in words
        if value is not None and not is_points:
            sys.stdout.write(_text(value) + "\n")


def _set_up(source, place, namespace):
    """Run what imports and defines; the rest fetches the book, or styles pictures."""
    with suppress(SyntaxError):  # a line for the shell
        for part in ast.parse(source, place).body:
            wanted = ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef
            if isinstance(part, wanted):
                with suppress(NotHereError):
                    exec(compile(ast.Module([part], []), place, "exec"), namespace)


def _text(value):
    """Return a value as a notebook shows it."""
    if type(value) in (list, tuple, dict, set):
        return pformat(value, width=WIDTH, sort_dicts=False)
    return repr(value)


def _report(error, place):
    """Return what an error says, with the lines of the reader's own code that led to it."""
    if isinstance(error, OutputLimitError):
        return f"\nStopped: the code printed more than {MOST_OUTPUT:,} letters.\n"
    report = traceback.TracebackException.from_exception(error, limit=MOST_FRAMES, compact=True)
    waiting = [report]
    while waiting:
        part = waiting.pop()
        own = [frame for frame in part.stack if frame.filename.startswith((HERE, ABOVE, CHECK))]
        part.stack = traceback.StackSummary.from_list(own)
        waiting += [cause for cause in (part.__cause__, part.__context__) if cause]
    above = place.startswith(ABOVE)
    first = "A cell above failed, so this one did not run.\n" if above else ""
    return first + "".join(report.format())


def _show_warning(message, category, filename, lineno, file=None, line=None):
    sys.stdout.write(f"{category.__name__}: {message}\n")


def _restore():
    """Undo what the code did to modules, such as a deleted builtin or a changed numpy.log."""
    sys.modules.update(_MODULES)
    for names, before in _NAMES:
        # What a package loads late, as numpy does with numpy.random, it loads once.
        late = {name: module for name, module in names.items() if _is_part(module, name, before)}
        names.clear()
        names.update(late | before)


def _is_part(module, name, of):
    return isinstance(module, types.ModuleType) and module.__name__ == f"{of['__name__']}.{name}"


sys.meta_path.append(AbsentFinder())
# Their package imports what is not here.
checks, turns = map(importlib.import_module, ("helpers.checks", "helpers.turns"))
_MODULES = {
    name: module
    for name, module in sys.modules.items()
    if isinstance(module, types.ModuleType) and name not in OWN
}
_NAMES = [(vars(module), dict(vars(module))) for module in _MODULES.values()]
