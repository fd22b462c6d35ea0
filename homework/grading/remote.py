"""A student's notebook that runs in a sandbox, and its answers, called from outside.

This process is trusted: it runs the checks, has tf.keras, and never runs the student's code. It
sends cells and arguments to the sandbox and takes plain numbers back.
"""

import base64
import math
from contextlib import suppress

import numpy as np
from sandbox import Budget, EndedError, Sandbox, Settings, TooLongError

MAX_NAME = 60  # characters of an exception's or a type's name that are believed
MAX_DIMENSIONS = 32


class OutOfTimeError(Exception):
    """The time for an exercise or a notebook is used up."""


class RemoteNotebook:
    """The code cells of a notebook, run in a sandbox from top to bottom.

    Where the process ends, a new one runs the cells again, without the one that ended it. What it
    holds for an answer depends on how far it has run: see `run_to`.

    Args:
        cells: the sources of the code cells.
        settings: what the sandbox may use.
        budget: the time for the whole notebook, a sandbox.Budget.

    Attributes:
        faults: {number of a cell, from 0: what it raised, or how it ended the process}.
        reads_clock: whether an answer has read a clock while it was called.
    """

    def __init__(self, cells: list[str], settings: Settings, budget: Budget):
        self._cells, self._settings, self._budget = cells, settings, budget
        self._exercise = budget
        self._sandbox, self._done, self._position = None, 0, 0
        self._ending = set()  # the cells that have ended a process
        self.faults, self.reads_clock = {}, False

    def run_to(self, position: int):
        """Run the cells before a position, and give the exercise that is asked there its time."""
        self._position, self._exercise = position, self._budget
        with suppress(OutOfTimeError):  # who asks then is told
            self._start()
        self._exercise = Budget(self._settings.exercise_seconds)

    def get(self, name: str):
        """Return what the cells have defined as an answer: None, a stand-in, or something else."""
        try:
            reply = self.ask(do="kind", name=name)
        except (OutOfTimeError, EndedError):
            return AnswerProxy(self, name)  # its call says what is wrong
        if reply.get("callable") is True:
            return AnswerProxy(self, name)
        kind = reply.get("kind")
        return type(str(kind)[:MAX_NAME], (), {})() if kind else None

    def ask(self, **request) -> dict:
        """Return the reply to a request, asked of a process that has run the cells.

        Raises:
            OutOfTimeError: the time is used up, now or before.
            EndedError: the process ended.
        """
        self._start()
        try:
            reply = self._sandbox.ask(request, self._budget, self._exercise)
        except EndedError:
            self._sandbox = None
            self._check_time()
            raise
        self.reads_clock |= reply.get("clock") is True
        return reply

    def process(self):
        """Return what is another object after the process has ended."""
        return self._sandbox

    def close(self):
        """End the process."""
        if self._sandbox:
            self._sandbox.close()
        self._sandbox = None

    def _start(self):
        """Have a process that has run all cells before the position."""
        while True:
            self._check_time()
            if self._sandbox is None:
                self._sandbox, self._done = Sandbox(self._settings), 0
            if self._done >= self._position:
                return
            if self._done not in self._ending:
                self._run(self._done)
            self._done += 1

    def _check_time(self):
        if self._budget.left <= 0:
            what = "notebook"
        elif self._exercise.left <= 0:
            what = "exercise"
        else:
            return
        raise OutOfTimeError(f"the time for this {what} is used up, waiting included")

    def _run(self, number):
        cell = Budget(self._settings.exercise_seconds)
        try:
            request = {"do": "run", "source": self._cells[number], "number": number + 1}
            reply = self._sandbox.ask(request, self._budget, cell)
            if "error" in reply:
                self.faults[number] = f"{_word(reply['error'])}: {reply.get('message', '')}"
        except EndedError as ended:
            self._sandbox = None
            self._ending.add(number)
            self.faults[number] = str(ended)


class AnswerProxy:
    """A function or class of the student's, called in the sandbox."""

    def __init__(self, notebook: RemoteNotebook, name: str):
        self._notebook, self.__name__ = notebook, name

    def __call__(self, *arguments):
        """Return the float64 array that the function returns, None, or the new object."""
        reply = _asked(self._notebook, do="call", name=self.__name__, arguments=arguments)
        if type(reply.get("object")) is int:
            return ObjectProxy(self._notebook, reply["object"])
        return _decoded(reply)


class ObjectProxy:
    """An object in the sandbox. Every attribute is a method."""

    def __init__(self, notebook, number):
        self._notebook, self._process, self._number = notebook, notebook.process(), number

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def method(*arguments):
            if self._notebook.process() is not self._process:
                raise ProcessLookupError("the process that held this object has ended")
            request = {"do": "method", "number": self._number, "name": name}
            return _decoded(_asked(self._notebook, **request, arguments=arguments))

        return method


def _asked(notebook, arguments, **request):
    """Return a reply, or raise what reads like the exception in the sandbox."""
    try:
        reply = notebook.ask(**request, arguments=[_encoded(value) for value in arguments])
    except OutOfTimeError as error:
        raise TimeoutError(str(error)) from None
    except TooLongError as ended:
        raise TimeoutError(str(ended)) from None
    except EndedError as ended:
        raise ProcessLookupError(str(ended)) from None
    if "error" not in reply:
        return reply
    name, message = _word(reply["error"]), str(reply.get("message", ""))
    if name == "NotImplementedError":
        raise NotImplementedError(message)
    raise type(name, (Exception,), {})(message)


def _word(name):
    name = str(name)[:MAX_NAME]
    return name if name.isidentifier() else "Exception"


def _encoded(value):
    """Return an argument as JSON: arrays as bytes, plain values as they are."""
    if not isinstance(value, np.ndarray):
        return value.item() if isinstance(value, np.generic) else value
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"shape": list(value.shape), "dtype": value.dtype.str, "data": data}


def _decoded(reply):
    """Return the numbers of a reply as a float64 array, None where nothing was returned.

    Raises:
        TypeError: the reply has another form; then it was not written by our side.
    """
    if reply.get("nothing") is True:
        return None
    shape, data = reply.get("shape"), reply.get("data")
    if isinstance(data, str) and isinstance(shape, list) and len(shape) <= MAX_DIMENSIONS:
        if all(type(length) is int and 0 <= length <= len(data) for length in shape):
            raw = base64.b64decode(data)
            if len(raw) == 8 * math.prod(shape):
                return np.frombuffer(raw, "float64").reshape(shape).copy()
    raise TypeError("the answer returned something that is not a number or an array of numbers")
