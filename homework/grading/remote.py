"""Answers that run in a sandbox, called from the notebook that checks them.

The notebook's kernel is trusted: it runs the teacher's own cells, has tf.keras and the hidden
tests, and never the student's code. Where the student's cell stood, it gets a stand-in that sends
arguments to the sandbox and takes plain numbers back.
"""

import base64
import math

import numpy as np
from sandbox import EndedError, Sandbox, Settings, TooLongError

EXCEPTION_NAME = 60  # characters of an exception's name that are believed


class Budget:
    """The seconds that are left to one submission."""

    def __init__(self, seconds: float):
        self.left = seconds


class Answer:
    """A function or class that is defined and called in a sandbox of its own."""

    def __init__(self, name: str, source: str, settings: Settings, budget: Budget):
        self.__name__ = name
        self._source = source
        self._settings = settings
        self._budget = budget
        self._sandbox = None

    @property
    def names(self) -> set[str]:
        """The global names that the answer's code uses; none where it cannot be defined."""
        try:
            names = self._started().get("names", [])
        except Exception:  # the call that follows says what is wrong
            return set()
        return {name for name in names if isinstance(name, str)}

    def __call__(self, *arguments):
        """Return the float64 array that the function returns, None, or the new object."""
        self._started()
        reply = self._ask(do="call", arguments=list(map(_encoded, arguments)))
        if isinstance(reply.get("object"), int):
            return _Object(self, self._sandbox, reply["object"])
        return _decoded(reply)

    def close(self):
        """End the sandbox."""
        if self._sandbox:
            self._sandbox.close()
        self._sandbox = None

    def _started(self):
        if self._sandbox is None:
            self._sandbox = Sandbox("answer", self._settings)
            try:
                self._defined = self._ask(do="define", name=self.__name__, source=self._source)
            except Exception:
                self.close()
                raise
        return self._defined

    def _ask(self, **request):
        if self._budget.left <= 0:
            self.close()
            raise TimeoutError("the time for this submission is used up")
        try:
            reply = self._sandbox.ask(request)
        except TooLongError as ended:
            self._sandbox = None
            self._budget.left -= self._settings.seconds
            raise TimeoutError(str(ended)) from None
        except EndedError as ended:
            self._sandbox = None
            raise ProcessLookupError(str(ended)) from None
        if "error" in reply:
            raise _exception(reply)
        return reply


class _Object:
    """An object in the sandbox. Every attribute is a method."""

    def __init__(self, answer, sandbox, number):
        self._answer, self._sandbox, self._number = answer, sandbox, number

    def __getattr__(self, verb):
        def method(*arguments):
            if self._answer._sandbox is not self._sandbox:
                raise ProcessLookupError("the process that held this object has ended")
            arguments = list(map(_encoded, arguments))
            request = {"do": "method", "number": self._number, "verb": verb}
            return _decoded(self._answer._ask(**request, arguments=arguments))

        return method


def _exception(reply):
    """Return an exception that reads like the one in the sandbox."""
    name, message = str(reply["error"])[:EXCEPTION_NAME], str(reply.get("message", ""))
    if name == "NotImplementedError":
        return NotImplementedError(message)
    return type(name if name.isidentifier() else "Exception", (Exception,), {})(message)


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
    well_formed = isinstance(data, str) and isinstance(shape, list)
    if well_formed and all(isinstance(length, int) and length >= 0 for length in shape):
        raw = base64.b64decode(data)
        if len(raw) == 8 * math.prod(shape):
            return np.frombuffer(raw, "float64").reshape(shape).copy()
    raise TypeError("the answer returned something that is not a number or an array of numbers")


class Submission:
    """The answers of one notebook, which share one budget of seconds."""

    def __init__(self):
        self._settings = Settings.from_environment()
        self._budget = Budget(self._settings.seconds_in_all)
        self._answers = []

    def answer(self, name: str, source: str) -> Answer:
        """Return the stand-in for an answer, and end the sandboxes of those before it."""
        self.close()
        self._answers.append(Answer(name, source, self._settings, self._budget))
        return self._answers[-1]

    def close(self):
        """End every sandbox."""
        for answer in self._answers:
            answer.close()
