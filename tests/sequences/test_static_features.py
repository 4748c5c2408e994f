"""Static features are one row of finite numbers per sequence."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._static_features import read_static


@pytest.mark.parametrize(
    "static",
    [
        [[1, 2], [3, 4]],
        [(1, 2.0), (3, True + 3)],
        np.array([[1, 2], [3, 4]], dtype=np.uint8),
        np.array([[1, 2], [3, 4]], dtype=object),
        np.asfortranarray([[1.0, 2.0], [3.0, 4.0]])[::-1][::-1],
        torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.bfloat16, requires_grad=True),
        pd.DataFrame({"age": [1, 3], "sex": pd.array([2, 4], dtype="Int64")}),
    ],
)
def test_arrays_frames_lists_and_tensors_become_float32(static: Any) -> None:
    read = read_static(static, 2)
    assert read.dtype == torch.float32
    assert read.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert not read.requires_grad


@pytest.mark.parametrize(
    "static",
    [
        [5, 7],
        np.array([7.0, 5.0])[::-1],
        pd.Series([5, 7], index=[3, 1]),
        torch.tensor([5, 7]),
        [5.0, np.int8(7)],
    ],
)
def test_one_dimension_is_one_feature(static: Any) -> None:
    assert read_static(static, 2).tolist() == [[5.0], [7.0]]


def test_memory_is_not_shared_and_read_only_arrays_are_accepted() -> None:
    static = np.array([5.0, 7.0], dtype=np.float32)
    static.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_static(static, 2)[:] = 0
    assert static.tolist() == [5.0, 7.0]


@pytest.mark.parametrize(
    ("static", "message"),
    [
        (
            [1.0],
            "`static` must have one row for each of the 2 sequences; got shape (1,). Select the same samples",
        ),
        (5.0, "one row for each of the 2 sequences; got shape ()."),
        (np.zeros((2, 1, 1)), "got shape (2, 1, 1)."),
        (
            np.zeros((2, 0)),
            "`static` must have at least one feature; got shape (2, 0). Pass None if there are",
        ),
        (
            [[0.0, 1.0], [0.0, np.nan]],
            "must hold finite numbers that fit float32; got static[1, 1]=nan. Fill in",
        ),
        ([np.inf, 0.0], "got static[0]=inf."),
        ([1.0, 1e300], "got static[1]=1e+300."),
        ([1.0, None], "got static[1]=nan."),
        (
            ["a", "b"],
            "Every value of `static` must be a number; got text in row 0. Encode them as numbers first.",
        ),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "got the text 'x' in row 0, feature 1. Encode text"),
        (
            [[1.0], [1.0, 2.0]],
            "Every row of `static` must have the same number of features; got unequal numbers.",
        ),
        ([1j, 2], "Complex data not supported"),
        ([[0], [10**400]], "must fit float32 (at most 3.4e38); got a larger integer in row 1, feature 0."),
        (np.array(["2020-01-01"] * 2, dtype="M8[D]"), "got values of dtype datetime64[D] in row 0."),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "`static` must not hold masked values"),
    ],
)
def test_the_first_invalid_static_feature_is_named(static: Any, message: str) -> None:
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        read_static(static, 2)


@pytest.mark.parametrize(
    ("static", "message"),
    [
        ("ab", "`static` must be an array or a list of numbers; got str."),
        ({"age": [1, 2]}, "`static` must be an array or a list of numbers; got dict."),
        ([1.0, {}], "Every value of `static` must be a number; got {} in row 1 (float() argument must be"),
        (scipy.sparse.csr_matrix(np.eye(2)), "`static` must be dense; got a sparse csr_matrix."),
        (torch.eye(2).to_sparse(), "`static` must be dense; got a sparse tensor (torch.sparse_coo)."),
    ],
)
def test_objects_and_sparse_data_are_a_type_error(static: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        read_static(static, 2)
