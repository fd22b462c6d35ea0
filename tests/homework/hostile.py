"""One submission for each thing that a student may hand in, by the student's name.

Each is what the platform would hold: a file's name and its bytes. WORTH says what it is graded.
"""

import json
import textwrap

import locations
import nbformat

ASSIGNMENT = "losses"
SOURCE = locations.SOURCE / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
RELEASE = locations.RELEASE / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

POSSIBLE = 18
FIRST = "binary_crossentropy"  # the answer that the cases below change
REST = POSSIBLE - 3  # what all other answers are worth

RIGHT = """
y_pred = np.clip(y_pred, 1e-7, 1 - 1e-7)
return -(y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)).mean(axis=-1)
"""


def solved():
    """Return the notebook with all solutions."""
    return nbformat.read(SOURCE, as_version=4)


def handed_out():
    """Return the notebook as the students get it."""
    return nbformat.read(RELEASE, as_version=4)


def cell(notebook, name):
    """Return the cell with an id."""
    return next(each for each in notebook.cells if each.id == name)


def with_first(body, before=""):
    """Return the solved notebook with another body of the first answer, and code before it."""
    notebook = solved()
    body = textwrap.indent(body.strip(), "    ")
    cell(notebook, FIRST).source = f"{before}\ndef {FIRST}(y_true, y_pred):\n{body}\n"
    return notebook


def half_done():
    """Return a notebook with the last two of seven answers left unsolved."""
    notebook = solved()
    for name in ("loss_of_classifier", "smooth"):
        cell(notebook, name).source = cell(handed_out(), name).source
    return notebook


def with_changed_checks():
    """Return an unsolved notebook whose checks give all points."""
    notebook = handed_out()
    for each in notebook.cells:
        if each.metadata.get("nbgrader", {}).get("grade"):
            each.source = "3.0"
    return notebook


def without(keep):
    """Return the solved notebook with only the cells that `keep` says."""
    notebook = solved()
    notebook.cells = [each for each in notebook.cells if keep(each)]
    return notebook


def stripped():
    """Return the solved notebook without any metadata and without cell ids."""
    notebook = solved()
    notebook.metadata, notebook.nbformat_minor = nbformat.from_dict({}), 4
    for each in notebook.cells:
        each.metadata = nbformat.from_dict({})
        each.pop("id", None)
    return notebook


def duplicated_and_reordered():
    """Return the solved notebook backwards, each cell twice."""
    notebook = solved()
    notebook.cells = [each for each in reversed(notebook.cells) for _ in range(2)]
    return notebook


def as_saved_by_colab():
    """Return the solved notebook with the metadata that Colab writes."""
    notebook = solved()
    notebook.metadata = nbformat.from_dict(
        {
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
            "accelerator": "GPU",
        }
    )
    notebook.nbformat_minor = 0
    for number, each in enumerate(notebook.cells):
        each.pop("id", None)
        each.metadata = nbformat.from_dict({"id": f"xYz{number}", "colab": {"base_uri": "x"}})
    return notebook


LIAR = """
class Liar:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __eq__
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __sub__
    def __float__(self): return 0.0
    def __bool__(self): return True
    def __array_ufunc__(self, *arguments, **options): return True
    def __array_function__(self, *arguments, **options): return True
    def __array__(self, *arguments, **options): return np.zeros(3)
"""

PATCHES = """
import keras, tensorflow as tf, numpy as np
for module in (keras.losses, tf.keras.losses):
    module.binary_crossentropy = lambda *arguments, **options: np.zeros(3)
np.testing.assert_allclose = np.allclose = lambda *arguments, **options: True
np.testing.assert_array_equal = np.array_equal = lambda *arguments, **options: True
"""

READS_TESTS = """
import inspect, os, sys
found = [frame.filename for frame in inspect.stack() if 'check' in frame.filename]
apart = ('helpers', 'tensorflow', 'keras', 'nbgrader')
found += [name for name, module in sys.modules.items() if name.split('.')[0] in apart
          and getattr(module, '__file__', None)]
for folder, folders, files in os.walk('/'):
    if folder.startswith(('/proc', '/usr', '/dev', '/lib', sys.prefix, sys.base_prefix)):
        folders.clear()
    else:
        found += [f for f in files if f.endswith(('.ipynb', '.db', '.csv')) or f == 'checks.py']
found += [v for v in os.environ if 'HOMEWORK' in v]
raise RuntimeError(f'FOUND {found}')
"""

WRITES = """
import os
written = []
for path in (TARGETS):
    try:
        with open(path, 'a') as file:
            file.write('spoilt')
        written.append(path)
    except OSError:
        pass
raise RuntimeError(f'WRITTEN {written}')
"""

CONNECTS = """
import socket
connected = []
for address in (('127.0.0.1', PORT), ('1.1.1.1', 53)):
    try:
        socket.create_connection(address, timeout=1).close()
        connected.append(address)
    except OSError:
        pass
raise RuntimeError(f'CONNECTED {connected}')
"""

FORK_BOMB = """
import os, time
children = []
try:
    for _ in range(200):
        child = os.fork()
        if not child:
            time.sleep(600)
            os._exit(0)
        children.append(child)
except OSError as error:
    pass
raise RuntimeError(f'FORKED {len(children)}')
"""

SWALLOWS = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


KEYS_AND_MEMORY = """
import ctypes, threading
libc = ctypes.CDLL(None)
calls = {'keyctl': (250, 0, -3, 0), 'add_key': (248, b'user', b'k', b'v', 1, -3),
         'memfd_create': (319, b'm', 0), 'shmget': (29, 0, 1 << 20, 0o1600), 'fork': (57,)}
if __import__('platform').machine() == 'aarch64':
    calls = {'keyctl': (219, 0, -3, 0), 'memfd_create': (279, b'm', 0)}
threading.Thread(target=int).start()
allowed = [name for name, call in calls.items() if libc.syscall(*call) >= 0]
try:
    files = [open('/dev/null') for _ in range(100)]
    allowed.append('100 files')
except OSError:
    pass
raise RuntimeError(f'ALLOWED {allowed}')
"""

REPLIES = """
import gc, io
for stream in [x for x in gc.get_objects() if isinstance(x, io.BufferedWriter)]:
    try:
        stream.write(LINE + b'\\n')
        stream.flush()
    except (OSError, ValueError):
        pass
return np.zeros(3)
"""

# A reply of the student's own, once with numbers that take long to compute with.
HUGE = """b'{"data": "", "shape": [' + b','.join([b'9' * 4300] * 960) + b']}'"""
FORGED = """b'{"nothing": true}'"""

# A cell's own words, as long as a reply may be, in the name of the process that runs it.
FORGES_ERROR = """
import json, sys
frame = sys._getframe()
while 'replies' not in frame.f_locals:
    frame = frame.f_back
known = frame.f_locals
forged = {'nonce': json.loads(known['line'])['nonce'], 'error': 'x', 'message': 'no ' * 1_000_000}
known['replies'].write(json.dumps(forged).encode() + b'\\n')
known['replies'].flush()
"""

PRINTS = """
import os
for stream in (1, 2):
    for _ in range(512):
        os.write(stream, bytes(1 << 20))
"""


def text(notebook):
    """Return a notebook as a file's bytes."""
    return json.dumps(notebook).encode()


def submissions(targets, port):
    """Return {student: [(file's name, bytes), …]}.

    Args:
        targets: paths that no submission may write.
        port: a port of this machine at which somebody listens.
    """
    right = text(solved())
    first = {
        "wrong": "return y_true * 0.5 + y_pred.mean()",
        "endless_loop": "while True: pass",
        "swallows_interrupt": SWALLOWS,
        "sys_exit": "import sys\nsys.exit(0)",
        "os_exit": "import os\nos._exit(0)",
        "memory_bomb": "x = []\nwhile True: x.append(bytearray(100 << 20))",
        "fork_bomb": FORK_BOMB,
        "prints_1_gb": PRINTS + RIGHT,
        "asks_for_2_gb": "return np.zeros(1 << 28)",
        "reads_tests": READS_TESTS,
        "writes_outside": WRITES.replace("TARGETS", repr(targets)),
        "connects": CONNECTS.replace("PORT", str(port)),
        "keys_and_memory": KEYS_AND_MEMORY,
        "huge_reply": REPLIES.replace("LINE", HUGE),
        "forged_reply": REPLIES.replace("LINE", FORGED),
        "sleeps": "import time\ntime.sleep(60)",
        "text": "return 'no number'",
        "ragged": "return [[1.0], [1.0, 2.0]]",
        "odd_error": "raise ValueError('\\ud800\\x1b[31m=1+1')",
        "reads_the_clock": "import time\n" + RIGHT.strip() + " + 1e-9 * (time.time() > 0)",
        "uses_keras": "return tf.keras.losses.binary_crossentropy(y_true, y_pred)",
    }
    found = {student: text(with_first(body)) for student, body in first.items()}
    found |= {
        "liar": text(with_first("return Liar()", LIAR)),
        "patches": text(with_first("return np.zeros(len(y_true))", PATCHES)),
        "forged_error": text(with_first(RIGHT, FORGES_ERROR)),
        "patches_inside": text(with_first(f"exec({PATCHES!r})\nreturn np.zeros(len(y_true))")),
        "half_done": text(half_done()),
        "unsolved": text(handed_out()),
        "syntax_error": text(with_first("return (y_true +")),
        "half_an_emoji": text(with_first(RIGHT, "# \ud83d")),
        "utf_16": right.decode().encode("utf-16"),
        "korean": json.dumps(with_first(RIGHT, "# 손실"), ensure_ascii=False).encode(
            "cp949", "replace"
        ),
        "worksheets": text(solved() | {"worksheets": []}),
        "\udcff latin-1": right,
        "과제1①": right,
        "n" * 240: right,
        "딥러닝_2024_1_20231234_김": right,
        "딥러닝_2024_1_20239999_이": text(handed_out()),
        "amy (1)": right,
        "amy (2)": text(handed_out()),
        "patches_inside-0eaeddf7": text(handed_out()),
        "x;=1+1": right,
        "\uff1d1+1": right,
        "\x1b[31mred": right,
        "truncated": right[: len(right) // 2],
        "empty": b"",
        "not_a_notebook": b"%PDF-1.4 \xff\xfe binary",
        "list_of_nothing": b"[" * 100_000,
        "changed_checks": text(with_changed_checks()),
        "without_checks": text(without(lambda each: not each.id.endswith("-check"))),
        "without_answers": text(without(lambda each: each.cell_type == "markdown")),
        "stripped": text(stripped()),
        "duplicated": text(duplicated_and_reordered()),
        "colab": text(as_saved_by_colab()),
        "=formula": right,
    }
    found = {student: [(f"{student}.ipynb", data)] for student, data in found.items()}
    found["two_files"] = [("losses.ipynb", text(handed_out())), ("losses-1.ipynb", right)]
    found["unsolved_and_solved"] = [("losses.ipynb", text(handed_out())), ("copy.ipynb", right)]
    found["one_of_latin_1"] = [("\udce9t\udce9.ipynb", right), ("losses.ipynb", text(handed_out()))]
    found["f" * 255] = [("losses.ipynb", right), ("notes.txt", b"")]
    found["huge"] = [("losses.ipynb", b'{"cells": [], "x": "' + b"x" * (21 << 20) + b'"}')]
    found["doejane_77"] = [("doejane_LATE_77_99_losses-2.ipynb", right)]
    return found


# What each is graded: all its points, and words that its row must have.
WORTH = {
    "wrong": (REST, "came"),
    "endless_loop": (REST, "TimeoutError"),
    "swallows_interrupt": (REST, "TimeoutError"),
    "sys_exit": (REST, "SystemExit"),
    "os_exit": (REST, "ended the Python process"),
    "memory_bomb": (REST, "Error"),  # on a busy machine its second ends before its memory
    "fork_bomb": (REST, "FORKED 0"),
    "prints_1_gb": (POSSIBLE, ""),
    "asks_for_2_gb": (REST, "MemoryError"),
    "reads_tests": (REST, "FOUND []"),
    "writes_outside": (REST, "WRITTEN []"),
    "connects": (REST, "CONNECTED []"),
    "keys_and_memory": (REST, "ALLOWED []"),
    "huge_reply": (REST, "disturbed the process"),
    "forged_reply": (REST, "disturbed the process"),
    "forged_error": (0, "failed: x: no no"),
    "sleeps": (REST, "took too long, waiting included, and was stopped"),
    "text": (REST, "TypeError: returned text; expected numbers"),
    "ragged": (REST, "inhomogeneous"),
    "odd_error": (REST, "ValueError: �"),
    "reads_the_clock": (POSSIBLE, "binary_crossentropy reads the clock"),
    "uses_keras": (REST, "uses TensorFlow"),
    "half_an_emoji": (POSSIBLE, ""),
    "utf_16": (POSSIBLE, ""),
    "korean": (POSSIBLE, ""),
    "worksheets": (POSSIBLE, ""),
    "\\xff latin-1": (POSSIBLE, ""),
    "과제1①": (POSSIBLE, ""),
    "n" * 240: (POSSIBLE, ""),
    "딥러닝_2024_1_20231234_김": (POSSIBLE, ""),
    "딥러닝_2024_1_20239999_이": (0, "not solved"),
    "amy (1)": (POSSIBLE, ""),
    "amy (2)": (0, "not solved"),
    "patches_inside-0eaeddf7": (0, "not solved"),
    "x;'=1+1": (POSSIBLE, ""),
    "'\uff1d1+1": (POSSIBLE, ""),
    "\\x1b[31mred": (POSSIBLE, ""),
    "unsolved_and_solved": (POSSIBLE, "2 files were handed in; copy.ipynb counts"),
    "one_of_latin_1": (POSSIBLE, r"2 files were handed in; \xe9t\xe9.ipynb counts"),
    "f" * 255: (POSSIBLE, "2 files were handed in; losses.ipynb counts"),
    "liar": (REST, "came"),
    "patches": (REST, "came"),
    "patches_inside": (REST, "came"),
    "half_done": (POSSIBLE - 4, "not solved: loss_of_classifier, smooth"),
    "unsolved": (0, "not solved: binary_crossentropy, categorical_crossentropy"),
    "syntax_error": (REST, "(code cell 3) failed: SyntaxError: '(' was never closed"),
    "truncated": (0, "not a whole notebook: it breaks off"),
    "empty": (0, "the file is empty"),
    "not_a_notebook": (0, "not a whole notebook: it is not JSON"),
    "list_of_nothing": (0, "nested too deeply"),
    "changed_checks": (0, "not solved: "),
    "without_checks": (POSSIBLE, ""),
    "without_answers": (0, "none of the answers"),
    "stripped": (POSSIBLE, ""),
    "duplicated": (POSSIBLE, "binary_crossentropy is complete only below its check"),
    "colab": (POSSIBLE, ""),
    "'=formula": (POSSIBLE, ""),
    "two_files": (POSSIBLE, "2 files were handed in; losses-1.ipynb counts"),
    "huge": (0, "is larger than 20 MB"),
    "doejane_77": (POSSIBLE, ""),
}


def write(folder, found):
    """Write submissions as a platform does: a file each, or a folder for who has several."""
    folder.mkdir(parents=True)
    for student, files in found.items():
        where = folder
        if len(files) > 1 or student == "huge":
            where = folder / student
            where.mkdir()
        for name, data in files:
            (where / name).write_bytes(data)


def points(row):
    """Return the points of a row of grades.csv."""
    return json.loads(row["total"])
