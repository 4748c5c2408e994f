"""Labels in every form become one array of one kind, or an error names what is wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import DataConversionWarning

from ramps import ramps, small
from seqclf._labels import read_labels
from seqclf.sampling import BalancedSampler, StratifiedBatchSampler, class_weights
from seqclf.tuning import Choice, sweep

DATA = ramps()
Y = DATA.y


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        (np.array([0, 1], dtype=object), np.int64),
        (np.array([np.int8(0), 1], dtype=object), np.int64),
        (np.array([0, 1.0], dtype=object), np.float64),
        (np.array([False, True], dtype=object), np.bool_),
        ([False, True], np.bool_),
        ([0, 1], np.int64),
        (["a", "b"], np.dtype("<U1")),
        (np.array(["a", "b"], dtype=object), np.object_),
        (np.array(["a", "b"]), np.dtype("<U1")),
        (pd.Series([0, 1], dtype="Int64"), np.int64),
        (pd.Series(["a", "b"], dtype="category"), np.object_),
        (torch.tensor([0, 1]), np.int64),
    ],
)
def test_labels_have_the_dtype_of_their_kind(y: Any, dtype: Any) -> None:
    labels = read_labels(y)
    assert labels.dtype == dtype
    assert labels.shape == (2,)


NOT_LABELS: list[tuple[Any, type[Exception], str]] = [
    (np.eye(2)[Y], ValueError, "got an array of shape (48, 2). If it is one-hot, pass `y.argmax(axis=1)`."),
    (
        np.zeros((48, 2, 2)),
        ValueError,
        "`y` must hold one label for each sample; got an array of shape (48, 2, 2).",
    ),
    ("ab", ValueError, "got an array of shape ()."),
    (
        [0, "a"] * 24,
        TypeError,
        "`y` must hold labels of one type; got a mixture of int, str. Make them all text or all",
    ),
    ([True, 2] * 24, TypeError, "got a mixture of bool, int."),
    (
        [0, None] * 24,
        ValueError,
        "`y` must hold a label for each sample; got y[1]=None. Drop samples without a label.",
    ),
    (["a", float("nan")] * 24, ValueError, "got y[1]=nan."),
    (pd.Series(["a", None] * 24, dtype="string"), ValueError, "got y[1]=<NA>."),
    (pd.Series([0, None] * 24, dtype="Int64"), ValueError, "got y[1]="),
    (pd.Series(["a", None] * 24, dtype="category"), ValueError, "got y[1]=nan."),
    (np.array(["2020-01-01", "NaT"] * 24, dtype="M8[D]"), ValueError, "got y[1]=NaT."),
]


@pytest.mark.parametrize(("y", "error", "message"), NOT_LABELS, ids=range(len(NOT_LABELS)))
def test_what_is_not_a_label_is_named_wherever_labels_are_read(
    y: Any, error: type[Exception], message: str
) -> None:
    model = small(max_epochs=1).fit(DATA.sequences, Y)
    for call in (
        lambda: small().fit(DATA.sequences, y),
        lambda: small().partial_fit(DATA.sequences, y),
        lambda: small(max_epochs=1).fit(DATA.sequences, Y, validation_data=(DATA.sequences, y)),
        lambda: model.score(DATA.sequences, y),
        lambda: sweep(small(max_epochs=1), {"lr": Choice([0.1])}, DATA.sequences, y, n_trials=1),
        lambda: class_weights(y),
        lambda: BalancedSampler(y, batch_size=4),
        lambda: StratifiedBatchSampler(y, batch_size=4),
    ):
        with pytest.raises(error, match=re.escape(message)):
            call()


@pytest.mark.filterwarnings("ignore:.*copies of training samples")
@pytest.mark.parametrize("y", [Y.astype(object), (Y == 1).astype(object), Y.astype(object).tolist()])
def test_numbers_of_dtype_object_train_and_predict_as_numbers(y: Any) -> None:
    expected = small(max_epochs=2).fit(DATA.sequences, np.array(list(y)))
    model = small(max_epochs=2).fit(DATA.sequences, y, validation_data=(DATA.sequences, y))
    assert model.classes_.dtype == expected.classes_.dtype != object
    assert model.classes_.tolist() == sorted(set(y))
    predicted = model.predict(DATA.sequences)
    np.testing.assert_array_equal(predicted, expected.predict(DATA.sequences))
    assert predicted.dtype == model.classes_.dtype
    assert model.score(DATA.sequences, y) == expected.score(DATA.sequences, np.array(list(y)))


def test_a_column_is_flattened_with_scikit_learns_warning() -> None:
    with pytest.warns(
        DataConversionWarning, match="A column-vector y was passed when a 1d array was expected"
    ):
        model = small(max_epochs=2).fit(DATA.sequences, Y[:, None])
    expected = small(max_epochs=2).fit(DATA.sequences, Y).predict_proba(DATA.sequences)
    np.testing.assert_array_equal(model.predict_proba(DATA.sequences), expected)


@pytest.mark.parametrize("y", [["a", "b"] * 24, np.array(["2020-01-01", "2020-01-02"] * 24, dtype="M8[D]")])
def test_labels_of_another_kind_than_the_classes_are_named(y: Any) -> None:
    with pytest.raises(ValueError, match=r"`validation_data\[1\]` must hold the classes \[0, 1\] only; got"):
        small().fit(DATA.sequences, Y, validation_data=(DATA.sequences, y))
