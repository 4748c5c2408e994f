"""Names of static features: where they come from, what keeps them, what loses them, and that models compare them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline

import seqclf
from seqclf import GRUClassifier, SequenceEnsemble, Sequences, ZScore, as_sequences, from_long
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import SequenceWriter, from_long_batches, open_sequences

NAMES = ("age", "weight")
LABELS = ["a", "b"] * 5


@pytest.fixture
def people() -> pd.DataFrame:
    return pd.DataFrame({"age": np.arange(20.0, 30.0), "weight": np.arange(60.0, 80.0, 2.0)})


@pytest.fixture
def named(people: pd.DataFrame) -> Sequences:
    numbers = np.random.default_rng(0).normal(size=(10, 6, 2))
    return as_sequences(list(numbers), static=people)


def swapped(sequences: Sequences, people: pd.DataFrame) -> Sequences:
    return sequences.with_static(people[["weight", "age"]][: len(sequences)])


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_name_the_static_features(named: Sequences, people: pd.DataFrame, frame: Any) -> None:
    static = frame(people.to_dict(orient="list"))
    assert as_sequences(list(named), static=static).static_names == NAMES
    assert named.with_static(people.to_numpy(), names=NAMES).static_names == NAMES
    assert named.with_static(people["age"]).static_names is None
    assert named.with_static(people.rename(columns={"age": 0})).static_names is None
    assert named.with_static(None).static_names is None


def test_from_long_names_the_static_features(people: pd.DataFrame) -> None:
    table = people.loc[people.index.repeat(3)].assign(id=np.repeat(range(10), 3), x=np.arange(30.0))
    read = from_long(table, id="id", values=["x"], static=["weight", "age"]).sequences
    assert read.static_names == ("weight", "age")
    batches = from_long_batches([table[:12], table[12:]], id="id", values=["x"], static=list(NAMES))
    assert {batch.sequences.static_names for batch in batches} == {NAMES}
    numbered = table.rename(columns={"age": 7})
    assert from_long(numbered, id="id", values=["x"], static=[7]).sequences.static_names is None


KEEP: dict[str, Callable[[Sequences], Sequences]] = {
    "slice": lambda s: s[2:5],
    "index": lambda s: s[np.array([3, 1])],
    "prefixes": lambda s: s.prefixes(2),
    "values": lambda s: s.with_values(s.values * 2),
    "names": lambda s: s.with_feature_names(["x", "z"]),
    "tokens": lambda s: s.with_tokens(None),
    "double and back": lambda s: s.double().float(),
    "device": lambda s: s.to("cpu"),
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),
    "conversion": lambda s: as_sequences(s, dtype="float64"),
    "concatenate": lambda s: Sequences.concatenate([s[:3], s[3:]]),
}


@pytest.mark.parametrize("keep", KEEP.values(), ids=KEEP.keys())
def test_what_keeps_the_static_features_keeps_their_names(
    named: Sequences, keep: Callable[[Sequences], Sequences]
) -> None:
    assert keep(named).static_names == NAMES


def test_what_replaces_static_features_loses_their_names(named: Sequences) -> None:
    assert named.with_static(named.static).static_names is None
    assert Sequences.concatenate([named, named.with_static(named.static)]).static_names is None
    assert named == named.with_static(named.static)  # names do not count


def test_static_features_of_steps_keep_their_names(named: Sequences) -> None:
    assert named.with_feature_names(["x", "z"]).static_to_steps().feature_names == ("x", "z", *NAMES)
    assert named.static_to_steps().feature_names is None
    assert named.static_to_steps().static_names is None


def test_files_keep_the_names(named: Sequences, people: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "named.safetensors"
    with SequenceWriter(path) as writer:
        writer.append(named[:4])
        message = (
            r"The static features of each batch must have the names of those before, \['age', 'weight'\]"
        )
        with pytest.raises(InvalidSequenceError, match=message):
            writer.append(swapped(named[4:], people))
        writer.append(named[4:])
    opened = open_sequences(path)
    assert opened == named
    assert opened.static_names == pickle.loads(pickle.dumps(opened[2:])).static_names == NAMES


def test_concatenate_refuses_static_features_in_another_order(named: Sequences, people: pd.DataFrame) -> None:
    with pytest.raises(InvalidSequenceError, match=r"the names: `part\.with_static\(part\.static\)`"):
        Sequences.concatenate([named, swapped(named, people)])


def test_wrong_names_are_refused(named: Sequences) -> None:
    message = r"`static_names` must hold one name for each of the 2 static feature\(s\); got 1: \('age',\)"
    with pytest.raises(InvalidSequenceError, match=message):
        named.with_static(named.static, names=["age"])
    with pytest.raises(InvalidSequenceError, match=message):
        Sequences(named.values, named.offsets, named.static, static_names=("age",))
    with pytest.raises(TypeError, match="`static_names` must hold strings; got 3 at position 1"):
        named.with_static(named.static, names=["age", 3])  # type: ignore[list-item]


def small() -> GRUClassifier:
    return GRUClassifier(hidden_size=2, max_epochs=1, random_state=0)


MODELS: dict[str, Callable[[], Any]] = {
    "classifier": small,
    "pipeline": lambda: make_pipeline(ZScore(), small()),
    "ensemble": lambda: SequenceEnsemble(estimators=[small()], n_members=1, random_state=0),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
@pytest.mark.parametrize("reload", [False, True])
def test_models_compare_the_names(
    named: Sequences, people: pd.DataFrame, make: Callable[[], Any], reload: bool, tmp_path: Path
) -> None:
    model = make().fit(named, LABELS)
    if reload:
        seqclf.save(model, tmp_path / "model.safetensors")
        model = seqclf.load(tmp_path / "model.safetensors")
    message = (
        "(?s)The static feature names should match.*Static feature names must be in the same order as they were in fit.*"
        r"Got \['weight', 'age'\] instead of \['age', 'weight'\]. Pass them in that order: `X.with_static\(frame\[\[...\]\]\)`"
    )
    with pytest.raises(InvalidSequenceError, match=message):
        model.predict(swapped(named, people))
    with pytest.raises(InvalidSequenceError, match="Static feature names unseen at fit time:\n- height"):
        model.predict(named.with_static(people.rename(columns={"weight": "height"})))
    expected = model.predict_proba(named)
    assert np.array_equal(model.predict_proba(named.with_static(people.to_numpy())), expected)


def test_a_model_of_unnamed_static_features_reads_named_ones(named: Sequences) -> None:
    model = small().fit(named.with_static(named.static), LABELS)
    assert np.array_equal(model.predict_proba(named), model.predict_proba(named.with_static(named.static)))
