"""What it means that a function on a page is its counterpart in Keras: one check for each.

A check is a function `check_NAME` in a module of this package. It takes the function or class
from the page and that of Keras, and fails with an AssertionError on the first input where Keras
answers otherwise. Hypothesis chooses the inputs.
"""

import importlib
import inspect
import pkgutil

import tensorflow as tf


class NoCounterpartError(Exception):
    """A function or class on a page has nothing that it could be compared with."""


def check(name: str, by_hand):
    """Compare a function or class from a page with its counterpart in Keras.

    Raises:
        NoCounterpartError: Keras has no such loss or metric, or there is no check for it here.
        AssertionError: the two differ in their arguments, or on some input.
    """
    counterpart = getattr(tf.keras.losses, name, None) or getattr(tf.keras.metrics, name, None)
    if counterpart is None:
        raise NoCounterpartError(f"{name}: tf.keras has no loss or metric of this name")
    if f"check_{name}" not in (checks := _checks()):
        raise NoCounterpartError(f"{name}: tests/derivations/properties has no check for it")
    check_same = checks[f"check_{name}"]
    ignored = {"name", "dtype"} | getattr(check_same, "left_out", set())
    assert _arguments(by_hand, ignored) == _arguments(counterpart, ignored)
    check_same(by_hand, counterpart)


def _arguments(loss_or_metric, ignored):
    """Return the names and defaults of a function's arguments, or of a metric's two methods.

    The arguments that every Keras metric has, `name` and `dtype`, do not count, and neither do
    those that a page leaves out and says so.
    """
    functions = [loss_or_metric]
    if inspect.isclass(loss_or_metric):
        functions = [loss_or_metric.__init__, loss_or_metric.update_state]
    return [
        [
            (each.name, each.default)
            for each in inspect.signature(function).parameters.values()
            if each.name not in ignored
        ]
        for function in functions
    ]


def _checks():
    """Return the checks of all modules of this package by name."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return {name: value for module in modules for name, value in vars(module).items()}
