"""`fit` warns of mistakes that raise no error: labels among steps or features, a wrong header or index, counted lengths."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from ramps import small
from seqclf import SeqclfWarning, SequenceEnsemble, Sequences, as_sequences
from seqclf.estimators._headers import header_of_numbers
from seqclf.estimators._leaked_labels import labels_among_features
from seqclf.estimators._sampled import LEAST_SEQUENCES

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
    for model in (
        small(max_epochs=1),
        SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=1, n_jobs=1),
    ):
        with pytest.warns(SeqclfWarning, match=message) as found:
            model.fit(given, y, lengths=lengths)
        assert [one.filename for one in found] == [__file__]


@pytest.mark.parametrize(
    ("given", "y", "lengths"),
    [
        (np.column_stack([X, (Y + 1) % 3]), Y, None),
        (np.column_stack([X, Y == 1]), Y, None),
        (WITH_LABELS[: LEAST_SEQUENCES - 1], Y[: LEAST_SEQUENCES - 1], None),
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


RNG = np.random.default_rng(0)
SIGNAL = [RNG.normal(size=(n, 2)) for n in RNG.integers(3, 9, size=N)]
CODES = np.array([7.0, -2.0, 0.5])[Y]
TEXT = np.array(["N", "S", "V"])[Y]


def with_feature(column: Any, *, varied: bool = False) -> Sequences:
    """Return the signals with a third feature, which is one number for each sequence."""
    rows = [np.column_stack([x, np.full(len(x), value)]) for x, value in zip(SIGNAL, column, strict=True)]
    if varied:
        rows[5][-1, 2] += 1
    return as_sequences(rows)


@pytest.mark.parametrize(
    ("samples", "name"),
    {
        "the same numbers": (with_feature(Y), "Feature 2"),
        "other numbers": (with_feature(CODES), "Feature 2"),
        "with a name": (with_feature(Y).with_feature_names(["x", "z", "class"]), "Feature 'class'"),
        "static": (
            as_sequences(SIGNAL, static=np.stack([RNG.normal(size=N), Y], axis=1)),
            "Static feature 1",
        ),
        "static with a name": (
            as_sequences(SIGNAL, static=pd.DataFrame({"label": CODES})),
            "Static feature 'label'",
        ),
        "a token": (
            as_sequences(
                [
                    pd.DataFrame({"x": x[:, 0], "kind": [kind] * len(x)})
                    for x, kind in zip(SIGNAL, TEXT, strict=True)
                ],
                vocabulary="auto",
            ),
            "Token column 'kind'",
        ),
    }.values(),
)
@pytest.mark.parametrize("y", [Y, TEXT, Y == 0], ids=["numbers", "text", "two of three"])
def test_labels_among_features_are_found(samples: Sequences, name: str, y: Any) -> None:
    found = labels_among_features(samples, y)
    if y.dtype == bool:  # two values for one class
        assert found is None
        return
    assert found is not None
    assert found.startswith(f"{name} has one value for each class of y, in all steps of a sequence: ")


def test_fit_warns_of_labels_among_features_once() -> None:
    frames = [pd.DataFrame({"x": x[:, 0], "label": label}) for x, label in zip(SIGNAL, Y, strict=True)]
    for model in (
        small(max_epochs=1),
        SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=1, n_jobs=1),
    ):
        with pytest.warns(SeqclfWarning, match="Feature 'label' has one value for each class of y") as found:
            model.fit(frames, Y)
        assert [one.filename for one in found] == [__file__]
    with pytest.warns(SeqclfWarning, match="Feature 'label' has") as found:
        small(max_epochs=1).fit(frames, Y, sample_weight=np.where(np.arange(N) % 4, 1.0, 0.0))
    assert len(found) == 1


@pytest.mark.parametrize(
    "samples",
    {
        "a feature that varies": with_feature(Y, varied=True),
        "a feature of each sequence": with_feature(RNG.normal(size=N)),
        "a coarser feature": with_feature(Y == 1),
        "wrong in one sequence": with_feature(np.r_[Y[:-1], (Y[-1] + 1) % 3]),
        "the only feature": as_sequences(
            [np.full(len(x), label) for x, label in zip(SIGNAL, Y + 1.0, strict=True)]
        ),
        "a constant": with_feature(np.zeros(N)),
    }.values(),
)
def test_other_features_are_not_taken_for_labels(samples: Sequences) -> None:
    assert labels_among_features(samples, Y) is None


def test_few_sequences_of_each_class_prove_nothing() -> None:
    assert labels_among_features(with_feature(Y)[: LEAST_SEQUENCES - 1], Y[: LEAST_SEQUENCES - 1]) is None
    assert labels_among_features(with_feature(np.arange(N)), np.arange(N)) is None


def test_long_sequences_are_sampled() -> None:
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(60, 30_000, 2)).astype(np.float32)
    y = np.arange(60) % 2
    steps[..., 1] = y[:, None]
    assert labels_among_features(as_sequences(steps, padding_value=None), y) is not None


def test_fit_warns_of_row_numbers_that_were_read_as_values() -> None:
    table = pd.DataFrame(X[:, 1:]).rename(columns=str)
    table.insert(0, "Unnamed: 0", np.arange(N))
    frames = [pd.DataFrame({"Unnamed: 0": np.arange(len(x)), "x": x[:, 0]}) for x in SIGNAL]
    for given in (table, frames):
        with pytest.warns(SeqclfWarning, match=r"X has a column 'Unnamed: 0'.*index_col=0") as found:
            small(max_epochs=1).fit(given, Y)
        assert len(found) == 1


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
