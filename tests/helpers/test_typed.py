"""What Python and NumPy print comes back as the array that it was; nothing else passes, or runs."""

import re

from helpers.typed import MOST_NUMBERS, typed_array

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from properties.common import checked

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=5)
DTYPES = st.sampled_from(["float16", "float32", "float64", "int8", "int32", "int64", "bool"])
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))


@checked()
@given(values=ARRAYS)
def test_repr_comes_back_whole(values):
    with np.printoptions(floatmode="unique", threshold=10**5):
        text = repr(values)
    came, dtype = typed_array("y_pred", text)
    assert dtype == values.dtype
    np.testing.assert_array_equal(came, values, strict=True)


@checked()
@given(values=ARRAYS)
def test_lists_come_back_whole(values):
    for text in (str(values.tolist()), str(tuple(values.tolist())), f"y_pred = {values.tolist()}"):
        np.testing.assert_array_equal(typed_array("y_pred", text)[0], values)


@checked()
@given(values=ARRAYS)
def test_what_is_printed_comes_back_rounded(values):
    """NumPy prints eight decimals, of the largest number where one factor would not do."""
    largest = np.abs(np.float64(values))[np.isfinite(values)].max(initial=1)
    for text in (str(values), repr(values)):
        came = typed_array("y_pred", text)[0].astype(values.dtype)
        np.testing.assert_allclose(came, values, rtol=1e-7, atol=1e-8 * largest)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_tensors_come_back(dtype):
    tensor = tf.cast([[0.25], [0.5]], dtype)
    for text in (str(tensor), repr(tensor)):
        came, named = typed_array("y_pred", text)
        assert named == dtype
        assert came.tolist() == [[0.25], [0.5]]


@pytest.mark.parametrize(
    "text", ["0 1 1", "0, 1, 1", "0\n1\n1\n", "[0 1 1]", "(0, 1, 1)", "[0,1,1,]"]
)
def test_one_row_in_each_form(text):
    assert typed_array("y_true", text)[0].tolist() == [0, 1, 1]


def test_numbers_with_their_type_or_the_sites_minus_sign():
    assert typed_array("y", "[\N{MINUS SIGN}0.5 1]")[0].tolist() == [-0.5, 1]
    assert typed_array("y", "[np.float32(0.25), np.int64(2)]")[0].tolist() == [0.25, 2]


REFUSED = {
    "": "no number",
    "[]": "no number",
    "[0.1, foo]": "'foo'",
    "[1,,2]": "','",
    "[1_0]": "'1_0'",
    "[1 2": "before a bracket is closed",
    "[1]]": "'\\]'",
    "[1] [2]": "2 lists side by side",
    "[[1], [2, 3]]": "rows of 1 and 2 entries",
    "[1, [2]]": "lists beside numbers",
    "[[[[[1]]]]]": "more than 4 deep",
    "[0.1 ... 0.9]": "set_printoptions",
    "array([1], dtype=object)": "dtype object",
    "__import__('os').abort()": "__import__",
    "[__import__('os').abort()]": "__import__",
    "print([1])": "'print\\('",
    f"{[0] * (MOST_NUMBERS + 1)}": "10,000",
    "[" * 500_000: "500,000 letters",
    f"[{'1' * 300_000}x]": "'1{30}…'",  # in a moment: nothing is read twice
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_refuses_in_words(text):
    with pytest.raises(ValueError, match=REFUSED[text]) as error:
        typed_array("y_pred", text)
    assert str(error.value).startswith("y_pred ")
    assert re.search("expected|the most|set_print", str(error.value))
    assert len(str(error.value)) < 150


@checked()
@given(text=st.text(st.sampled_from("[]() ,.-+e019naTrufdtype=x'\n"), max_size=40))
def test_anything_is_read_or_refused(text):
    try:
        values, _ = typed_array("y_pred", text)
    except ValueError as error:
        assert str(error).startswith("y_pred ")
    else:
        assert values.dtype.kind in "biuf" and values.size
