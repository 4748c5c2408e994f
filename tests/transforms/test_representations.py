"""Properties of the transformers that change what a network sees of a sequence."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from ramps import ramps, small
from seqclf import Differences, InvalidSequenceError, Sequences, ZScore, as_sequences
from seqclf.transforms import Downsample, RemoveBaseline, TimeDeltas
from strategies import Floats, Padded, padded_tables, ragged_arrays

REPRESENTATIONS: list[Any] = [
    Differences(),
    Differences(append=False),
    Downsample(factor=2),
    Downsample(max_length=3),
    Downsample(factor=2, max_length=3, aggregation="last"),
    Downsample(factor=3, aggregation="max"),
    RemoveBaseline(windows=(3, 5)),
    RemoveBaseline(),
    TimeDeltas(),
    TimeDeltas(column=1, log=True, keep=True),
]
every_representation = pytest.mark.parametrize("transformer", REPRESENTATIONS, ids=repr)


def rising(arrays: list[Floats]) -> list[Floats]:
    """Return sequences whose features never decrease, so that each may be a column of times."""
    return [np.cumsum(np.abs(steps), axis=0) for steps in arrays]


checked = settings(deadline=None, max_examples=30)


@every_representation
@checked
@given(ragged_arrays(n_features=2).map(rising).map(as_sequences))
def test_each_sequence_is_transformed_as_if_it_were_alone(transformer: Any, sequences: Sequences) -> None:
    together = transformer.fit(sequences).transform(sequences)
    Sequences(together.values, together.offsets, together.static)  # checks the layout
    alone = [transformer.transform(sequences[i : i + 1]) for i in range(len(sequences))]
    assert together == Sequences.concatenate(alone)


@every_representation
@checked
@given(padded_tables(n_features=2, garbage=True))
def test_padding_is_never_read(transformer: Any, data: Padded) -> None:
    arrays, table = rising(data.arrays), data.table.copy()
    for row, steps in zip(table, arrays, strict=True):
        row[: len(steps)] = steps
    expected = transformer.fit(arrays).transform(arrays)
    assert transformer.transform(table, lengths=data.lengths) == expected
    assert transformer.fit_transform(table, lengths=data.lengths) == expected


@every_representation
@checked
@given(ragged_arrays(n_features=2).map(rising))
def test_static_features_and_inputs_are_unchanged(transformer: Any, arrays: list[Floats]) -> None:
    sequences = as_sequences(arrays, static=np.arange(len(arrays)))
    before = sequences.values.clone()
    changed = transformer.fit_transform(sequences)
    assert changed.static is sequences.static
    assert torch.equal(sequences.values, before)


@every_representation
def test_float64_is_kept_and_float32_is_not_widened(transformer: Any) -> None:
    wide = as_sequences([[[1.7e9, 0.0], [1.7e9 + 1, 1.0]]], dtype="float64")
    assert transformer.fit_transform(wide).values.dtype == torch.float64
    assert transformer.fit_transform([np.ones((3, 2), dtype=np.float32)]).values.dtype == torch.float32


@every_representation
def test_it_is_a_transformer_of_scikit_learn(transformer: Any) -> None:
    frames = [pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), pd.DataFrame({"a": [5.0], "b": [6.0]})]
    fitted = clone(transformer).fit(frames)
    assert repr(clone(transformer)) == repr(transformer)
    assert fitted.n_features_in_ == 2
    assert fitted.feature_names_in_.tolist() == ["a", "b"]
    assert len(fitted.get_feature_names_out()) == fitted.transform(frames).n_features
    assert pickle.loads(pickle.dumps(fitted)).transform(frames) == fitted.transform(frames)
    with pytest.raises(InvalidSequenceError, match="same order as they were in fit"):
        fitted.transform([frame[["b", "a"]] for frame in frames])
    with pytest.raises(InvalidSequenceError, match="Sequences must have 2 features, as in `fit`; got 1"):
        fitted.transform([[1.0]])


@every_representation
def test_sequences_that_hold_nan_are_refused(transformer: Any) -> None:
    broken = as_sequences([[[1.0, 2.0]]])
    broken = broken.with_values(broken.values * float("nan"))
    for call in (
        transformer.fit,
        transformer.fit_transform,
        clone(transformer).fit([[[1.0, 2.0]]]).transform,
    ):
        with pytest.raises(InvalidSequenceError, match="got NaN in row 0, step 0, feature 0") as caught:
            call(broken)
        name = type(transformer).__name__
        assert str(caught.value).endswith(
            f"first. {name} cannot read missing values: put `FillMissing` before it."
        )


DATA = ramps(24)


@pytest.mark.parametrize(
    "transformer", [one for one in REPRESENTATIONS if not isinstance(one, TimeDeltas)], ids=repr
)
@pytest.mark.parametrize("first", [ZScore(), ZScore(per="sequence", append_statistics=True)], ids=repr)
def test_inside_an_estimator_it_predicts_as_a_pipeline_does(transformer: Any, first: Any) -> None:
    steps = make_pipeline(first, transformer)
    model = clone(small(scale=steps)).fit(DATA.arrays, DATA.y)
    proba = model.predict_proba(DATA.arrays)
    outside = make_pipeline(first, transformer, small(scale=None)).fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(outside.predict_proba(DATA.arrays), proba)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(DATA.arrays), proba)
    one_at_a_time = [model.predict_proba([steps]) for steps in DATA.arrays]
    np.testing.assert_array_equal(np.concatenate(one_at_a_time), proba)


def test_times_become_intervals_inside_an_estimator() -> None:
    rng = np.random.default_rng(0)
    times = [1.7e9 + np.cumsum(rng.exponential(1 + 9 * label, 12)) for label in DATA.y]
    model = small(scale=make_pipeline(TimeDeltas(), ZScore())).fit(times, DATA.y)
    assert model.score(times, DATA.y) > 0.9
    one_at_a_time = [model.predict_proba([steps]) for steps in times]
    np.testing.assert_array_equal(np.concatenate(one_at_a_time), model.predict_proba(times))
