"""What checks your homework: each answer is compared with tf.keras, case by case.

A check never raises. It prints what holds and what fails, on which input, what came and what was
expected, and it returns the points, which is what nbgrader reads.
"""

import os
import warnings
from functools import partial

from helpers.tables import table

import numpy as np

SEED = "HOMEWORK_SEED"  # the teacher's seed, an environment variable
RTOL, ATOL = 1e-4, 1e-5  # Keras computes in float32
MAX_NUMBERS = 24  # of an array that a report prints
UNSOLVED = ["not solved yet"]
REFERENCE = {"tf", "tensorflow", "keras"}


class Homework:
    """The checks of one notebook, and the points that they have given so far.

    Args:
        namespace: where the answers are, `globals()` of the notebook.
        seed: the seed of the random inputs; by default that of the environment variable
            HOMEWORK_SEED, else 0.
    """

    def __init__(self, namespace, seed=None):
        self._namespace = namespace
        self._seed = int(os.environ.get(SEED, 0)) if seed is None else seed
        self._points = {}

    def check(self, name, reference, cases, rounds=3):
        """Compare a function with its reference; return one point for each case that holds.

        Args:
            name: the function's name.
            reference: the function that gives the expected result.
            cases: functions of a NumPy random generator. Each returns a dict of arguments, which
                are passed by position. A case's name says in words what it tries.
            rounds: how often each case draws its arguments.
        """
        return self._check(name, cases, rounds, lambda answer, case: _same(answer, reference, case))

    def check_metric(self, name, reference, cases, rounds=3):
        """Step a metric beside its reference; return one point for each case that holds.

        Args:
            name: the class's name.
            reference: the class that gives the expected results.
            cases: functions of a NumPy random generator. Each returns a list of calls, such as
                ("update_state", values, sample_weight) or ("result",).
            rounds: how often each case draws its calls.
        """
        return self._check(
            name, cases, rounds, lambda answer, calls: _same_steps(name, answer, reference, calls)
        )

    def check_predictions(self, name, truth):
        """Compare predicted numbers; return one point for each right one, and tell none of them.

        Args:
            name: the function that returns the predictions.
            truth: the numbers themselves.
        """

        def case(number):
            return lambda rng: number

        def judge(answer, number):
            came = _numbers(answer())
            if came.shape != np.shape(truth):
                return [f"came     {_text(came)}", f"expected a list of {len(truth)} numbers"]
            right = np.allclose(came[number], truth[number], RTOL, ATOL)
            return [] if right else [f"came     {came[number]:g}, which is not what is printed"]

        cases = []
        for number in range(len(truth)):
            cases.append(case(number))
            cases[-1].__name__ = f"number_{number + 1}"
        return self._check(name, cases, 1, judge)

    def progress(self):
        """Return the table of the points reached so far, one row per exercise."""
        if not self._points:
            return print("No check has run yet: run the cells above first.")
        reached, possible = zip(*self._points.values(), strict=True)
        return table(
            exercise=[*self._points, "total"],
            points=[*reached, sum(reached)],
            of=[*possible, sum(possible)],
        )

    def _check(self, name, cases, rounds, judge):
        self._points[name] = (0, len(cases))
        answer = self._namespace.get(name)
        reason = _no_answer(name, answer)
        if reason:
            print(f"{name}: {reason}")
            return 0.0
        turns = enumerate(cases)
        reports = [self._report(answer, case, number, rounds, judge) for number, case in turns]
        if all(report == UNSOLVED for report in reports):
            print(f"{name}: not solved yet. Write your code in the cell above and run it.")
            return 0.0
        points = sum(not report for report in reports)
        self._points[name] = (points, len(cases))
        print(f"{name}: {points} of {len(cases)} points")
        for case, report in zip(cases, reports, strict=True):
            print(f"  {'fails' if report else 'holds'}  {case.__name__.replace('_', ' ')}")
            for line in report:
                print(f"         {line}")
        return float(points)

    def _report(self, answer, case, number, rounds, judge):
        """Return the lines that say where a case fails first; none when it holds."""
        for turn in range(rounds):
            drawn = case(np.random.default_rng([self._seed, number, turn]))
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    report = judge(answer, drawn)
                except NotImplementedError:
                    report = UNSOLVED
            if report:
                return report
        return []


def _no_answer(name, answer):
    """Return in words why there is nothing to check, or None."""
    if answer is None:
        return f"there is no {name}. Run the cell that defines it."
    if not callable(answer):
        return f"this is a {type(answer).__name__}; expected a function or a class."
    if REFERENCE & _names(answer):
        return "this uses TensorFlow, the reference. Write it with NumPy alone."
    return None


def _names(answer):
    """Return the global names that a function or a class's methods use."""
    if getattr(answer, "names", None) is not None:  # an answer that runs elsewhere
        return set(answer.names)
    methods = vars(answer).values() if isinstance(answer, type) else [answer]
    codes = [method.__code__ for method in methods if hasattr(method, "__code__")]
    found = set()
    while codes:
        code = codes.pop()
        found |= set(code.co_names)
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_names")]
    return found


def _same(answer, reference, arguments):
    expected = _numbers(reference(*arguments.values()))
    given = [f"{name} = {_text(value)}" for name, value in arguments.items()]
    copies = [
        np.copy(value) if isinstance(value, np.ndarray) else value for value in arguments.values()
    ]
    return _difference(lambda: answer(*copies), expected, given)


def _same_steps(name, answer, reference, calls):
    mine, theirs, made = None, reference(), [f"metric = {name}()"]
    for verb, *arguments in [("__init__",), *calls]:
        if verb == "__init__":
            report, mine = _attempt(answer, made)
        elif verb == "result":
            came = partial(_called, mine, verb)
            report = _difference(came, _numbers(theirs.result()), [*made, "metric.result()"])
        else:
            getattr(theirs, verb)(*arguments)
            made.append(f"metric.{verb}({', '.join(map(_text, arguments))})")
            report, _ = _attempt(partial(_called, mine, verb, *arguments), made)
        if report:
            return report
    return []


def _called(metric, verb, *arguments):
    return getattr(metric, verb)(*arguments)


def _attempt(call, given):
    """Return (report, value) of a call; the report is empty unless it raised."""
    try:
        return [], call()
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        return [*given, f"raised   {_short(error)}"], None


def _difference(call, expected, given):
    """Return the lines that say what came instead of the expected numbers; none when they agree."""
    report, came = _attempt(call, given)
    if report:
        return report
    if came is None:
        return [*given, "came     nothing: is there a return?", f"expected {_text(expected)}"]
    report, came = _attempt(lambda: _numbers(came), given)
    if report:
        return report
    if came.shape != expected.shape:
        shapes = f"came     shape {came.shape}: {_text(came)}", f"expected shape {expected.shape}"
        return [*given, shapes[0], f"{shapes[1]}: {_text(expected)}"]
    if not np.allclose(came, expected, RTOL, ATOL):
        return [*given, f"came     {_text(came)}", f"expected {_text(expected)}"]
    return []


def _numbers(value):
    """Return plain numbers: what an object says of itself, in == or elsewhere, does not count."""
    return np.array(np.asarray(value, dtype="float64"))


def _text(value):
    value = np.asarray(value)
    if value.size > MAX_NUMBERS:
        return f"{value.size} numbers of shape {value.shape}"
    return np.array2string(value, precision=4, separator=", ").replace("\n", "")


def _short(error):
    """Return an error's name and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return ": ".join([type(error).__name__, *(line[:200] for line in lines[:1])])
