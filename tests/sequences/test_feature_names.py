"""Names of features: where they come from, what keeps them, what loses them, and that models compare them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seqclf import GRUClassifier, Sequences, TokenEncoder, ZScore, as_sequences, from_long
from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences import SequenceWriter, from_long_batches, open_sequences

NAMES = ("x", "z")


@pytest.fixture
def table() -> pd.DataFrame:
    numbers = np.random.default_rng(0).normal(size=(60, 2))
    labels = np.repeat(["a", "b"] * 5, 6)
    return pd.DataFrame(
        {"id": np.repeat(range(10), 6), "x": numbers[:, 0], "z": numbers[:, 1], "label": labels}
    )


@pytest.fixture
def named(table: pd.DataFrame) -> Sequences:
    return from_long(table, id="id", values=NAMES).sequences


def test_from_long_names_the_features(table: pd.DataFrame) -> None:
    assert from_long(table, id="id", target="label").sequences.feature_names == NAMES
    assert from_long(table, id="id", values=["z", "x"]).sequences.feature_names == ("z", "x")
    batches = from_long_batches([table[:18], table[18:]], id="id", values=["z"])
    assert {batch.sequences.feature_names for batch in batches} == {("z",)}


def test_columns_without_text_as_names_give_none(table: pd.DataFrame) -> None:
    numbered = table.rename(columns={"x": 0, "z": 1})
    assert from_long(numbered, id="id", target="label").sequences.feature_names is None


def test_tokens_are_not_features(table: pd.DataFrame) -> None:
    log = from_long(table, id="id", tokens="label").sequences
    assert log.feature_names == NAMES
    assert from_long(table[["id", "label"]], id="id", tokens="label").sequences.feature_names is None


@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(
            lambda table: [frame[list(NAMES)] for _, frame in table.groupby("id")], id="list of frames"
        ),
        pytest.param(lambda table: table.groupby("id")[list(NAMES)], id="groups"),
    ],
)
def test_frames_name_the_features(table: pd.DataFrame, convert: Callable[[pd.DataFrame], object]) -> None:
    assert as_sequences(convert(table)).feature_names == NAMES


def test_the_columns_of_a_padded_table_are_steps() -> None:
    padded = pd.DataFrame([[1.0, 2.0], [3.0, 0.0]], columns=["t0", "t1"])
    assert as_sequences(padded).feature_names is None


KEEP: dict[str, Callable[[Sequences], Sequences]] = {
    "slice": lambda s: s[2:5],
    "step": lambda s: s[::2],
    "index": lambda s: s[np.array([3, 1])],
    "mask": lambda s: s[np.arange(len(s)) > 4],
    "prefixes": lambda s: s.prefixes(2),
    "static": lambda s: s.with_static(np.arange(len(s))),
    "tokens": lambda s: s.with_tokens(None),
    "double": lambda s: s.double(),
    "double and back": lambda s: s.double().float(),
    "device": lambda s: s.to("cpu"),
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),
    "conversion": lambda s: as_sequences(s, dtype="float64", static=np.arange(len(s))),
    "concatenate": lambda s: Sequences.concatenate([s[:3], s[3:]]),
}


@pytest.mark.parametrize("keep", KEEP.values(), ids=KEEP.keys())
def test_what_selects_or_moves_sequences_keeps_the_names(
    named: Sequences, keep: Callable[[Sequences], Sequences]
) -> None:
    assert keep(named).feature_names == NAMES


LOSE: dict[str, Callable[[Sequences], Sequences]] = {
    "values": lambda s: s.with_values(s.values * 2),
    "static to steps": lambda s: s.with_static(np.arange(len(s))).static_to_steps(),
    "transformer": lambda s: ZScore().fit_transform(s),
    "none": lambda s: s.with_feature_names(None),
    "concatenate": lambda s: Sequences.concatenate([s, s.with_feature_names(None)]),
}


@pytest.mark.parametrize("lose", LOSE.values(), ids=LOSE.keys())
def test_what_changes_features_loses_the_names(
    named: Sequences, lose: Callable[[Sequences], Sequences]
) -> None:
    assert lose(named).feature_names is None


def test_names_do_not_count_for_equality(named: Sequences) -> None:
    assert named == named.with_feature_names(None)


def test_files_keep_the_names(named: Sequences, tmp_path: Path) -> None:
    path = tmp_path / "named.safetensors"
    with SequenceWriter(path) as writer:
        writer.append(named[:4])
        with pytest.raises(InvalidSequenceError, match=r"must have the names of those before, \['x', 'z'\]"):
            writer.append(named[4:].with_feature_names(["z", "x"]))
        writer.append(named[4:])
    opened = open_sequences(path)
    assert opened == named
    assert opened.feature_names == pickle.loads(pickle.dumps(opened[2:])).feature_names == NAMES


def test_concatenate_refuses_features_in_another_order(named: Sequences) -> None:
    with pytest.raises(
        InvalidSequenceError, match=r"\['x', 'z'\] in parts\[0\] and \['z', 'x'\] in parts\[1\]"
    ):
        Sequences.concatenate([named, named.with_feature_names(["z", "x"])])


@pytest.mark.parametrize(
    ("names", "error", "message"),
    [
        (["x"], InvalidSequenceError, r"one name for each of the 2 feature\(s\); got 1: \('x',\)"),
        (["x", 3], TypeError, "must hold strings; got 3 at position 1"),
    ],
)
def test_wrong_names_are_refused(
    named: Sequences, names: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        named.with_feature_names(names)
    with pytest.raises(error, match=message):
        Sequences(named.values, named.offsets, feature_names=tuple(names))


def test_models_compare_the_names(table: pd.DataFrame, named: Sequences) -> None:
    model = GRUClassifier(hidden_size=2, max_epochs=1, random_state=0)
    model.fit(named, ["a", "b"] * 5)
    assert model.feature_names_in_.tolist() == list(NAMES)
    swapped = from_long(table, id="id", values=["z", "x"]).sequences
    for X in (swapped, swapped[:2], [frame[["z", "x"]] for _, frame in table.groupby("id")]):
        with pytest.raises(InvalidSequenceError, match="must be in the same order as they were in fit"):
            model.predict(X)
    with pytest.raises(
        InvalidSequenceError, match=r"`from_long\(frame, values=list\(model.feature_names_in_\), ...\)`"
    ):
        model.predict(swapped)
    expected = model.predict_proba(named)
    for same in (named.with_feature_names(None), [steps.numpy() for steps in named]):
        assert np.array_equal(model.predict_proba(same), expected)


def test_transformers_compare_the_names(named: Sequences) -> None:
    scaler = ZScore().fit(named)
    assert scaler.feature_names_in_.tolist() == list(NAMES)
    with pytest.raises(InvalidSequenceError, match="must be in the same order"):
        scaler.transform(named.with_feature_names(["z", "x"]))


def test_an_encoder_of_frames_reads_sequences_with_tokens(table: pd.DataFrame) -> None:
    frames = [frame[["x", "label", "z"]] for _, frame in table.groupby("id")]
    encoder = TokenEncoder(columns=["label"]).fit(frames)
    encoded = encoder.transform(from_long(table, id="id", tokens="label").sequences)
    assert encoded.tokens == encoder.transform(frames).tokens
