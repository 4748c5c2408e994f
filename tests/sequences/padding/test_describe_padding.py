"""The padding report counts the same as a loop over the rows."""

from __future__ import annotations

import math
import re
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import is_padding_step, length_of
from seqclf.exceptions import InvalidSequenceError, SeqclfWarning
from seqclf.sequences import (
    FixedWidthCut,
    PaddingReport,
    SentinelEvidence,
    _blocks,
    as_sequences,
    describe_padding,
)
from strategies import Padded, padded_tables

NAN = math.nan


def quietly(X: Any, **arguments: Any) -> PaddingReport:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeqclfWarning)
        return describe_padding(X, **arguments)


def test_a_tiny_case_by_hand() -> None:
    X = np.array(
        [
            [1.0, 0.0, 2.0, 0.0, 0.0],  # a true zero inside
            [1.0, 2.0, 3.0, 4.0, 5.0],  # fills the width
            [0.0, 0.0, 0.0, 0.0, 0.0],  # all padding
            [1.0, 2.0, 3.0, 4.0, 0.0],
        ]
    )
    report = describe_padding(X, drop_last=2)
    assert report.share_padded == 8 / 20
    assert dict(report.length_quantiles) == pytest.approx(
        {0.0: 0, 0.05: 0.45, 0.25: 2.25, 0.5: 3.5, 0.75: 4.25, 0.95: 4.85, 1.0: 5}
    )
    assert (report.n_interior, report.n_full_width, report.n_all_padding, report.n_start) == (1, 1, 1, 0)
    assert report.likely_padding_value == 0.0
    assert report.evidence == (SentinelEvidence(value=0.0, n_rows=2, n_steps=7, median_run=3.5),)
    # To 3 of 5 steps: the rows of 5 and 4 steps lose 2 and 1 of 12; 3 of the 12 steps kept are padding.
    assert report.cut == FixedWidthCut(
        drop_last=2, n_rows=2, n_steps=3, share_steps=3 / 12, share_padded=3 / 12
    )


@settings(deadline=None)
@given(padded_tables(), st.sampled_from([0.0, 1.0]), st.data())
def test_counts_equal_those_of_the_oracle(padded: Padded, padding_value: float, data: st.DataObject) -> None:
    rows, (n, width, _) = padded.table.tolist(), padded.table.shape
    drop_last = data.draw(st.integers(0, width - 1))
    report = quietly(padded.table, padding_value=padding_value, drop_last=drop_last)
    lengths = [length_of(row, padding_value) for row in rows]
    real = [row[:length] for row, length in zip(rows, lengths, strict=True)]
    marked = [[is_padding_step(step, padding_value) for step in row] for row in real]
    assert report.share_padded == pytest.approx(1 - sum(lengths) / (n * width))
    assert report.length_quantiles[0][1] == min(lengths)
    assert report.length_quantiles[-1][1] == max(lengths)
    assert report.n_interior == sum(any(row) for row in marked)
    assert report.n_all_padding == lengths.count(0)
    assert report.n_full_width == lengths.count(width)
    assert report.n_start == sum(len(row) > 1 and row[0] and row[1] for row in marked)
    lost = [max(0, length - (width - drop_last)) for length in lengths]
    assert report.cut.n_steps == sum(lost)
    assert report.cut.n_rows == sum(steps > 0 for steps in lost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "ELEMENTS_PER_BLOCK", 5)
        assert quietly(padded.table, padding_value=padding_value, drop_last=drop_last) == report


@pytest.mark.parametrize("sentinel", [0.0, NAN, -999.0, 0.1])
@pytest.mark.parametrize("n_features", [None, 2])
def test_the_likely_padding_value_is_found(sentinel: float, n_features: int | None) -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 20, size=200)
    X = rng.uniform(1, 2, size=(200, 20) if n_features is None else (200, 20, n_features)).astype(np.float32)
    X[np.arange(20) >= lengths[:, None]] = sentinel
    report = describe_padding(X)
    assert report.likely_padding_value is not None
    np.testing.assert_equal(np.float32(report.likely_padding_value), np.float32(sentinel))
    assert report.evidence[0].n_rows == (lengths < 19).sum()
    assert report.evidence[0].n_steps == (20 - lengths)[lengths < 19].sum()


def test_candidates_are_listed_by_decreasing_number_of_steps() -> None:
    X = np.array([[1, 7, 7, 7], [2, 3, 7, 7], [1, 2, 0, 0], [1, 2, 3, 4]])
    evidence = describe_padding(X).evidence
    assert [(e.value, e.n_rows, e.n_steps, e.median_run) for e in evidence] == [
        (7, 2, 5, 2.5),
        (0, 1, 2, 2.0),
    ]


def test_a_single_run_is_not_a_likely_padding_value() -> None:
    X = np.random.default_rng(0).uniform(size=(500, 6))
    assert describe_padding(X).evidence == ()
    X[7, -2:] = 0.5
    report = describe_padding(X)
    assert report.likely_padding_value is None
    assert report.evidence == (SentinelEvidence(value=0.5, n_rows=1, n_steps=2, median_run=2.0),)


def test_padding_at_the_start_raises_a_warning() -> None:
    X = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 4.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]])
    message = "end of a row; 1 of 4 rows start with two or more steps of 0, the first is row 1. Only trailing padding"
    with pytest.warns(SeqclfWarning, match=re.escape(message)):
        report = describe_padding(X)
    assert report.n_start == 1


def test_few_rows_that_start_with_the_value_raise_no_warning() -> None:
    X = np.ones((201, 3))
    X[:2, :2] = 0.0
    assert describe_padding(X).n_start == 2


def test_dropping_75_of_187_is_the_default_cut() -> None:
    report = describe_padding(np.ones((2, 187)))
    assert report.cut.drop_last == 75
    assert report.cut.share_steps == pytest.approx(75 / 187)
    assert describe_padding(np.ones((2, 1))).cut.drop_last == 0


def test_values_are_neither_changed_nor_required_to_be_finite() -> None:
    X = np.array([[1.0, NAN, 3.0], [math.inf, 2.0, 0.0]])
    before = X.copy()
    assert describe_padding(X).n_full_width == 1
    assert describe_padding(torch.from_numpy(X)) == describe_padding(X)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"drop_last": 3},
            ValueError,
            "`drop_last` must leave at least one of the 3 columns; got 3. Choose 0 to 2.",
        ),
        ({"drop_last": -1}, ValueError, "`drop_last` must leave at least one of the 3 columns; got -1."),
        (
            {"drop_last": 0.4},
            TypeError,
            "`drop_last` must be an integer; got 0.4. It is a number of columns, for",
        ),
        (
            {"padding_value": "x"},
            TypeError,
            "`padding_value` must be a number, which includes NaN and infinity; got 'x'.",
        ),
    ],
)
def test_an_invalid_parameter_is_named(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        describe_padding(np.ones((2, 3)), **arguments)


def test_ragged_data_are_rejected() -> None:
    with pytest.raises(TypeError, match="got Sequences, which hold no padding"):
        describe_padding(as_sequences([[1.0]]))
    with pytest.raises(InvalidSequenceError, match="same number of steps"):
        describe_padding([[1.0], [1.0, 2.0]])
