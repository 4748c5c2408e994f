"""Values in float64 that become float32."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqclf import InvalidSequenceError, Sequences, ZScore, as_sequences, from_long
from seqclf.sequences import pad, unpad
from seqclf.sequences._precision import find_merged, rounded
from strategies import Floats, ragged_arrays

NOW = 1.7e9  # seconds since 1970: neighbours in float32 are 128 apart
SECONDS = [[NOW, NOW + 1, NOW + 2], [NOW + 5, NOW + 7]]
TABLE = np.array([[NOW, NOW + 1, 0.0], [NOW + 5, NOW + 7, NOW + 8]])
LONG = pd.DataFrame({"beat": [1, 1, 2], "lead": [0.5, 0.1, 0.2], "clock": [NOW, NOW + 1, NOW + 2]})


@pytest.mark.parametrize(
    "convert",
    [
        lambda: as_sequences(SECONDS),
        lambda: as_sequences(TABLE),
        lambda: as_sequences(TABLE, lengths=[2, 3]),
        lambda: as_sequences(torch.from_numpy(TABLE)),
        lambda: as_sequences(TABLE.astype(np.int64)),
        lambda: as_sequences(pd.DataFrame(TABLE)),
        lambda: as_sequences(LONG.groupby("beat")[["lead", "clock"]]),
        lambda: as_sequences(torch.nested.nested_tensor([torch.tensor(one, dtype=torch.float64) for one in SECONDS], layout=torch.jagged)),
        lambda: unpad(torch.from_numpy(TABLE), [2, 3]),
        lambda: unpad(TABLE, [2, 3]),
        lambda: as_sequences(SECONDS, dtype="float64").float(),
        lambda: as_sequences(as_sequences(SECONDS, dtype=None)),
    ],
)  # fmt: skip
def test_distinct_values_that_would_become_equal_are_an_error(convert: Callable[[], Any]) -> None:
    message = r"Distinct values must stay distinct in float32, which has 7 digits; got 1700000000\.0 \(row 0, step 0, feature [01]\) and "
    with pytest.raises(
        InvalidSequenceError, match=message + r"1700000001\.0 \(row 0, step 1.*equal\. Subtract"
    ):
        convert()


def test_long_tables_and_static_features_name_the_place() -> None:
    with pytest.raises(
        InvalidSequenceError,
        match=r"got .*1700000000\.0.* \(id 1 \(row 0\)\) and .* in column 'clock', which become equal\. "
        r"Subtract the first value of the column, such as the first time of the table, or pass `dtype=\"float64\"`; "
        r"an estimator then scales in float64\.$",
    ):
        from_long(LONG, id="beat")
    assert from_long(LONG, id="beat", values="lead").sequences.values.dtype == torch.float32
    kept = from_long(LONG, id="beat", dtype="float64").sequences
    assert kept.values[:, 1].tolist() == [NOW, NOW + 1, NOW + 2]
    with pytest.raises(
        InvalidSequenceError, match=r"`static` must .* got .*\(row 0\) and .*\(row 1\) of feature 0"
    ):
        as_sequences([[1], [2]], static=[NOW, NOW + 1])


@pytest.mark.parametrize(
    "steps",
    [
        [0.1 + 0.2, 0.3, 0.3],  # a rounding error of float64
        1 - np.exp(-np.arange(200.0) / 3),  # settles until float32 sees no change
        295 + 1e-3 * np.round(np.random.default_rng(0).normal(size=500)),  # a sensor with offset
        8.5417 + 1e-5 * np.arange(20),  # a coordinate in steps of a metre
        [NOW, NOW, NOW],
        np.array([NOW, NOW + 1], dtype=np.float32),
    ],
)  # fmt: skip
def test_what_float32_holds_well_is_accepted(steps: Any) -> None:
    assert as_sequences([steps]).values.dtype == torch.float32


def test_sequences_that_differ_by_their_level_only_must_stay_distinct() -> None:
    with pytest.raises(InvalidSequenceError, match=r"\(row 0, step 2, feature 0\) and .* \(row 1, step 0,"):
        as_sequences([[NOW] * 3, [NOW + 30] * 4])


def test_values_that_do_not_fit_are_named() -> None:
    message = "Every value must fit float32 (at most 3.4e38); got 1e+300 in row 1, step 0, feature 0. Rescale the data."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        as_sequences([[1.0, 2.0], [1e300]])
    assert as_sequences([[1.0, 2.0], [1e300]], dtype="float64").values.max() == 1e300


@given(ragged_arrays(n_features=2))
def test_values_of_float32_are_never_changed(arrays: list[Floats]) -> None:
    single = as_sequences(arrays)
    wide = as_sequences([array.astype(np.float64) for array in arrays], dtype="float64")
    assert wide.values.dtype == torch.float64
    assert wide == single
    assert wide.float().values.dtype == torch.float32
    assert torch.equal(wide.float().values, single.values)
    assert as_sequences(arrays, dtype=None).values.dtype == torch.float32


def test_dtypes_are_kept_or_converted() -> None:
    wide = as_sequences(SECONDS, dtype="float64")
    assert as_sequences(wide, dtype="float64") is wide
    assert wide.double() is wide
    assert repr(wide) == "Sequences(2 sequences, 1 feature, lengths 2 to 3, 5 steps, float64)"
    assert as_sequences(pad(wide)[0].numpy(), dtype="float64") == wide
    single = as_sequences([[0.5]])
    assert as_sequences(single) is single.float() is single
    assert single.double() == single
    with pytest.raises(ValueError, match=r"`dtype` must be one of \['float32', 'float64'\]; got 'float16'"):
        as_sequences([[1]], dtype="float16")  # type: ignore[arg-type]


def test_gradients_flow_through_rounding() -> None:
    padded = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    torch.autograd.backward(unpad(padded, [2]).values.sum())
    assert padded.grad is not None
    assert padded.grad.tolist() == [[1.0, 1.0]]


@given(st.integers(0, 2**31))
def test_a_search_for_equal_values_samples_whole_runs_of_steps(seed: int) -> None:
    lengths = torch.tensor([3] * 1000)
    start = seed + 300.0 * torch.arange(1000, dtype=torch.float64)
    values = NOW + start.repeat_interleave(lengths) + torch.arange(3, dtype=torch.float64).repeat(1000)
    offsets = torch.nn.functional.pad(lengths.cumsum(0), (1, 0))
    found = find_merged(values[:, None].numpy(), offsets.numpy())
    assert found is not None
    assert found[2] == found[1] + 1
    with pytest.raises(InvalidSequenceError, match="Distinct values"):
        rounded(values[:, None], offsets)


def test_scaling_starts_from_the_values_that_were_given() -> None:
    scaled = ZScore().fit_transform([[NOW, NOW + 1], [NOW + 2]])
    assert scaled.values.dtype == torch.float32
    assert scaled.values.flatten().tolist() == pytest.approx([-(1.5**0.5), 0.0, 1.5**0.5])
    assert isinstance(scaled, Sequences)
