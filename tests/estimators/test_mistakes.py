"""`fit` warns of mistakes that raise no error: labels among the steps, a header made of numbers, counted lengths."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from ramps import small
from seqclf import SeqclfWarning, SequenceEnsemble
from seqclf.estimators._mistakes import LEAST_ROWS, header_of_numbers

N, WIDTH = 40, 12
COPIED = (
    r"The last column of X equals y in every row: the labels are among the steps.*Drop that column.*X\.iloc"
)
HEADER = r"names of the columns of X are numbers that do not ascend: 0\.5, 0\.25, 0\.0.*header=None"
COUNTED = r"`lengths` count the values that are not 0: \d+ of 40 sampled rows also contain 0.*Omit `lengths`"


def table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A padded table of signals that also contain zeros, and labels 0 to 2."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 1, size=(N, WIDTH))
    X[:, 2] = 0
    X[np.arange(WIDTH) >= rng.integers(5, WIDTH, size=N)[:, None]] = 0
    return X, np.arange(N) % 3


X, Y = table()
WITH_LABELS = np.column_stack([X, Y])
COUNTS = (X != 0).sum(axis=1)


@pytest.mark.parametrize(
    ("given", "y", "lengths", "message"),
    [
        (WITH_LABELS, Y, None, COPIED),
        (WITH_LABELS[:, :, None], Y, None, COPIED),
        (WITH_LABELS.astype(np.float32), Y.astype(float), None, COPIED),
        (torch.from_numpy(WITH_LABELS), torch.from_numpy(Y), None, COPIED),
        (pd.DataFrame(WITH_LABELS), pd.Series(Y), None, COPIED),
        (
            pd.DataFrame(X, columns=["0.5", "0.25", "0.0", *(f"0.0.{i}" for i in range(1, 10))]),
            Y,
            None,
            HEADER,
        ),
        (X, Y, COUNTS, COUNTED),
        (X[:, :, None], Y, COUNTS.tolist(), COUNTED),
        (pd.DataFrame(X), Y, pd.Series(COUNTS), COUNTED),
    ],
)
def test_fit_warns_of_a_mistake(given: Any, y: Any, lengths: Any, message: str) -> None:
    for model in (small(max_epochs=1), SequenceEnsemble(estimators=[small(max_epochs=1)])):
        with pytest.warns(SeqclfWarning, match=message) as found:
            model.fit(given, y, lengths=lengths)
        assert [one.filename for one in found] == [__file__]


@pytest.mark.parametrize(
    ("given", "y", "lengths"),
    [
        (np.column_stack([X, (Y + 1) % 3]), Y, None),
        (np.column_stack([X, Y == 1]), Y, None),
        (WITH_LABELS[: LEAST_ROWS - 1], Y[: LEAST_ROWS - 1], None),
        (WITH_LABELS, Y, np.full(N, WIDTH)),  # cuts the labels off
        (WITH_LABELS, np.array(["a", "b", "c"])[Y], None),
        (X, Y, np.minimum(COUNTS + 1, WIDTH)),
        (X, Y, np.full(N, 4)),  # only the first steps, on purpose
        (np.where(X == 0, 0.5, X), Y, np.full(N, WIDTH)),  # no zeros: counts are the lengths
        (pd.DataFrame(X, columns=[f"{0.1 * i:.1f}" for i in range(WIDTH)]), Y, None),  # times
        (pd.DataFrame(X, columns=[str(i) for i in range(WIDTH)][::-1]), Y, None),
        (pd.DataFrame(X), Y, None),
    ],
)
def test_fit_does_not_warn_of_what_may_be_meant(given: Any, y: Any, lengths: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(max_epochs=1).fit(given, y, lengths=lengths)


@pytest.mark.parametrize(
    ("names", "is_header"),
    [
        (["9.77e-01", "9.26e-01", "0.0", "0.0.1", "0.0.2"], True),
        (["3", "5", "3.1", "-2"], True),
        (["0.1", "0.2", "0.30"], False),
        (["1e-3", "1e-2", "1e-1"], False),
        (["10", "9", "8"], False),
        (["0.5", "0.2", "class"], False),
        (["0.5"], False),
        ([], False),
        (None, False),
    ],
)
def test_which_names_are_a_header_of_numbers(names: list[str] | None, is_header: bool) -> None:
    assert (header_of_numbers(names) is not None) == is_header
