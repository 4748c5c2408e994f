"""Input that a fitted estimator accepts or rejects."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from ramps import ramps, small
from seqclf import GRUClassifier, InvalidSequenceError, SeqclfWarning, as_sequences
from seqclf.estimators._input import InputContract, read_validation, scaled_validation, select_samples
from seqclf.estimators._scaling import Scaling
from seqclf.sequences import ColumnNames

TABLE = np.array([[0.1, 0.9, 0.0, 0.0], [0.9, 0.5, 0.1, 0.2], [0.2, 0.8, 0.9, 0.0], [0.9, 0.2, 0.0, 0.0]] * 3)
Y = [1, 0, 1, 0] * 3


def contract(**options: Any) -> InputContract:
    given: dict[str, Any] = {
        "padding_value": 0.0,
        "n_features": 1,
        "n_static_features": 0,
        "width": 4,
        "list_length": None,
        "needs_lengths": False,
        "column_names": ColumnNames(),
        "name": "GRUClassifier",
        "scaling": Scaling(None),
        "scaled_sizes": (1, 0),
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
    assert contract().read([[0.1] * 4], None).lengths.tolist() == [4]
    assert contract().read(as_sequences([[0.1]]), None).lengths.tolist() == [1]
    assert contract().read(TABLE[:, :3, None], None).lengths.tolist() == [2, 3, 3, 2] * 3
    rows = TABLE[1:2].repeat(3, axis=0)
    assert contract(width=None, list_length=4).read(rows, None).lengths.tolist() == [4, 4, 4]


@pytest.mark.parametrize("form", [list, as_sequences])
def test_sequences_longer_than_the_table_of_fit_bring_a_warning(form: Any) -> None:
    model = small(max_epochs=1).fit(TABLE, Y)
    X = form([[0.1] * 4, [0.1] * 5])
    message = "X[1] has 5 steps, but GRUClassifier was fitted to a table of 4 columns. Is the sampling rate that of the training samples?"
    for predict in (model.predict, model.predict_proba, model.decision_function):
        with pytest.warns(SeqclfWarning, match=re.escape(message)) as caught:
            predict(X)
        assert caught[0].filename == __file__
    with pytest.warns(SeqclfWarning, match=re.escape(message)):
        contract().read(np.full((2, 5), 0.1), [4, 5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(X[:1])
        contract(width=None).read(X, None)


def test_only_tables_have_a_width() -> None:
    def width(X: Any) -> int | None:
        return InputContract.of(X, None, as_sequences(X), padding_value=0.0, name="GRUClassifier").width

    assert width(TABLE) == width(pd.DataFrame(TABLE)) == width(torch.from_numpy(TABLE)) == 4
    assert width(TABLE.tolist()) is None, "a list is a list of sequences"
    assert width(TABLE[:, :, None]) is None
    assert width(as_sequences(TABLE)) is None


SEQUENCES = ramps(8)


@pytest.mark.parametrize("form", ["list", "Sequences", "array"])
def test_a_2d_array_of_one_sequence_is_not_read_as_a_table(form: str) -> None:
    """`X[i]` of `Sequences` is a tensor of shape (n_steps, n_features)."""
    model = small(max_epochs=1).fit(SEQUENCES.form(form), SEQUENCES.y)
    one = SEQUENCES.sequences[0]
    message = (
        f"X must be a list of sequences, `Sequences` or a 3-D array, as `fit` saw; got a 2-D array of shape {tuple(one.shape)}, "
        "which may be one sequence or a padded table. Pass `[x]` or `X[i:i + 1]` for one sequence, `as_sequences(X)` or "
        "`lengths` for a padded table."
    )
    for x in (one, one.numpy(), pd.DataFrame(one.numpy())):
        for method in ("predict", "predict_proba", "decision_function", "transform"):
            with pytest.raises(InvalidSequenceError, match=re.escape(message)):
                getattr(model, method)(x)
    expected = model.predict_proba(SEQUENCES.sequences)[:1]
    np.testing.assert_allclose(model.predict_proba([one]), expected, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(SEQUENCES.sequences[0:1]), expected, atol=1e-6)


def test_a_model_fitted_to_lists_rejects_a_table() -> None:
    model = small(max_epochs=1).fit([[1.0, 0.5], [0.2, 0.0]] * 4, [0, 1] * 4)
    with pytest.raises(InvalidSequenceError, match="which may be one sequence or a padded table"):
        model.predict(np.array([[1.0, 0.0], [0.2, 0.0]]))
    assert model.predict(as_sequences(np.array([[1.0, 0.0], [0.2, 0.0]]))).shape == (2,)
    assert model.predict(np.array([[1.0, 0.0], [0.2, 0.0]]), lengths=[2, 1]).shape == (2,)


@pytest.mark.parametrize("as_3d", [False, True])
def test_a_model_fitted_with_lengths_rejects_a_table_without_lengths(as_3d: bool) -> None:
    table = TABLE[:, :, None] if as_3d else TABLE
    lengths = [4, 4, 3, 2] * 3  # row 0 ends in real zeros
    model = small(max_epochs=1).fit(table, Y, lengths=lengths)
    message = (
        "`lengths` must be given, as in `fit`, where they differed from those inferred from trailing padding"
    )
    for call in (model.predict, model.predict_proba, model.transform, model.decision_function):
        with pytest.raises(InvalidSequenceError, match=re.escape(message)):
            call(table)
    with pytest.raises(
        InvalidSequenceError,
        match=re.escape("Pass `lengths`, or convert once with `as_sequences(X, lengths=lengths)`"),
    ):
        model.score(table, Y)
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        small(max_epochs=1).fit(table, Y, lengths=lengths, validation_data=(table, Y))
    assert model.predict(table, lengths=lengths).shape == (12,)
    assert model.predict(as_sequences(table, lengths=lengths)).shape == (12,)


def test_lengths_that_the_padding_shows_are_optional_in_predict() -> None:
    model = small(max_epochs=1).fit(TABLE, Y, lengths=[2, 4, 3, 2] * 3)
    np.testing.assert_array_equal(
        model.predict_proba(TABLE), model.predict_proba(TABLE, lengths=[2, 4, 3, 2] * 3)
    )


def test_cross_validation_without_routed_lengths_raises_with_advice() -> None:
    search = GridSearchCV(small(max_epochs=1), {"lr": [0.1]}, cv=2, error_score="raise")
    with pytest.raises(
        InvalidSequenceError, match=re.escape("convert once with `as_sequences(X, lengths=lengths)`")
    ):
        search.fit(TABLE, Y, lengths=np.array([4, 4, 3, 2] * 3))


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
        for X in (data.padded(), np.ones((8, 5))):
            small(max_epochs=1).fit(X, data.y)


def test_samples_of_weight_0_are_left_out() -> None:
    samples = select_samples(as_sequences([[1.0], [2.0], [3.0]]), ["a", "b", "c"], [1, 0, 2])
    assert samples.sequences.values.flatten().tolist() == [1.0, 3.0]
    assert samples.labels.tolist() == ["a", "c"]
    assert samples.weights is not None
    assert samples.weights.tolist() == [1.0, 2.0]


def test_validation_data_are_read_with_their_lengths() -> None:
    classes = np.array(["a", "b"])
    samples = read_validation((TABLE[:2], ["b", "a"], [1, 3]), contract())
    read = scaled_validation(samples, classes, contract(), None)
    assert read.weight is None
    assert read.sequences.lengths.tolist() == [1, 3]
    assert read.target.tolist() == [1, 0]
    samples = read_validation((TABLE[:2], ["b", "a"]), contract())
    whole = scaled_validation(samples, classes, contract(), np.array([1.0, 5.0]))
    assert whole.sequences.lengths.tolist() == [2, 4]
    assert whole.weight is not None
    assert (whole.weight * 3).tolist() == [5.0, 1.0]


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
    message = "X has 0 static features, but GRUClassifier is expecting 1 static feature as input."
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        model.predict(data.arrays)


def test_a_frame_of_cells_is_a_list_of_sequences() -> None:
    data = ramps(8)
    frame = pd.DataFrame({"a": [x[:, 0] for x in data.arrays], "b": [x[:, 1] for x in data.arrays]})
    model = small(max_epochs=1).fit(frame, data.y)
    assert model.n_features_in_ == 2
    np.testing.assert_array_equal(model.predict_proba(frame), model.predict_proba(data.arrays))


def padded_elsewhere(kind: str) -> Any:
    """Return a table whose padding is not zeros at the end."""
    table = ramps(40, n_features=1).padded(width=12)[:, :, 0]
    lengths = (table != 0).sum(axis=1)
    padding = np.arange(12) >= lengths[:, None]
    if kind == "in front":
        return np.array([np.roll(row, 12 - n) for row, n in zip(table, lengths, strict=True)])
    if kind == "-1":
        return np.where(padding, -1.0, table)
    if kind == "scaled":
        return StandardScaler().fit_transform(table)
    return np.where(
        padding, np.where(padding, 0.0, table).sum(axis=0) / (~padding).sum(axis=0).clip(1), table
    )


@pytest.mark.parametrize(
    ("kind", "cure"),
    [
        ("in front", r"Pad at the end"),
        ("-1", r"pass `padding_value=-1`"),
        ("scaled", r"Drop the padding before you scale"),
        ("imputed", r"Do not impute padding"),
    ],
)
@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, torch.from_numpy])
def test_fit_warns_of_padding_that_it_would_read_as_steps(kind: str, cure: str, form: Any) -> None:
    table = form(np.asarray(padded_elsewhere(kind), dtype=np.float64))
    y = [0, 1] * 20
    for train in (small(max_epochs=1).fit, small().partial_fit):
        with pytest.warns(SeqclfWarning, match=cure) as caught:
            train(table, y)
        assert caught[0].filename == __file__
    lengths = np.full(40, 12)
    small(max_epochs=1).fit(table, y, lengths=lengths)  # no warning: the user knows
    small(max_epochs=1, padding_value=None).fit(table, y)


def padded_rows() -> np.ndarray:
    table = np.random.default_rng(0).normal(size=(40, 12))
    for row, n_steps in zip(table, np.arange(40) % 8, strict=True):
        row[12 - n_steps :] = 0
    return table


def test_a_list_of_the_rows_of_a_padded_table_is_noticed() -> None:
    table, y = padded_rows(), [0, 1] * 20
    model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(table, y)
    message = r"^All sequences of the list have 12 steps, .* and 25 of 40 end in runs of its padding value, 0, which a list holds as real"
    for rows in (table.tolist(), list(table), tuple(table)):
        with pytest.warns(SeqclfWarning, match=message) as caught:
            model.predict_proba(rows)
        assert caught[0].filename == __file__
    with pytest.warns(
        SeqclfWarning,
        match=r"1 of 1 end in runs .* pass an array, `np\.array\(X\)`\. If they are real, pass `as_seq",
    ):
        model.predict(table[3:4].tolist())
    with pytest.warns(
        SeqclfWarning,
        match=r"^25 of 40 sampled rows end in runs of 0 of different lengths .* which a list holds as real",
    ):
        GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(table.tolist(), y)


def test_a_padded_list_is_noticed_by_a_model_of_ragged_sequences() -> None:
    table, y = padded_rows(), [0, 1] * 20
    real = [row[: 12 - i % 8] for i, row in enumerate(table)]
    for X in (real, as_sequences(real)):
        model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(X, y)
        with pytest.warns(
            SeqclfWarning, match=r"^25 of 40 .* pass `as_sequences\(np\.array\(X\)\)`"
        ) as caught:
            model.predict_proba(table.tolist())
        assert caught[0].filename == __file__
        for samples in (table[:4].tolist(), as_sequences(table.tolist()), as_sequences(table), real):
            model.predict_proba(samples)


def test_lists_without_padding_raise_no_warning() -> None:
    table, y = padded_rows(), [0, 1] * 20
    model = GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(table, y)
    lengths = 12 - np.arange(40) % 8
    real = [row[:n] for row, n in zip(table, lengths, strict=True)]
    for samples in (table, real, table[::8].tolist(), as_sequences(table.tolist()), [[0.0, 0.0, 0.0]]):
        model.predict(samples)
    np.testing.assert_array_equal(model.predict_proba(table), model.predict_proba(real))
    GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(real, y)
