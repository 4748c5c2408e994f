"""Anything that holds numbers becomes a numeric array; other values are named."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._numbers import Origin, numeric_array, read_array


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2], [3, 4]],
        np.array([[1, 2], [3, 4]], dtype=object),
        np.array([[Decimal(1), 2.0], [np.float32(3), np.int8(4)]], dtype=object),
        pd.DataFrame([[1, 2], [3, 4]]),
        pd.DataFrame({"a": pd.array([1, 3], dtype="Int64"), "b": [2.0, 4.0]}),
        torch.tensor([[1, 2], [3, 4]]),
        torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.bfloat16, requires_grad=True),
        np.ma.masked_array([[1, 2], [3, 4]], mask=False),
    ],
)
def test_numbers_of_any_type_become_an_array(X: Any) -> None:
    array = numeric_array(X)
    assert array.dtype.kind in "if"
    np.testing.assert_array_equal(array, [[1, 2], [3, 4]])


def test_an_array_is_not_copied() -> None:
    X = np.ones((2, 3))
    assert numeric_array(X) is X
    assert np.shares_memory(numeric_array(torch.from_numpy(X)), X)


@pytest.mark.parametrize("number", [1 + 2j, np.complex64(1)])
@pytest.mark.parametrize("dtype", [complex, object])
def test_complex_data_are_rejected(number: complex, dtype: type) -> None:
    message = "Complex data not supported: every value must be real; got complex values. Pass the real and"
    with pytest.raises(InvalidSequenceError, match=message):
        numeric_array(np.array([[number, 1.0]], dtype=dtype))
    with pytest.raises(InvalidSequenceError, match="got complex values in row 4"):
        numeric_array(np.array([number, 1.0], dtype=dtype), Origin(row=4))
    with pytest.raises(InvalidSequenceError, match="Complex data not supported"):
        numeric_array(torch.tensor([[1 + 2j]]))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            np.array([["a", "b"]]),
            "Every value of X must be a number; got text in row 0. Encode them as numbers",
        ),
        (np.array([[1.0], ["1.5"]], dtype=object), "got the text '1.5' in row 1, step 0. Encode text as"),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "got the text 'x' in row 0, step 1."),
        (np.array([["2020-01-01"]], dtype="M8[D]"), "got values of dtype datetime64[D] in row 0."),
        (
            np.zeros((1, 2), dtype=[("a", "f4")]),
            "Every value of X must be a number; got values of dtype [('a', '<f4')]",
        ),
        (
            np.array([[10**400, 1]], dtype=object),
            "fit float32 (at most 3.4e38); got a larger integer in row 0, step 0.",
        ),
        (
            np.ma.masked_array([[1, 2]], mask=[[True, False]]),
            "X must not hold masked values; got a masked array. Fill them first with `.filled(value)`.",
        ),
    ],
)
def test_values_that_are_not_numbers_are_named(X: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        numeric_array(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        # scikit-learn's check_dtype_object looks for the part in parentheses.
        (
            np.array([[1, {"a": 1}]], dtype=object),
            "got {'a': 1} in row 0, step 1 (float() argument must be a string",
        ),
        (scipy.sparse.csr_matrix(np.eye(3)), "X must be dense; got a sparse csr_matrix. Sparse data are not"),
        (scipy.sparse.coo_array(np.eye(3)), "X must be dense; got a sparse coo_array."),
        (torch.eye(3).to_sparse(), "X must be dense; got a sparse tensor (torch.sparse_coo)."),
        (None, "X must be an array or a list of numbers; got NoneType. See `as_sequences`"),
        ({"a": [1]}, "X must be an array or a list of numbers; got dict."),
        ("text", "X must be an array or a list of numbers; got str."),
        ({1, 2}, "X must be an array or a list of numbers; got set."),
        ((i for i in range(3)), "X must be an array or a list of numbers; got generator."),
    ],
)
def test_other_objects_and_sparse_data_are_a_type_error(X: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        numeric_array(X)


def of_objects(*cells: Any) -> Any:
    array = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        array[i] = cell
    return array


@pytest.mark.parametrize(
    "X",
    [
        of_objects([1, 2], [3, 4]),
        of_objects(np.array([1, 2]), (3, 4)),
        of_objects(pd.Series([1, 2]), torch.tensor([3.0, 4.0], requires_grad=True)),
        [of_objects(1, np.array(2)), of_objects(torch.tensor(3), 4.0)],
        of_objects(of_objects(1, 2), of_objects(3, 4)),
    ],
)
def test_arrays_and_lists_inside_an_object_array_are_stacked(X: Any) -> None:
    assert numeric_array(X).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "X",
    [
        of_objects(np.array(1j), 1.0),
        of_objects(torch.tensor(1j), torch.tensor(1.0)),
        of_objects(np.array([1j]), np.array([1.0])),
        of_objects([1j], [1.0]),
        of_objects(np.complex64(1j), 1.0),
        [[torch.tensor(1j), 1.0]],
        [of_objects(np.array(1j), 2.0)],
    ],
)
def test_complex_values_inside_never_lose_their_imaginary_part(X: Any) -> None:
    with pytest.raises(InvalidSequenceError, match="Complex data not supported"):
        numeric_array(X)


def test_cells_of_unequal_shapes_are_named() -> None:
    for cells in (([1, 2], [3]), ([1, 2], 3)):
        with pytest.raises(InvalidSequenceError, match=r"got unequal numbers in row 4\. Fill in the missing"):
            numeric_array(of_objects(*cells), Origin(row=4))


def test_missing_values_of_pandas_become_nan() -> None:
    expected = [[1.0, 2.0], [np.nan, 3.0]]
    for frame in (
        pd.DataFrame({"a": [1, pd.NA], "b": [2, 3]}, dtype=object),
        pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [2.0, 3.0]}),
        pd.DataFrame({"a": [1, None], "b": [2, 3]}, dtype="Float32"),
    ):
        np.testing.assert_array_equal(numeric_array(frame), expected)


@pytest.mark.parametrize(
    "X",
    [
        [np.ma.masked_array([1.0, 2.0], mask=[False, True]), [1.0, 2.0]],
        [[np.ma.masked_array([1.0], mask=[True])], [[1.0]]],
        ([1.0, np.ma.masked],),
        of_objects(np.ma.masked_array([1.0], mask=[True]), np.array([1.0])),
    ],
)
def test_a_masked_array_inside_a_list_keeps_its_mask(X: Any) -> None:
    with pytest.raises(InvalidSequenceError, match="X must not hold masked values; got a masked array"):
        numeric_array(X)
    without = [np.ma.masked_array([1.0, 2.0], mask=False), [1.0, 2.0]]
    assert numeric_array(without).tolist() == [[1.0, 2.0]] * 2


def test_arrays_of_objects_can_be_read_without_conversion() -> None:
    arrays = np.empty(2, dtype=object)
    arrays[:] = [np.ones(2), np.ones(3)]
    assert read_array(arrays) is arrays


def test_errors_name_the_argument_and_its_axes() -> None:
    origin = Origin("`static`", ("row", "feature"))
    with pytest.raises(InvalidSequenceError, match=r"Every value of `static` .* in row 1, feature 0"):
        numeric_array(np.array([[1.0], ["a"]], dtype=object), origin)
    with pytest.raises(
        InvalidSequenceError, match="Every row of `static` must have the same number of features"
    ):
        numeric_array([[1.0], [1.0, 2.0]], origin)
