"""What checks your homework with tf.keras, case by case.

A check never raises. It prints what holds and what fails, on which input, what came and what was
expected, and it returns the points, which is what nbgrader reads.
"""

import gc
import sys
import time
import warnings
from functools import partial
from operator import methodcaller

from helpers.tables import table

import numpy as np

RTOL, ATOL = 1e-4, 1e-5  # Keras computes in float32
MAX_NUMBERS = 24  # of an array that a report prints
SLOW = 1.5  # seconds that one answer has taken, after which no further round is drawn
UNSOLVED = ["not solved yet"]
REFERENCE = {"tf_keras", "tensorflow", "keras"}


class Homework:
    """The checks of one notebook, and the points that they have given so far.

    Args:
        namespace: where the answers are, `globals()` of the notebook.
        seed: the seed of the random inputs; by default 0, with one more round that is never twice
            the same.
        rounds: how often each case draws its inputs.
        recorded: expected results by (exercise, case, round). What is missing is computed by the
            reference and added. Without a dict, everything is computed.
        say: is handed each report.

    Attributes:
        reports: {exercise: (points, possible points, the lines that its check printed)}.
    """

    def __init__(self, namespace, seed=None, rounds=3, recorded=None, say=print):
        self._namespace = namespace
        self._seed = 0 if seed is None else seed
        self._rounds = rounds
        self._has_fresh_round = seed is None and recorded is None
        self._recorded = recorded
        self._say = say
        self.reports = {}

    def check(self, name, reference, cases, rounds=None):
        """Compare a function with its reference; return one point for each case that holds.

        Args:
            name: the function's name.
            reference: the function that gives the expected result.
            cases: a class whose functions take a NumPy random generator. Each returns a dict of
                arguments, which are passed by position. Its name says in words what it tries.
            rounds: the most rounds of this check, where the reference is slow.
        """
        return self._check(name, cases, rounds, partial(_expected, reference), _differences)

    def check_metric(self, name, reference, cases):
        """Step a metric beside its reference; return one point for each case that holds.

        Args:
            name: the class's name.
            reference: the class that gives the expected results.
            cases: a class whose functions take a NumPy random generator. Each returns a list of
                calls, such as ("update_state", values, sample_weight) or ("result",). A method
                that is written "other.result" is called on a second metric.
        """
        judge = partial(_differences_of_steps, name)
        return self._check(name, cases, None, partial(_expected_steps, reference), judge)

    def check_predictions(self, name, truth):
        """Compare predicted numbers; return one point for each right one, and tell none of them.

        Args:
            name: the function that returns the predictions.
            truth: the numbers themselves.
        """

        def judge(answer, number, expected):
            report, came = _numbers_of(answer, [f"{name}()"])
            if report:
                return report
            if came.shape != np.shape(truth):
                expected = f"expected a list of {len(truth)} numbers"
                return [f"came     shape {came.shape}: {_text(came)}", expected]
            if np.isnan(came[number]):
                return ["came     None or nan instead of a number"]
            right = np.isclose(came[number], expected, RTOL, ATOL)
            return [] if right else [f"came     {came[number]:g}, which is not what is printed"]

        cases = {f"number_{n + 1}": lambda rng, n=n: n for n in range(len(truth))}
        return self._check(name, type("Cases", (), cases), 1, truth.__getitem__, judge)

    def progress(self):
        """Return the table of the points reached so far, one row per exercise."""
        if not self.reports:
            return print("No check has run yet: run the cells above first.")
        reached, possible, _ = zip(*self.reports.values(), strict=True)
        return table(
            exercise=[*self.reports, "total"],
            points=[*map(int, reached), int(sum(reached))],
            of=[*possible, sum(possible)],
        )

    def _check(self, name, cases, rounds, expect, judge):
        """Say the report of all cases, keep it, and return the points."""
        cases = {case: draw for case, draw in vars(cases).items() if case[0] != "_"}
        answer, points = self._namespace.get(name), 0.0
        if answer is None:
            lines = [f"{name}: there is no {name}. Run the cell that defines it."]
        elif not callable(answer):
            lines = [f"{name}: this is a {type(answer).__name__}; expected a function or a class."]
        else:
            reports = self._judged(name, answer, cases, rounds, expect, judge)
            points = float(sum(not report for report in reports.values()))
            lines = _lines(name, reports)
        self.reports[name] = points, len(cases), lines
        self._say("\n".join(lines))
        return points

    def _judged(self, name, answer, cases, rounds, expect, judge):
        """Return {case: lines that say where it fails first}; there are none when it holds."""
        spent, reports = 0.0, {case: [] for case in cases}
        rounds = min(self._rounds, rounds or self._rounds)
        # The first inputs come again at the end: the result may not depend on when one asks.
        turns = [*range(rounds), *(["fresh"] if self._has_fresh_round else []), 0]
        for place, turn in enumerate(turns):
            if place and spent > SLOW:
                break
            for number, (case, draw) in enumerate(cases.items()):
                if reports[case]:
                    continue
                seed = None if turn == "fresh" else [self._seed, number, turn]
                drawn = draw(np.random.default_rng(seed))
                known = {} if self._recorded is None else self._recorded
                if (key := (name, case, turn)) not in known:
                    known[key] = expect(drawn)
                start = time.monotonic()
                reports[case] = _quietly(judge, answer, drawn, known[key])
                spent += time.monotonic() - start
                if reports[case] and place and turn == 0:
                    reports[case] = ["when asked the same again:", *reports[case]]
        return reports


def _lines(name, reports):
    """Return the lines of a report: what holds, and what fails where."""
    found = list(reports.values())
    if all(report == UNSOLVED for report in found):
        return [f"{name}: not solved yet. Write your code above, run it, and check again."]
    lines = [f"{name}: {sum(not report for report in found)} of {len(found)} points"]
    if len(found) > 1 and found[0] and all(report == found[0] for report in found):
        return [*lines, f"  fails  all {len(found)}", *(f"         {line}" for line in found[0])]
    for case, report in reports.items():
        lines.append(f"  {'fails' if report else 'holds'}  {case.replace('_', ' ')}")
        lines += [f"         {line}" for line in report]
    return lines


class AbsentError(ImportError):
    """An answer calls the reference, which is not there when it is graded."""


def _quietly(judge, *arguments):
    """Return what a judge says of an answer that may not call the reference."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        before = sys.getprofile()
        gc.disable()  # what is collected meanwhile may be the reference's own
        sys.setprofile(_refuse_reference)
        try:
            return judge(*arguments)
        except NotImplementedError:
            return UNSOLVED
        finally:
            sys.setprofile(before)
            gc.enable()


def _refuse_reference(frame, event, _):
    module = str(frame.f_globals.get("__name__"))
    if event == "call" and module.split(".")[0] in REFERENCE:
        raise AbsentError("this uses TensorFlow, the reference. Write it with NumPy alone")


def _expected(reference, arguments):
    """Return what the reference gives, in the precision of the arguments and in float32."""
    given = list(arguments.values())
    floats = [isinstance(value, np.ndarray) and value.dtype.kind == "f" for value in given]
    rounded = [np.float32(x) if is_float else x for x, is_float in zip(given, floats, strict=True)]
    return [_numbers(reference(*values)) for values in (given, rounded)]


def _differences(answer, arguments, expected):
    return _difference(*_asked(answer, arguments), expected)


def objection(judge, answer, arguments, _):
    """Return the lines that say what a judge expected instead of what came; none if nothing."""
    call, given = _asked(answer, arguments)
    report, came = _numbers_of(call, given, np.asarray)
    if report:
        return report
    try:
        expected = judge(came, *arguments.values())
    except (ArithmeticError, IndexError, TypeError, ValueError):
        expected = "an answer of another shape or kind"
    return [*given, f"came     {_text(came)}", f"expected {expected}"] if expected else []


def _asked(answer, arguments):
    """Return the call of a function with copies of its arguments, and lines that say them."""
    copies = [np.copy(x) if isinstance(x, np.ndarray) else x for x in arguments.values()]
    given = [f"{name} = {_text(value)}" for name, value in arguments.items()]
    return lambda: answer(*copies), given


def _expected_steps(reference, calls):
    """Return the results of the calls in their order, those that are no result left out."""
    metrics, results = {}, []
    for called, *arguments in calls:
        owner, method = f"metric.{called}".split(".")[-2:]
        metric = metrics.setdefault(owner, reference())
        value = getattr(metric, method)(*arguments)
        if method == "result":
            results.append([_numbers(value)])
    return results


def _differences_of_steps(name, answer, calls, expected):
    metrics, made, results = {}, [], iter(expected)
    for called, *arguments in calls:
        owner, method = f"metric.{called}".split(".")[-2:]
        if owner not in metrics:
            made.append(f"{owner} = {name}()")
            report, metrics[owner] = _attempt(answer, made)
            if report:
                return report
        made.append(f"{owner}.{method}({', '.join(map(_text, arguments))})")
        call = partial(methodcaller(method, *map(np.copy, arguments)), metrics[owner])
        if method == "result":
            report = _difference(call, made, next(results))
        else:
            report, _ = _attempt(call, made)
        if report:
            break
    return report


def _attempt(call, given):
    """Return (report, value) of a call; the report is empty unless it raised."""
    try:
        return [], call()
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        return [*given, f"raised   {_short(error)}"], None


def _numbers(value):
    """Return plain numbers: what an object says of itself, in == or elsewhere, does not count."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufO":
        kinds = {"U": "text", "S": "bytes", "c": "complex numbers"}
        raise TypeError(f"returned {kinds.get(array.dtype.kind, 'no numbers')}; expected numbers")
    return np.array(array, dtype="float64")


def _numbers_of(call, given, convert=_numbers):
    """Return (report, the numbers that a call returns)."""
    report, came = _attempt(call, given)
    if not report and came is None:
        report = [*given, "came     nothing: is there a return?"]
    return (report, None) if report else _attempt(lambda: convert(came), given)


def _difference(call, given, expected):
    """Return the lines that say what came instead of the expected numbers; none when they agree."""
    report, came = _numbers_of(call, given)
    wanted = expected[0]
    if report:
        return [*report, f"expected {_text(wanted)}"] if report[-1][:4] == "came" else report
    if came.shape != wanted.shape:
        shapes = f"came     shape {came.shape}: {_text(came)}", f"expected shape {wanted.shape}"
        return [*given, shapes[0], f"{shapes[1]}: {_text(wanted)}"]
    close = [np.isclose(came, each, RTOL, ATOL, equal_nan=True) for each in expected]
    if not np.all(np.any(close, axis=0)):
        return [*given, f"came     {_text(came)}", f"expected {_text(wanted)}"]
    return []


def _text(value):
    value = np.asarray(value)
    if value.size > MAX_NUMBERS:
        return f"{value.size} numbers of shape {value.shape}"
    return np.array2string(value, precision=4, separator=", ").replace("\n", "")


def _short(error):
    """Return an error's name and the first line of what it says, without what cannot be shown."""
    try:
        lines = str(error).strip().splitlines()[:1]
    except Exception:
        lines = []
    text = ": ".join([type(error).__name__, *(line[:200] for line in lines)])
    return "".join(letter if letter.isprintable() else "�" for letter in text)
