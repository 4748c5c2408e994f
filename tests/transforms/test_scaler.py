"""Scalers compare the columns of frames with those that `fit` saw, and pass their names on."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from ramps import small
from seqclf import InvalidSequenceError, MinMax, ZScore
from seqclf.sequences import Sequences

every_scaler = pytest.mark.parametrize("scaler", [ZScore(), MinMax(), ZScore(per="sequence")])
TABLE = pd.DataFrame({"t0": [1.0, 2.0], "t1": [3.0, 0.0]})
FRAMES = [pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), pd.DataFrame({"a": [5.0], "b": [6.0]})]


@every_scaler
@pytest.mark.parametrize(
    ("X", "permuted", "names"),
    [
        (TABLE, TABLE[["t1", "t0"]], ["t0", "t1"]),
        (pl.DataFrame({"t0": [1.0], "t1": [2.0]}), pl.DataFrame({"t1": [1.0], "t0": [2.0]}), ["t0", "t1"]),
        (FRAMES, [frame[["b", "a"]] for frame in FRAMES], ["a", "b"]),
    ],
)
def test_permuted_columns_are_refused(scaler: Any, X: Any, permuted: Any, names: list[str]) -> None:
    scaler = clone(scaler).fit(X)
    assert scaler.feature_names_in_.tolist() == names
    scaler.transform(X)
    message = (
        f"Feature names must be in the same order as they were in fit.\nGot {names[::-1]} instead of {names}."
    )
    with pytest.raises(InvalidSequenceError, match=re.escape(message)):
        scaler.transform(permuted)


@every_scaler
def test_there_are_no_names_without_frames(scaler: Any) -> None:
    scaler = clone(scaler)
    assert not hasattr(scaler, "feature_names_in_")
    assert hasattr(scaler.fit(FRAMES), "feature_names_in_")
    assert not hasattr(scaler.fit([[1.0], [2.0]]), "feature_names_in_")


def test_names_of_features_are_passed_on() -> None:
    scaler = ZScore().fit(FRAMES)
    assert scaler.get_feature_names_out().tolist() == ["a", "b"]
    assert scaler.get_feature_names_out(["a", "b"]).tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="input_features is not equal to feature_names_in_"):
        scaler.get_feature_names_out(["b", "a"])
    unnamed = ZScore().fit([frame.to_numpy() for frame in FRAMES])
    assert unnamed.get_feature_names_out().tolist() == ["x0", "x1"]
    assert unnamed.get_feature_names_out(["c", "d"]).tolist() == ["c", "d"]


def test_names_of_time_steps_are_not_names_of_features() -> None:
    assert ZScore().fit(TABLE).get_feature_names_out().tolist() == ["x0"]
    chain = make_pipeline(ZScore(), MinMax(), small(max_epochs=1)).fit(TABLE, [0, 1])
    assert chain[:-1].get_feature_names_out().tolist() == ["x0"]
    assert chain.feature_names_in_.tolist() == ["t0", "t1"]
    assert chain.get_feature_names_out()[0] == "gruclassifier0"


def test_the_result_stays_sequences_whatever_output_is_configured() -> None:
    with sklearn.config_context(transform_output="pandas"):
        for scaler in (ZScore(), MinMax()):
            assert isinstance(scaler.fit_transform(FRAMES), Sequences)
    assert not hasattr(ZScore(), "set_output")
