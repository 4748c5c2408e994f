"""A table in memory in, a table of predictions out, of any library."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from scoring.beats import beats, model, small, with_rows
from seqclf import InvalidSequenceError, SequenceEnsemble, ZScore, as_sequences
from seqclf.scoring import BatchScorer

SCORE = BatchScorer(model(), column="values", id="beat")
TABLE = beats(12)
PROBA = model().predict_proba(TABLE["values"])

LIBRARIES: dict[str, tuple[Any, Any]] = {
    "Arrow": (TABLE, pa.Table),
    "record batch": (TABLE.to_batches()[0], pa.RecordBatch),
    "pandas": (TABLE.to_pandas().set_axis(range(5, 17)), pd.DataFrame),
    "pandas with lists": (pd.DataFrame(TABLE.to_pydict()), pd.DataFrame),
    "pandas with Arrow types": (TABLE.to_pandas(types_mapper=pd.ArrowDtype), pd.DataFrame),
    "polars": (pl.from_arrow(TABLE), pl.DataFrame),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_result_is_of_the_same_kind(name: str) -> None:
    table, kind = LIBRARIES[name]
    result: Any = SCORE(table)
    assert type(result) is kind
    for column, values in (
        ("beat", TABLE["beat"].to_numpy()),
        ("prediction", model().predict(TABLE["values"])),
        ("probability_N", PROBA[:, 0]),
        ("probability_V", PROBA[:, 1]),
    ):
        np.testing.assert_array_equal(np.asarray(result[column]), values)
    if kind is pd.DataFrame:
        assert result.index.equals(table.index)
        assert result["beat"].dtype == table["beat"].dtype


@pytest.mark.parametrize("unit", ["D", "s", "ns"])
def test_labels_may_be_dates(unit: str) -> None:
    days = np.array(["2020-01-01", "2021-06-30"], dtype=f"M8[{unit}]")
    X = [[0.1, 0.9], [0.9, 0.1]] * 8
    dated = small().fit(X, np.tile(days, 8))
    result: Any = BatchScorer(dated, column="values")(pa.table({"values": X}))
    assert pa.types.is_temporal(result["prediction"].type)
    np.testing.assert_array_equal(result["prediction"].to_numpy(), dated.predict(X))
    assert result.column_names[1:] == [f"probability_{day}" for day in days]


@pytest.mark.parametrize("name", LIBRARIES)
def test_tables_without_rows_have_the_same_columns(name: str) -> None:
    table, kind = LIBRARIES[name]
    empty = table[:0] if kind is not pa.Table else table.slice(0, 0)
    result: Any = SCORE(empty)
    assert type(result) is kind
    if kind is pd.DataFrame:
        assert result.dtypes.to_dict() == SCORE(table).dtypes.to_dict()
    else:
        assert result.schema == SCORE(table).schema


STEPS = [np.arange(6.0).reshape(3, 2), np.ones((1, 2))]


def test_lists_of_lists_and_several_columns_are_features() -> None:
    two = small().fit(STEPS * 8, [0, 1] * 8)
    expected = two.predict_proba(STEPS)
    nested = pa.table({"values": [one.tolist() for one in STEPS]})
    fixed = nested.cast(pa.schema({"values": pa.large_list(pa.list_(pa.float32(), 2))}))
    columns = {name: [one[:, i].tolist() for one in STEPS] for i, name in enumerate("ab")}
    cells = pd.DataFrame({"values": STEPS})
    for table, column in (
        (nested, "values"),
        (fixed, "values"),
        (cells, "values"),
        (pa.table(columns), ["a", "b"]),
    ):
        result = BatchScorer(two, column=column)(table)
        np.testing.assert_array_equal(result["probability_0"], expected[:, 0])
    assert BatchScorer(two, column="values")(cells)["prediction"].dtype == "Int64"


def test_the_order_of_columns_is_that_of_fit() -> None:
    frame = pd.DataFrame({name: [one[:, i].tolist() for one in STEPS * 8] for i, name in enumerate("ab")})
    two = small().fit(frame, [0, 1] * 8)
    np.testing.assert_array_equal(
        BatchScorer(two, column=["a", "b"])(frame)["probability_1"], two.predict_proba(frame)[:, 1]
    )
    message = r"`column` must name the features that `fit` saw, in their order; got \['b', 'a'\] instead of \['a', 'b'\]"
    with pytest.raises(ValueError, match=message):
        BatchScorer(two, column=["b", "a"])


def test_static_features_and_missing_values() -> None:
    X = [[1.0, 2.0], [3.0]] * 8
    static = small().fit(as_sequences(X, static=np.arange(16.0)), [0, 1] * 8)
    table = with_rows(X[:2]).append_column("age", pa.array([4, 5]))
    result = BatchScorer(static, column="values", static="age")(table)
    expected = static.predict_proba(as_sequences(X[:2], static=[4.0, 5.0]))
    np.testing.assert_array_equal(result["probability_0"], expected[:, 0])
    holes = small(missing="indicator").fit([[1.0, np.nan], [3.0]] * 8, [0, 1] * 8)
    with pytest.raises(InvalidSequenceError, match="row 1: Every value must be finite; got infinity"):
        BatchScorer(holes, column="values", missing="keep")(with_rows([[None], [-np.inf]]))
    kept = BatchScorer(holes, column="values", missing="keep")(with_rows([[1.0, None], [3.0]]))
    np.testing.assert_array_equal(kept["probability_0"], holes.predict_proba([[1.0, np.nan], [3.0]])[:, 0])


@pytest.mark.parametrize(
    "other",
    [
        make_pipeline(ZScore(), small()),
        SequenceEnsemble(estimators=[small()], n_members=2, n_jobs=1, random_state=0),
    ],
)
def test_pipelines_and_ensembles_score_too(other: Any) -> None:
    other.fit(list(TABLE.to_pandas()["values"]), [True, False] * 6)
    result = BatchScorer(pickle.loads(pickle.dumps(other)), column="values")(TABLE)
    assert result.column_names == ["prediction", "probability_False", "probability_True"]
    assert result["prediction"].to_pylist() == other.predict(TABLE["values"]).tolist()


FAULTS: dict[str, tuple[Any, str]] = {
    "null": (with_rows([[1.0], None]), "Every row must hold a sequence; got null."),
    "empty": (with_rows([[1.0], []]), "Every sequence must have at least one step; got an empty list."),
    "NaN": (
        with_rows([[1.0], [2.0, np.nan]]),
        'Every value must be a number; got NaN or null. Fix the row, or pass errors="null" to write null for its prediction. If the '
        'model was fitted with `missing="indicator"`, pass missing="keep".',
    ),
    "null value": (
        with_rows([[1], [2, None]], pa.list_(pa.int8())),
        "Every value must be a number; got NaN or null.",
    ),
    "infinity": (with_rows([[1.0], [np.inf]]), "Every value must be finite; got infinity."),
    "null of NumPy": (
        pd.DataFrame({"values": [np.ones(2), None]}),
        "Every row must hold a sequence; got null.",
    ),
    "fixed": (
        with_rows([[1.0], None], pa.list_(pa.float32(), 1)),
        "Every row must hold a sequence; got null.",
    ),
    "null step": (
        with_rows([[[1.0]], [[2.0], None]], pa.list_(pa.list_(pa.float32()))),
        "Every value must be a number; got NaN or null.",
    ),
    "large": (
        with_rows([[1.0], [None]], pa.large_list(pa.float64())),
        "Every value must be a number; got NaN",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_rows_that_cannot_be_scored(name: str) -> None:
    table, message = FAULTS[name]
    expected = re.escape(f"the table, row 1: {message}")
    with pytest.raises(InvalidSequenceError, match=expected):
        BatchScorer(model(), column="values")(table)
    result = BatchScorer(model(), column="values", errors="null")(table)
    label = model().predict([[1.0]])[0]
    assert pd.Series(result["prediction"]).tolist()[0] == label
    assert pd.isna(pd.Series(result["prediction"]).tolist()[1])
    assert pd.isna(np.asarray(result["probability_V"])).tolist() == [False, True]


def test_rows_between_bad_ones_keep_their_predictions() -> None:
    score = BatchScorer(model(), column="values", errors="null")
    result = score(with_rows([None, [1.0, -2.0], [], [5.0], [np.nan]]))
    proba = model().predict_proba([[1.0, -2.0], [5.0]])
    assert result["probability_V"].to_pylist() == [None, proba[0, 1], None, proba[1, 1], None]


def test_faults_of_several_columns() -> None:
    two = small().fit(STEPS * 8, [0, 1] * 8)
    table = pa.table({"a": [[1.0], [1.0, 2.0], [3.0]], "b": [[1.0], [1.0], None], "age": [1.0, 2.0, None]})
    score = BatchScorer(two, column=["a", "b"], errors="null")
    assert score(table)["prediction"].is_valid().to_pylist() == [True, False, False]
    message = (
        "row 1: The lists of a row must have the same number of steps in all columns; got different numbers."
    )
    with pytest.raises(InvalidSequenceError, match=message):
        BatchScorer(two, column=["a", "b"])(table)
    with pytest.raises(
        InvalidSequenceError, match="row 2: Every static feature must be finite; got null, NaN or inf"
    ):
        BatchScorer(two, column="a", static="age")(table)


def test_all_rows_may_be_null() -> None:
    for column in (
        with_rows([None, None]),
        pa.table({"values": pa.nulls(2)}),
        pd.DataFrame({"values": [None, None]}),
    ):
        result = BatchScorer(model(), column="values", errors="null")(column)
        assert pd.isna(pd.Series(result["prediction"])).all()


def test_what_the_model_refuses_is_named_with_its_rows() -> None:
    table = with_rows([[[1.0, 2.0]]], pa.list_(pa.list_(pa.float64())))
    with pytest.raises(
        InvalidSequenceError, match=r"^x, rows 7 to 7: X has 2 features, but GRUClassifier is expecting 1"
    ):
        BatchScorer(model(), column="values", errors="null")(table, place="x", first_row=7)


TYPES: dict[str, tuple[Any, str]] = {
    "long": (
        pa.table({"beat": [1], "values": [0.5]}),
        "Column 'values' must hold a list of numbers in each row; got type double in the table. If the table has one row per step, "
        "convert it: `for table in seqclf.from_long_batches(batches, id=...)`",
    ),
    "text": (
        pa.table({"values": ["a"]}),
        "got type string in the table. Select the column with the sequences instead",
    ),
    "tokens": (
        pa.table({"values": [["a"]]}),
        "The lists of column 'values' must hold numbers, or lists with one number per feature; got type list<",
    ),
    "cells": (
        pd.DataFrame({"values": [[1.0], "x"]}),
        "The cells of column 'values' must have one type, such as lists of numbers; got: ",
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_other_types_are_refused(name: str) -> None:
    table, message = TYPES[name]
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        BatchScorer(model(), column="values", errors="null")(table)


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"Column 'beat' must exist in the table; got the columns \['values'\]"
    ):
        SCORE(with_rows([[1.0]]))
    twice = pa.Table.from_arrays([TABLE["values"]] * 2, names=["values", "values"])
    with pytest.raises(ValueError, match="Column 'values' must be unique in the table"):
        BatchScorer(model(), column="values")(twice)
    with pytest.raises(ValueError, match="Column 'values' must be unique in the table"):
        BatchScorer(model(), column="values")(pd.DataFrame([[[1.0], [2.0]]], columns=["values", "values"]))
    with pytest.raises(
        TypeError,
        match="`table` must be a DataFrame of pandas or polars, or an Arrow table or record batch; got list",
    ):
        SCORE([[1.0]])
    text = with_rows([[1.0]]).append_column("age", pa.array(["old"]))
    with pytest.raises(
        InvalidSequenceError,
        match="Static features must be numbers; got type string in column 'age' of the table",
    ):
        BatchScorer(model(), column="values", static="age")(text)


def test_wrong_parameters_are_refused() -> None:
    with pytest.raises(NotFittedError):
        BatchScorer(small(), column="values")
    with pytest.raises(
        TypeError, match="`model` must be a fitted classifier with `predict_proba`; got ZScore"
    ):
        BatchScorer(ZScore(), column="values")
    with pytest.raises(ValueError, match="`missing` must be one of"):
        BatchScorer(model(), column="values", missing="drop")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`errors` must be one of"):
        BatchScorer(model(), column="values", errors="skip")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`column` must name the column with the sequences; got none"):
        BatchScorer(model(), column=[])
    with pytest.raises(TypeError, match="`id` must be the name of a column, or a list of names; got 3"):
        BatchScorer(model(), column="values", id=[3])  # type: ignore[list-item]
    with pytest.raises(
        ValueError, match="`column`, `id` and `static` must name different columns; got 'values' twice"
    ):
        BatchScorer(model(), column="values", id="values")
    for name in ("prediction", "probability_V"):
        with pytest.raises(
            ValueError, match=f"Each column of the result must have its own name; got '{name}' twice"
        ):
            BatchScorer(model(), column="values", id=name)


def test_models_of_other_libraries_score_too() -> None:
    other = DummyClassifier(strategy="prior").fit([[0]] * 3, ["a", "a", "b"])
    result = BatchScorer(other, column="values")(with_rows([[1.0], [2.0]]))
    assert result.to_pydict() == {
        "prediction": ["a"] * 2,
        "probability_a": [2 / 3] * 2,
        "probability_b": [1 / 3] * 2,
    }


def test_rows_that_are_too_large_for_the_model_are_bad_rows() -> None:
    model = small(stem="conv").fit([[0.1, 0.9], [0.9, 0.1]] * 6, [True, False] * 6)
    table = with_rows([[0.1], None, [0.2, 1e30], [0.3, 0.4], [1e300], [3e38, 0.1]])
    message = r"the table, row 2: Values must not overflow float32 .* got 1e\+30 in step 1, feature 0 of the row\. Fix the row, or pass"
    with pytest.raises(InvalidSequenceError, match=message):
        BatchScorer(model, column="values")(with_rows([[0.1], [0.1], [0.2, 1e30], [1e30]]))
    result = BatchScorer(model, column="values", errors="null")(table)
    assert [row is None for row in result["prediction"].to_pylist()] == [False, True, True, False, True, True]
    expected = model.predict_proba([[0.1], [0.3, 0.4]])
    np.testing.assert_array_equal(result["probability_True"].drop_null().to_numpy(), expected[:, 1])
    nothing = BatchScorer(model, column="values", errors="null")(with_rows([[1e300], [1e30]]))
    assert nothing["prediction"].null_count == 2
