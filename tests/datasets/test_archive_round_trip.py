"""What is written to a file of the archive is read again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from datasets.archive_files import arff_text, ts_text, tsv_text
from seqclf.datasets import read_arff, read_ts, read_tsv

_VALUES = st.floats(allow_infinity=False)  # NaN is a missing value


@st.composite
def labelled(
    draw: st.DrawFn, *, n_features: int | None = None
) -> tuple[list[NDArray[np.float64]], list[str]]:
    """Series of any lengths, whose last step has a value, and their labels."""
    width = draw(st.integers(1, 3)) if n_features is None else n_features
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    series = [draw(hnp.arrays(np.float64, (length, width), elements=_VALUES)) for length in lengths]
    for one in series:
        if np.isnan(one[-1]).all():
            one[-1, draw(st.integers(0, width - 1))] = draw(st.sampled_from([0.0, -0.0, 5e-324, 1.7e308]))
    label = st.sampled_from(["1", "-1", "1.0", "walk", "Walk", "ä", "a/b", "NaN"])
    return series, [draw(label) for _ in series]


def check(
    read: Callable[..., Any], text: str, series: Sequence[NDArray[np.float64]], labels: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made")
        path.write_text(text, encoding="utf-8")
        X, y = read(path, missing="keep")
    assert y.tolist() == labels
    assert X.lengths.tolist() == list(map(len, series))
    for steps, expected in zip(X, series, strict=True):
        np.testing.assert_array_equal(steps.numpy(), expected)


@pytest.mark.parametrize("pad", [False, True])
@given(made=labelled())
def test_ts(pad: bool, made: tuple[list[NDArray[np.float64]], list[str]]) -> None:
    check(read_ts, ts_text(*made, pad=pad), *made)


@given(made=labelled())
def test_ts_with_times(made: tuple[list[NDArray[np.float64]], list[str]]) -> None:
    series = [np.column_stack([np.linspace(-1.5e9, 1e9 / 3, len(one)), one]) for one in made[0]]
    check(read_ts, ts_text(series, made[1], times=True), series, made[1])


@given(made=labelled())
def test_arff(made: tuple[list[NDArray[np.float64]], list[str]]) -> None:
    check(read_arff, arff_text(*made), *made)


@given(made=labelled(n_features=1))
def test_tsv(made: tuple[list[NDArray[np.float64]], list[str]]) -> None:
    check(read_tsv, tsv_text(*made), *made)
