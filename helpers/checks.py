"""What checks your homework, and your turns on the pages, with tf.keras, case by case.

A check never raises. It prints what holds and what fails, on which input, what came and what was
expected, and it returns the points, which is what nbgrader reads.
"""

import dis
import json
import time
import types
import warnings
from functools import partial
from html import escape

from helpers.tables import table

import numpy as np

RTOL, ATOL = 1e-4, 1e-5  # Keras computes in float32
MAX_NUMBERS = 24  # of an array that a report prints
SLOW = 1.5  # seconds that one answer has taken, after which no further round is drawn
UNSOLVED = ["not solved yet"]
RECORDED = {}  # expected results by (exercise, case, round), for a turn where NumPy is alone
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
        self._recorded = {} if recorded is None else recorded
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

        def judge(number, answer, *_):
            report, came = _numbers_of(answer, [f"{name}()"])
            if report:
                return report
            if came.shape != np.shape(truth):
                expected = f"expected a list of {len(truth)} numbers"
                return [f"came     shape {came.shape}: {_text(came)}", expected]
            if np.isnan(came[number]):
                return ["came     None or nan instead of a number"]
            right = np.isclose(came[number], truth[number], RTOL, ATOL)
            return [] if right else [f"came     {came[number]:g}, which is not what is printed"]

        cases = {f"number_{number + 1}": lambda rng: None for number in range(len(truth))}
        judges = {case: partial(judge, number) for number, case in enumerate(cases)}
        return self._check(name, cases, 1, lambda drawn: None, judges)

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

    def _check(self, name, cases, rounds, expect, judges):
        """Say the report of all cases, keep it, and return the points."""
        cases = {case: draw for case, draw in _items(cases) if case[0] != "_"}
        if callable(judges):
            judges = dict.fromkeys(cases, judges)
        answer = self._namespace.get(name)
        reason = _no_answer(name, answer)
        points, lines = 0.0, [f"{name}: {reason}"]
        if not reason:
            reports = self._judged(name, answer, cases, rounds, expect, judges)
            points = float(sum(not report for report in reports.values()))
            lines = _lines(name, reports)
        self.reports[name] = points, len(cases), lines
        self._say("\n".join(lines))
        return points

    def _judged(self, name, answer, cases, rounds, expect, judges):
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
                drawn, expected = self._drawn((name, case, turn), number, draw, expect)
                start = time.monotonic()
                reports[case] = _quietly(judges[case], answer, drawn, expected)
                spent += time.monotonic() - start
                if reports[case] and place and turn == 0:
                    reports[case] = ["when asked the same again:", *reports[case]]
        return reports

    def _drawn(self, key, number, draw, expect):
        """Return a case's input in one round, and what is expected of it."""
        seed = None if key[-1] == "fresh" else [self._seed, number, key[-1]]
        drawn = draw(np.random.default_rng(seed))
        expected = self._recorded.get(key) if seed else None
        if expected is None:
            expected = expect(drawn)
        if seed and not self._has_fresh_round:
            self._recorded[key] = expected
        return drawn, expected


class YourTurn(Homework):
    """The check of what a reader writes on a page, in a kernel or in a browser without Keras.

    It has the verbs of `Homework`, and each returns a `Report`.

    Args:
        namespace: where the answer is, `globals()` of the notebook.
    """

    def __init__(self, namespace):
        super().__init__(namespace, 0, recorded=dict(RECORDED), say=lambda text: None)

    def passes(self):
        """Return whether the answer, as it is now, passes what was checked last."""
        name, *check = self._last
        super()._check(name, *check)
        points, possible, _ = self.reports[name]
        return points == possible

    def _check(self, *check):
        self._last = check
        super()._check(*check)
        *_, lines = self.reports[check[0]]
        return Report("\n".join(lines), partial(self._everything, *check))

    def _everything(self, name, cases, rounds, expect, judges):
        """Return every expected result by its key, whether the answer came so far or not."""
        everything = Homework({name: _unsolved}, 0, recorded={}, say=self._say)
        everything._check(name, cases, rounds, expect, lambda *_: [])
        return everything._recorded


class Report:
    """What a check says. As HTML it brings along what was expected, for a browser to check with."""

    def __init__(self, text, record):
        self._text, self.record = text, record

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        return (
            f"<pre>{escape(self._text)}</pre>"
            f'<script type="application/json">{packed(self.record())}</script>'
        )


def packed(recorded):
    """Return expected results by (exercise, case, round) as JSON, each number in 9 digits."""
    rows = [[*key, _plain(expected)] for key, expected in recorded.items()]
    return json.dumps(rows, separators=(",", ":"))


def unpacked(text):
    """Return what `packed` made a text of."""
    return {tuple(key): np.array(expected) for *key, expected in json.loads(text)}


def _plain(value):
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return np.vectorize(lambda x: float(f"{x:.9g}"), otypes="d")(value).tolist()


def _unsolved():
    raise NotImplementedError


def _items(cases):
    return cases.items() if isinstance(cases, dict) else list(vars(cases).items())


def _lines(name, reports):
    """Return the lines of a report: what holds, and what fails where."""
    found = list(reports.values())
    if all(report == UNSOLVED for report in found):
        return [f"{name}: not solved yet. Write your code in the cell above and run it."]
    lines = [f"{name}: {sum(not report for report in found)} of {len(found)} points"]
    if len(found) > 1 and found[0] and all(report == found[0] for report in found):
        return [*lines, f"  fails  all {len(found)}", *(f"         {line}" for line in found[0])]
    for case, report in reports.items():
        lines.append(f"  {'fails' if report else 'holds'}  {case.replace('_', ' ')}")
        lines += [f"         {line}" for line in report]
    return lines


def _quietly(judge, *arguments):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return judge(*arguments)
        except NotImplementedError:
            return UNSOLVED


def _no_answer(name, answer):
    """Return in words why there is nothing to check, or None."""
    if answer is None:
        return f"there is no {name}. Run the cell that defines it."
    if not callable(answer):
        return f"this is a {type(answer).__name__}; expected a function or a class."
    if _uses_reference(answer, set()):
        return "this uses TensorFlow, the reference. Write it with NumPy alone."
    return None


def _uses_reference(value, seen):
    """Return whether code reaches TensorFlow through the global names that it reads."""
    module = value.__name__ if isinstance(value, types.ModuleType) else None
    for name in (module, getattr(value, "__module__", None), type(value).__module__):
        if isinstance(name, str) and name.split(".")[0] in REFERENCE:
            return True
    if id(value) in seen or len(seen) > 1000:
        return False
    seen.add(id(value))
    if isinstance(value, type):
        parts = [*value.__mro__[1:-1], *vars(value).values()]
        return value.__module__ == "__main__" and any(_uses_reference(x, seen) for x in parts)
    if isinstance(value, (partial, staticmethod, classmethod, property, np.vectorize)):
        kinds = ("func", "__func__", "fget", "pyfunc")
        return any(_uses_reference(getattr(value, kind, None), seen) for kind in kinds)
    if not isinstance(value, types.FunctionType) or value.__module__ not in (None, "__main__"):
        return False
    return any(_uses_reference(part, seen) for part in _reached(value, value.__code__))


def _reached(function, code):
    """Yield what a function's code imports or reads: globals, its closure, its defaults."""
    yield from function.__defaults__ or ()
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not bound yet
            continue
    codes = [code]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if hasattr(constant, "co_code")]
        for step in dis.get_instructions(code):
            if step.opname == "IMPORT_NAME":
                yield types.ModuleType(step.argval)
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                yield function.__globals__.get(step.argval)


def _expected(reference, arguments):
    """Return what the reference gives, in the precision of the arguments and in float32."""
    given = list(arguments.values())
    rounded = [value.astype("float32") if _is_float(value) else value for value in given]
    return [_numbers(reference(*values)) for values in (given, rounded)]


def _is_float(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _differences(answer, arguments, expected):
    given = [f"{name} = {_text(value)}" for name, value in arguments.items()]
    copies = [np.copy(x) if isinstance(x, np.ndarray) else x for x in arguments.values()]
    return _difference(lambda: answer(*copies), expected, given)


def _split(verb):
    """Return the metric's name and the method of a call: ("other", "result") of other.result."""
    owner, _, method = verb.rpartition(".")
    return owner or "metric", method


def _expected_steps(reference, calls):
    """Return the results of the calls in their order, those that are no result left out."""
    metrics, results = {}, []
    for verb, *arguments in calls:
        owner, method = _split(verb)
        metric = metrics.setdefault(owner, reference())
        value = getattr(metric, method)(*arguments)
        if method == "result":
            results.append([_numbers(value)])
    return results


def _differences_of_steps(name, answer, calls, expected):
    metrics, made, results = {}, [], iter(expected)
    for verb, *arguments in calls:
        owner, method = _split(verb)
        if owner not in metrics:
            made.append(f"{owner} = {name}()")
            report, metrics[owner] = _attempt(answer, made)
            if report:
                return report
        made.append(f"{owner}.{method}({', '.join(map(_text, arguments))})")
        call = partial(_called, metrics[owner], method, *map(np.copy, arguments))
        if method == "result":
            report = _difference(call, next(results), made)
        else:
            report, _ = _attempt(call, made)
        if report:
            return report
    return []


def _called(metric, method, *arguments):
    return getattr(metric, method)(*arguments)


def _attempt(call, given):
    """Return (report, value) of a call; the report is empty unless it raised."""
    try:
        return [], call()
    except NotImplementedError:
        raise
    except (Exception, SystemExit) as error:
        return [*given, f"raised   {_short(error)}"], None


def _numbers_of(call, given):
    """Return (report, the numbers that a call returns)."""
    report, came = _attempt(call, given)
    if not report and came is None:
        report = [*given, "came     nothing: is there a return?"]
    return (report, None) if report else _attempt(lambda: _numbers(came), given)


def _difference(call, expected, given):
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


def _numbers(value):
    """Return plain numbers: what an object says of itself, in == or elsewhere, does not count."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufO":
        kind = {"U": "text", "S": "bytes", "c": "complex numbers"}.get(
            array.dtype.kind, "no numbers"
        )
        raise TypeError(f"returned {kind}; expected numbers")
    return np.array(array, dtype="float64")


def _text(value):
    value = np.asarray(value)
    if value.size > MAX_NUMBERS:
        return f"{value.size} numbers of shape {value.shape}"
    return np.array2string(value, precision=4, separator=", ").replace("\n", "")


def _short(error):
    """Return an error's name and the first line of what it says, with what cannot be shown."""
    lines = str(error).strip().splitlines()
    text = ": ".join([type(error).__name__, *(line[:200] for line in lines[:1])])
    return "".join(letter if letter.isprintable() else "�" for letter in text)
