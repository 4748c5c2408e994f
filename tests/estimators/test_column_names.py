"""Columns of frames are checked at every entry point of an estimator, alone and in a pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import InvalidSequenceError, MinMax, ZScore, as_sequences

DATA = ramps(12)
STEPS = [f"t{i}" for i in range(8)]


def table(library: Any, order: slice) -> Any:
    padded = pd.DataFrame(ramps(12, n_features=1).padded()[:, :, 0], columns=STEPS)[STEPS[order]]
    return library(padded.to_dict("list"))


def frames(library: Any, order: slice) -> list[Any]:
    named = [pd.DataFrame(x, columns=["a", "b"])[["a", "b"][order]] for x in DATA.arrays]
    return [library(frame.to_dict("list")) for frame in named]


def cells(library: Any, order: slice) -> Any:
    columns = {name: [x[:, i].tolist() for x in DATA.arrays] for i, name in enumerate("ab")}
    return library({name: columns[name] for name in ["a", "b"][order]})


def groups(library: Any, order: slice) -> Any:
    long = pd.concat([pd.DataFrame(x, columns=["a", "b"]).assign(case=i) for i, x in enumerate(DATA.arrays)])
    return long.groupby("case")[["a", "b"][order]]


def objects(library: Any, order: slice) -> Any:
    array = np.empty(12, dtype=object)
    array[:] = frames(library, order)
    return array


CONTAINERS: dict[str, Callable[[slice], Any]] = {
    "table": lambda order: table(pd.DataFrame, order),
    "polars table": lambda order: table(pl.DataFrame, order),
    "list of frames": lambda order: frames(pd.DataFrame, order),
    "list of polars frames": lambda order: frames(pl.DataFrame, order),
    "tuple of frames": lambda order: tuple(frames(pd.DataFrame, order)),
    "object array of frames": lambda order: objects(pd.DataFrame, order),
    "frame of cells": lambda order: cells(pd.DataFrame, order),
    "polars frame of cells": lambda order: cells(pl.DataFrame, order),
    "groups": lambda order: groups(None, order),
}
every_container = pytest.mark.parametrize("container", CONTAINERS)
AS_FITTED, REVERSED = slice(None), slice(None, None, -1)

ENTRY_POINTS: dict[str, Callable[[Any, Any], Any]] = {
    "predict": lambda model, X: model.predict(X),
    "predict_proba": lambda model, X: model.predict_proba(X),
    "decision_function": lambda model, X: model.decision_function(X),
    "transform": lambda model, X: model.transform(X),
    "score": lambda model, X: model.score(X, DATA.y),
    "partial_fit": lambda model, X: model.partial_fit(X, DATA.y),
    "warm start": lambda model, X: model.set_params(warm_start=True).fit(X, DATA.y),
}
MESSAGE = re.escape("Feature names must be in the same order as they were in fit.")


@every_container
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_permuted_columns_are_refused(container: str, entry_point: str) -> None:
    make, call = CONTAINERS[container], ENTRY_POINTS[entry_point]
    model = small(max_epochs=1).fit(make(AS_FITTED), DATA.y)
    assert model.feature_names_in_.tolist() == (STEPS if "table" in container else ["a", "b"])
    assert len(model.feature_names_in_) == model.n_features_in_
    with pytest.raises(InvalidSequenceError, match=MESSAGE):
        call(model, make(REVERSED))
    call(model, make(AS_FITTED))


@pytest.mark.filterwarnings("ignore:.*copies of training samples")
@every_container
def test_permuted_validation_data_are_refused(container: str) -> None:
    make = CONTAINERS[container]
    small(max_epochs=1).fit(make(AS_FITTED), DATA.y, validation_data=(make(AS_FITTED), DATA.y))
    with pytest.raises(InvalidSequenceError, match=MESSAGE):
        small(max_epochs=1).fit(make(AS_FITTED), DATA.y, validation_data=(make(REVERSED), DATA.y))


@every_container
@pytest.mark.parametrize("step", [ZScore(), MinMax(), "passthrough"])
def test_permuted_columns_are_refused_in_a_pipeline(container: str, step: Any) -> None:
    make = CONTAINERS[container]
    pipeline = make_pipeline(step, small(max_epochs=1)).fit(make(AS_FITTED), DATA.y)
    pipeline.predict(make(AS_FITTED))
    with pytest.raises(InvalidSequenceError, match=MESSAGE):
        pipeline.predict(make(REVERSED))


@every_container
def test_frames_are_the_same_sequences_as_arrays(container: str) -> None:
    X = CONTAINERS[container](AS_FITTED)
    expected = small(max_epochs=1).fit(as_sequences(X), DATA.y).predict_proba(as_sequences(X))
    np.testing.assert_array_equal(small(max_epochs=1).fit(X, DATA.y).predict_proba(X), expected)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_mixed_columns_are_refused_in_fit_and_predict(library: Any) -> None:
    right = frames(library, AS_FITTED)
    mixed = [*right[:5], *frames(library, REVERSED)[5:]]
    message = r"got \['a', 'b'\] in row 0 and \['b', 'a'\] in row 5"
    with pytest.raises(InvalidSequenceError, match=message):
        small(max_epochs=1).fit(mixed, DATA.y)
    with pytest.raises(InvalidSequenceError, match=message):
        small(max_epochs=1).fit(right, DATA.y).predict(mixed)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_polars_and_pandas_tables_follow_the_same_rules(library: Any) -> None:
    known = table(pd.DataFrame, AS_FITTED)
    model = small(max_epochs=1).fit(library(known.to_dict("list")), DATA.y)
    wider = library({**known.to_dict("list"), "t8": [0.0] * 12})
    np.testing.assert_array_equal(
        model.predict_proba(wider), model.predict_proba(library(known.to_dict("list")))
    )
    too_wide = library({**known.to_dict("list"), "t8": [0.5] * 12})
    message = (
        "X has 9 features, but GRUClassifier is expecting 8 features as input: the columns of a 2-D table"
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        model.predict(too_wide)
    narrower = library(known[STEPS[:7]].to_dict("list"))
    with pytest.raises(InvalidSequenceError, match=r"seen at fit time, yet now missing:\n- t7\n"):
        model.predict(narrower)
    assert model.predict(narrower, lengths=[3] * 12).shape == (12,)


def test_a_new_fit_forgets_the_names() -> None:
    model = small(max_epochs=1).fit(frames(pd.DataFrame, AS_FITTED), DATA.y)
    model.fit(frames(pd.DataFrame, REVERSED), DATA.y)
    assert model.feature_names_in_.tolist() == ["b", "a"]
    assert not hasattr(model.fit(DATA.arrays, DATA.y), "feature_names_in_")
