"""Arrays that were typed or pasted, as Python and NumPy print them. Nothing typed is ever run."""

import re

import numpy as np

MOST_NUMBERS = 10_000
MOST_LETTERS = 400_000
DEEPEST = 4  # brackets inside brackets
LARGEST, MOST_DIGITS = 2**63, 20  # where integers of 64 bits end
EXAMPLE = "expected numbers in brackets, such as [0.2, 0.9]"

NUMBER = re.compile(
    r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|[-+]?(?:nan|inf)|True|False", re.IGNORECASE
)
TOKEN = re.compile(r"(?P<mark>[\[\],])|(?P<word>[^\s\[\],]+)")
SIGNS = str.maketrans(
    "()\N{MINUS SIGN}", "[]-"
)  # tuples count as lists; the site prints minus signs
SCALAR = re.compile(r"\b(?:np\.|numpy\.)?(?:float|int|uint|bool)_?\d*\(([^()]*)\)")
# What stands around the brackets: array([...], dtype=float32), or TensorFlow's tf.Tensor(...).
BEFORE = re.compile(r"(\w+\s*=\s*)?(<?tf\.Tensor[^\[]*|((np|numpy)\.)?array\(|tensor\()?\s*")
AFTER = re.compile(r"(\s*,\s*(shape=\([\d, ]*\)|dtype=[\w.'\"]+))*,?\s*\)?>?\s*")
DTYPE = re.compile(r"dtype=['\"]?(?:\w+\.)*(\w+)")


def typed_array(name, text):
    """Return the array that a text writes, and the name of the dtype that it names or implies.

    Args:
        name: what an error calls the text.
        text: nested lists as Python or NumPy prints them, with commas or without, in `array(...)`
            or not; or one row of numbers without brackets.

    Returns:
        An array of int64, bool or float64, or of the dtype that the text names, and that dtype's
        name. NumPy has no bfloat16: of it the name alone is kept.

    Raises:
        ValueError: the text is no array of 1 to 10,000 numbers.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"{name} has {len(text):,} letters; expected at most {MOST_LETTERS:,}")
    if re.search(r"\.\.\.|…", text):
        raise ValueError(
            f"{name} holds '...', where NumPy left numbers out; print it after "
            "np.set_printoptions(threshold=np.inf)"
        )
    inner, dtype = _inside(name, SCALAR.sub(r"\1", text))
    values = np.array(_nested(name, inner))
    if dtype and dtype != "bfloat16":
        if not re.fullmatch(r"(float|u?int)\d\d?|bool", dtype):
            raise ValueError(f"{name} has the dtype {dtype}; expected one of numbers")
        values = values.astype(dtype)
    return values, dtype or values.dtype.name


def _inside(name, text):
    """Return what stands in a text's outer brackets, those included, and the dtype around them."""
    start, end = text.find("["), text.rfind("]") + 1
    if text.lstrip()[:1] == "(":
        return text, None
    if start < 0 or end <= start:
        return f"[{text}]", None
    before, after = text[:start], text[end:]
    for part, known in ((before, BEFORE), (after, AFTER)):
        if not known.fullmatch(part.strip()):
            raise ValueError(f"{name} holds {_short(part)} around its brackets; {EXAMPLE}")
    found = DTYPE.search(before + after)
    return text[start:end], found and found[1]


def _nested(name, text):
    """Return the lists that a text writes."""
    stack, count, comma = [[]], 0, True  # no comma may come before the first number
    for token in TOKEN.finditer(text.translate(SIGNS)):
        mark, word = token["mark"], token["word"]
        is_odd = (mark == "," and comma) or (mark == "]" and len(stack) == 1)
        if is_odd or (word and not NUMBER.fullmatch(word)):
            raise ValueError(f"{name} holds {_short(token[0])}; {EXAMPLE}")
        comma = mark in (",", "[")
        if word:
            count += 1
            stack[-1].append(_number(word))
        elif mark == "[":
            stack.append([])
        elif mark == "]":
            row = stack.pop()
            stack[-1].append(row)
        if count > MOST_NUMBERS:
            raise ValueError(f"{name} holds more numbers than {MOST_NUMBERS:,}, the most")
        if len(stack) > DEEPEST + 1:
            raise ValueError(f"{name} holds lists more than {DEEPEST} deep; {EXAMPLE}")
    if len(stack) > 1:
        raise ValueError(f"{name} ends before a bracket is closed; {EXAMPLE}")
    if not count:
        raise ValueError(f"{name} holds no number; {EXAMPLE}")
    if len(stack[0]) != 1:
        raise ValueError(f"{name} holds {len(stack[0])} lists side by side; {EXAMPLE}")
    (values,) = stack[0]
    _expect_even(name, values)
    return values


def _number(text):
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    is_whole = text.lstrip("+-").isdigit() and len(text) <= MOST_DIGITS
    is_whole = is_whole and -LARGEST <= int(text) < LARGEST
    return int(text) if is_whole else float(text)


def _expect_even(name, values):
    """Raise a ValueError where rows have different lengths, or lists stand beside numbers."""
    rows = [values]
    while rows:
        kinds = {isinstance(each, list) for row in rows for each in row}
        lengths = sorted({len(row) for row in rows})
        if len(kinds) > 1 or len(lengths) > 1:
            came = f"rows of {' and '.join(map(str, lengths))} entries"
            came = "lists beside numbers" if len(kinds) > 1 else came
            raise ValueError(f"{name} holds {came}; expected rows of one length")
        rows = [each for row in rows for each in row] if True in kinds else []


def _short(text):
    text = " ".join(text.split())
    return repr(text if len(text) <= 30 else f"{text[:30]}…")
