"""Input that a fitted estimator accepts or rejects."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from ramps import ramps, small
from seqclf import InvalidSequenceError, SeqclfWarning, as_sequences
from seqclf.estimators._input import InputContract, read_validation, select_samples, table_width

TABLE = np.array([[0.1, 0.9, 0.0, 0.0], [0.9, 0.5, 0.1, 0.2], [0.2, 0.8, 0.9, 0.0], [0.9, 0.2, 0.0, 0.0]] * 3)
Y = [1, 0, 1, 0] * 3


def contract(**options: Any) -> InputContract:
    given: dict[str, Any] = {
        "padding_value": 0.0,
        "n_features": 1,
        "n_static_features": 0,
        "width": 4,
        "column_names": None,
        "name": "GRUClassifier",
    }
    return InputContract(**given | options)


def test_a_tiny_case_by_hand() -> None:
    assert contract().read(TABLE[:2], None).lengths.tolist() == [2, 4]
    assert contract().read(TABLE[:2], [1, 3]).lengths.tolist() == [1, 3]
    assert contract(padding_value=None).read(TABLE[:2], None).lengths.tolist() == [4, 4]


def test_another_number_of_features_is_rejected() -> None:
    message = "X has 2 features, but GRUClassifier is expecting 1 features as input. Pass the features that `fit` saw."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        contract().read([[[1.0, 2.0]]], None)


@pytest.mark.parametrize(
    "X",
    [
        TABLE[:, :3],  # narrower
        np.pad(
            TABLE, ((0, 0), (0, 2)), constant_values=0.5
        ),  # wider, with real steps in the additional columns
        torch.from_numpy(TABLE[:, :3]),
        pd.DataFrame(TABLE[:, :3]),
    ],
)
def test_a_table_of_another_width_is_rejected(X: Any) -> None:
    message = (
        f"X has {X.shape[1]} features, but GRUClassifier is expecting 4 features as input: the columns of a 2-D table, "
        "after which only padding may follow. If its rows are whole sequences, pass `lengths` or a list of sequences."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        contract().read(X, None)


def test_more_padding_lengths_lists_and_sequences_are_accepted() -> None:
    expected = contract().read(TABLE, None)
    wider = np.pad(TABLE, ((0, 0), (0, 20)))
    assert contract().read(wider, None) == expected
    assert contract().read(TABLE[:, :3], [2, 3, 3, 2] * 3).lengths.tolist() == [2, 3, 3, 2] * 3
    assert contract().read([[0.1] * 9], None).lengths.tolist() == [9]
    assert contract().read(as_sequences([[0.1]]), None).lengths.tolist() == [1]
    assert contract().read(TABLE[:, :3, None], None).lengths.tolist() == [2, 3, 3, 2] * 3
    assert contract(width=None).read(TABLE[:, :3], None).lengths.tolist() == [2, 3, 3, 2] * 3


def test_only_tables_have_a_width() -> None:
    def width(X: Any) -> int | None:
        return table_width(X, as_sequences(X))

    assert width(TABLE) == width(pd.DataFrame(TABLE)) == width(torch.from_numpy(TABLE)) == 4
    assert width(TABLE.tolist()) == 4, "rows of equal length are a table"
    assert width([[1.0], [1.0, 2.0]]) is None
    assert width(TABLE[:, :, None]) is None
    assert width(as_sequences(TABLE)) is None
    assert width([[[1.0, 2.0]], [[1.0, 2.0]]]) is None


def test_an_estimator_follows_these_rules() -> None:
    model = small(max_epochs=2).fit(TABLE, Y)
    assert model.n_features_in_ == 4
    expected = model.predict_proba(TABLE)
    np.testing.assert_array_equal(model.predict_proba(np.pad(TABLE, ((0, 0), (0, 20)))), expected)
    np.testing.assert_array_equal(model.predict_proba(pd.DataFrame(TABLE)), expected)
    np.testing.assert_array_equal(model.predict_proba(as_sequences(TABLE)), expected)
    with pytest.raises(
        InvalidSequenceError, match="X has 3 features, but GRUClassifier is expecting 4 features"
    ):
        model.predict(TABLE[:, :3])
    assert model.predict(TABLE[:, :3], lengths=[2] * 12).shape == (12,)
    assert small(max_epochs=1).fit(pd.DataFrame(TABLE), Y).n_features_in_ == 4
    assert small(max_epochs=1).fit(TABLE[:, :, None], Y).n_features_in_ == 1


def test_more_features_than_steps_give_a_warning() -> None:
    X = ramps(8).padded().transpose(0, 2, 1)
    message = (
        "A 3-D array is read as (sample, time, feature); got shape (8, 2, 8): more features than time steps. "
        "If it is in the order (sample, channel, time) of aeon and sktime, pass `X.transpose(0, 2, 1)`."
    )
    with pytest.warns(SeqclfWarning, match=re.escape(message)) as caught:
        small(max_epochs=1).fit(X, ramps(8).y)
    assert caught[0].filename == __file__, "the warning points to the user's line"


def test_the_right_order_and_other_forms_give_no_warning() -> None:
    data = ramps(8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for X in (data.padded(), [np.ones((1, 5))] * 8, np.ones((8, 5))):
            small(max_epochs=1).fit(X, data.y)


def test_samples_of_weight_0_are_left_out() -> None:
    samples = select_samples(as_sequences([[1.0], [2.0], [3.0]]), ["a", "b", "c"], [1, 0, 2])
    assert samples.sequences.values.flatten().tolist() == [1.0, 3.0]
    assert samples.labels.tolist() == ["a", "c"]
    assert samples.weights is not None
    assert samples.weights.tolist() == [1.0, 2.0]


def test_validation_data_are_read_with_their_lengths() -> None:
    classes = np.array(["a", "b"])
    read = read_validation((TABLE[:2], ["b", "a"], [1, 3]), classes, contract(), None)
    assert read.weight is None
    assert read.sequences.lengths.tolist() == [1, 3]
    assert read.target.tolist() == [1, 0]
    whole = read_validation((TABLE[:2], ["b", "a"]), classes, contract(), np.array([1.0, 5.0]))
    assert whole.sequences.lengths.tolist() == [2, 4]
    assert whole.weight is not None
    assert whole.weight.tolist() == [5.0, 1.0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((TABLE,), "`validation_data` must be (X, y) or (X, y, lengths); got tuple of length 1."),
        (
            (TABLE, Y, None, None),
            "`validation_data` must be (X, y) or (X, y, lengths); got tuple of length 4.",
        ),
        (TABLE, "`validation_data` must be (X, y) or (X, y, lengths); got ndarray of length 12."),
        (
            (TABLE, [2] * 12),
            "`validation_data[1]` must hold the classes [0, 1] only; got validation_data[1][0]=",
        ),
    ],
)
def test_invalid_validation_data_are_rejected(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        small(max_epochs=1).fit(TABLE, Y, validation_data=data)


def test_predict_needs_the_static_features_that_fit_saw() -> None:
    data = ramps(8)
    model = small(max_epochs=1).fit(as_sequences(data.arrays, static=np.arange(8)), data.y)
    message = "X has 0 static features, but GRUClassifier is expecting 1 static features as input."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        model.predict(data.arrays)
