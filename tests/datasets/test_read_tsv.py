from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from seqclf.datasets import read_tsv
from seqclf.exceptions import InvalidSequenceError

TEXT = "1\t0.5\t-2e3\t0\n-1\t3\tNaN\tNaN\nwalk\t?\t4\tNaN\n"


def test_a_line_is_a_class_and_a_series(tmp_path: Path) -> None:
    path = tmp_path / "made.tsv"
    path.write_text(TEXT)
    X, y = read_tsv(path, missing="keep")
    assert X.values.dtype == torch.float64
    assert X.lengths.tolist() == [3, 1, 2]
    np.testing.assert_array_equal(X.values.numpy(), [[0.5], [-2000], [0], [3], [np.nan], [4]])
    assert y.tolist() == ["1", "-1", "walk"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("?", "?", "line 3: each value must be known; got a missing one in dimension 1, step 1. Read the file with"),
        ("?", "x", "line 3: each value must be a number, or `?` or NaN if it is missing; got 'x' in dimension 1, step 1. Corr"),
        ("?", "1,2", "got '1,2' in dimension 1, step 1. Separate values with tabs"),
        ("4\tNaN", "4\t", "line 3: each value must be a number, or `?` or NaN if it is missing; got '' in dimension 1, step 3"),
        ("4\tNaN", "4", "line 3: all lines must have the same number of columns; got 3, and 4 in line 1. Is"),
        ("4\tNaN", "4\tNaN\t", "line 3: all lines must have the same number of columns; got 5, and 4 in line 1"),
        ("walk", "", "line 3: a line must hold the class and the values of a series, separated by tabs; got '\\t?\\t4\\tNaN'"),
        ("?\t4\tNaN", "NaN\tNaN\tNaN", "line 3: a series must have at least one value; got missing values only"),
        ("\t", ",", "line 1: a line must hold the class and the values of a series, separated by tabs; got '1,0.5,-2e3,0'"),
        ("1\t0.5", "@data\n1\t0.5", "got '@data'. Read files with a header with `read_ts` or `read_arff`"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    path = tmp_path / "made.tsv"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(InvalidSequenceError, match=r"made\.tsv, .*" + re.escape(message)):
        read_tsv(path)
