"""A student's notebook that runs in a sandbox, and its answers, called from outside.

This process is trusted: it runs the checks, has tf.keras, and never runs the student's code. It
sends cells and arguments to the sandbox and takes plain numbers back.
"""

import base64
import time
from contextlib import suppress

import numpy as np
from sandbox import Sandbox, Settings

MAX_NAME, MAX_MESSAGE = 60, 300  # characters of names and messages that are taken


class RemoteNotebook:
    """The code cells of a notebook, run in a sandbox from top to bottom.

    Where the process ends, a new one runs the cells again, without the one that ended it. What it
    holds for an answer depends on how far it has run: see `run_to`.

    Args:
        cells: the sources of the code cells.
        settings: what the sandbox may use.
        deadline: until when all of it may take, in seconds of time.monotonic().

    Attributes:
        faults: {number of a cell, from 0: what it raised, or how it ended the process}.
        sandbox: its process, another object after the process has ended.
        reads_clock: whether an answer has read a clock while it was called.
    """

    def __init__(self, cells: list[str], settings: Settings, deadline: float):
        self._cells, self._settings = cells, settings
        self._deadlines = {"notebook": deadline}
        self.sandbox, self._done, self._position = None, 0, 0
        self._ending = set()  # the cells that have ended a process
        self.faults, self.reads_clock = {}, False

    def run_to(self, position: int):
        """Run the cells before a position, and give the exercise that is asked there its time."""
        self._position = position
        self._deadlines.pop("exercise", None)
        with suppress(TimeoutError):  # who asks then is told
            self._start()
        self._deadlines["exercise"] = self._soon()

    def get(self, name: str):
        """Return what the cells have defined as an answer: None, a stand-in, or something else."""
        try:
            reply = self.ask(do="kind", name=name)
        except (TimeoutError, ProcessLookupError):
            reply = {"callable": True}  # its call says what is wrong
        if reply.get("callable") is True:
            return AnswerProxy(self, name)
        kind = reply.get("kind")
        return type(str(kind)[:MAX_NAME], (), {})() if kind else None

    def ask(self, **request) -> dict:
        """Return the reply to a request, asked of a process that has run the cells.

        Raises:
            TimeoutError: the time is used up, now or before.
            ProcessLookupError: the process ended.
        """
        self._start()
        try:
            reply = self.sandbox.ask(request, min(self._deadlines.values()))
        except (TimeoutError, ProcessLookupError):
            self.sandbox = None
            raise
        self.reads_clock |= reply.get("clock") is True
        return reply

    def close(self):
        """End the process."""
        if self.sandbox:
            self.sandbox.close()
        self.sandbox = None

    def _start(self):
        """Have a process that has run all cells before the position."""
        while True:
            for what, deadline in self._deadlines.items():
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the time for this {what} is used up, waiting included")
            if self.sandbox is None:
                self.sandbox, self._done = Sandbox(self._settings), 0
            if self._done >= self._position:
                return
            if self._done not in self._ending:
                self._run(self._done)
            self._done += 1

    def _soon(self):
        """Return the deadline of an exercise, or of a cell, that begins now."""
        return time.monotonic() + self._settings.exercise_seconds

    def _run(self, number):
        try:
            request = {"do": "run", "source": self._cells[number], "number": number + 1}
            reply = self.sandbox.ask(request, min(self._soon(), self._deadlines["notebook"]))
            if "error" in reply:
                self.faults[number] = ": ".join(_error(reply))
        except (TimeoutError, ProcessLookupError) as ended:
            self.sandbox = None
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
        self._notebook, self._process, self._number = notebook, notebook.sandbox, number

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def method(*arguments):
            if self._notebook.sandbox is not self._process:
                raise ProcessLookupError("the process that held this object has ended")
            request = {"do": "method", "number": self._number, "name": name}
            return _decoded(_asked(self._notebook, **request, arguments=arguments))

        return method


def _asked(notebook, arguments, **request):
    """Return a reply, or raise what reads like the exception in the sandbox."""
    reply = notebook.ask(**request, arguments=[_encoded(value) for value in arguments])
    if "error" not in reply:
        return reply
    name, message = _error(reply)
    if name == "NotImplementedError":
        raise NotImplementedError(message)
    raise type(name, (Exception,), {})(message)


def _error(reply):
    """Return the name and the message of an exception, as short as our side writes them."""
    name = str(reply["error"])[:MAX_NAME]
    message = str(reply.get("message", ""))[:MAX_MESSAGE]
    return name if name.isidentifier() else "Exception", message


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
    try:
        numbers = np.frombuffer(base64.b64decode(reply["data"]), "float64")
        return numbers.reshape(reply["shape"]).copy()
    except (KeyError, TypeError, ValueError):
        raise TypeError("the answer returned something that is not an array of numbers") from None
