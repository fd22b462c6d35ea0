"""Define one answer, and call it, inside the sandbox."""

import base64
import random
import secrets
import sys

# Two runs give the same grade: what NumPy seeds a generator with by itself, this seeds too.
secrets.randbits = random.Random(0).getrandbits

import numpy as np  # noqa: E402

MAX_NUMBERS = 100_000
MAX_MESSAGE = 300

_namespace = {"np": np, "__name__": "__main__"}
_objects = []
_name = None


def handle(request):
    """Return the reply to one request: define, call or method."""
    try:
        return _ACTIONS[request.pop("do")](**request)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        return {"error": type(error).__name__, "message": _message(error)}


def define(name, source):
    """Define the answer; the reply has the global names that its code uses."""
    global _name
    _name = name
    random.seed(0)
    np.random.seed(0)
    code = compile(source, "your answer", "exec")
    exec(code, _namespace)
    return {"names": sorted(_names(code))}


def call(arguments):
    """Call the answer. Of a class, the reply has the number of the new object."""
    answer = _namespace[_name]
    value = answer(*map(_decoded, arguments))
    if isinstance(answer, type):
        _objects.append(value)
        return {"object": len(_objects) - 1}
    return _encoded(value)


def method(number, verb, arguments):
    """Call a method of an object that `call` has made."""
    return _encoded(getattr(_objects[number], verb)(*map(_decoded, arguments)))


_ACTIONS = {"define": define, "call": call, "method": method}


def _names(code):
    found = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            found |= _names(constant)
    return found


def _decoded(value):
    if isinstance(value, dict):
        raw = base64.b64decode(value["data"])
        return np.frombuffer(raw, value["dtype"]).reshape(value["shape"]).copy()
    return value


def _encoded(value):
    """Return plain numbers: an object cannot answer for itself outside."""
    if value is None:
        return {"nothing": True}
    numbers = np.ascontiguousarray(np.asarray(value, dtype="float64"))
    if numbers.size > MAX_NUMBERS:
        raise ValueError(f"returned {numbers.size} numbers; expected at most {MAX_NUMBERS}")
    shape = list(np.shape(numbers)) if np.ndim(value) else []
    return {"shape": shape, "data": base64.b64encode(numbers.tobytes()).decode()}


def _message(error):
    if isinstance(error, SyntaxError) and error.filename == "your answer":
        return f"{error.msg} (line {error.lineno})"[:MAX_MESSAGE]
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return ""
    finally:
        sys.exc_info()
