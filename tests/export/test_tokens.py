"""Tokens are inputs as codes; their embedding is part of the graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from export.scoring import Session, assert_agrees, beats, shaken
from seqclf import GRUClassifier, SequenceEnsemble, Sequences, TokenEncoder, ZScore, as_sequences
from seqclf.transforms import Downsample

NAMES = ["ab", "b", "cab", "acca", "bbb", "a"] * 4
LABELS = np.array(["x", "y", "z", "x", "y", "z"] * 4)


def small(**parameters: Any) -> GRUClassifier:
    return GRUClassifier(**{"hidden_size": 4, "max_epochs": 1, "random_state": 0} | parameters)


def mixed(n: int, seed: int) -> Sequences:
    """Return sequences of two features and two columns of tokens."""
    draw = np.random.default_rng(seed)
    numbers = beats(*draw.integers(1, 9, n).tolist(), seed=seed)
    frames = [
        pd.DataFrame({"u": one[:, 0], "what": draw.choice(["go", "stop"], len(one)), "v": one[:, 1]})
        for one in numbers
    ]
    for frame in frames:
        frame["who"] = draw.choice(["Ann", "Bob", "Eve"], len(frame))
    return as_sequences(frames, vocabulary={"what": ["stop", "go"], "who": ["Ann", "Bob", "Eve"]}, dtype=None)


def code(session: Session, names: list[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Encode characters as the documentation says, with the file alone."""
    metadata = session.session.get_modelmeta().custom_metadata_map
    ((_, vocabulary),) = json.loads(metadata["vocabularies"])
    numbers = {token: number for number, token in enumerate(vocabulary, start=1)}
    return np.array([[numbers.get(one, 0)] for name in names for one in name])


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(small(), id="model"),
        pytest.param(make_pipeline(TokenEncoder(min_count=5), small()), id="rare ones unknown"),
        pytest.param(
            make_pipeline(TokenEncoder(), Downsample(factor=2, aggregation="last"), small(stem="conv")),
            id="fewer",
        ),
        pytest.param(SequenceEnsemble(estimators=[small()], n_members=2, n_jobs=1), id="ensemble"),
    ],
)
def test_tokens_alone_agree(model: Any, tmp_path: Path) -> None:
    is_pipeline = hasattr(model, "steps")
    X: Any = NAMES if is_pipeline else as_sequences(NAMES, vocabulary="auto")
    model = shaken(model.fit(X, LABELS))
    session = Session(model, tmp_path)
    names = ["caab", "d", "bcdba"]  # "d" is unknown
    assert set(session.inputs) == {"tokens", "offsets"}
    scored = session.run(tokens=code(session, names), offsets=np.array([0, 4, 5, 10]))
    assert_agrees(scored, model, names if is_pipeline else as_sequences(names, vocabulary="auto"))


@pytest.mark.parametrize("scale", ["standard", "sequence"])
def test_tokens_beside_numbers_agree(scale: str, tmp_path: Path) -> None:
    model = shaken(make_pipeline(ZScore(), small(scale=scale)).fit(mixed(24, 0), LABELS))
    others = mixed(7, 1)
    session = Session(model, tmp_path)
    vocabularies = json.loads(session.session.get_modelmeta().custom_metadata_map["vocabularies"])
    assert vocabularies == [["what", ["stop", "go"]], ["who", ["Ann", "Bob", "Eve"]]]
    assert_agrees(session.score(others), model, others)


def test_padded_tokens_are_not_read(tmp_path: Path) -> None:
    model = shaken(small(bidirectional=True).fit(as_sequences(NAMES, vocabulary="auto"), LABELS))
    session = Session(model, tmp_path, fixed_length=6)
    names = ["caab", "d", "bcdbaa"]
    tokens = np.full((3, 6, 1), 999)  # no code
    for row, name in zip(tokens, names, strict=True):
        row[: len(name)] = code(session, [name])
    scored = session.run(tokens=tokens, lengths=np.array([4, 1, 6]))
    assert_agrees(scored, model, as_sequences(names, vocabulary="auto"))


def test_members_whose_samples_lack_tokens_do_not_know_them(tmp_path: Path) -> None:
    sequences = as_sequences(NAMES, vocabulary=["d", "c", "a", "b"])  # "d" does not occur
    model = SequenceEnsemble(estimators=[small()], n_members=2, n_jobs=1, random_state=0)
    model = shaken(model.fit(sequences, LABELS))
    session = Session(model, tmp_path)
    others = as_sequences(["dab", "c", "bd"], vocabulary=["d", "c", "a", "b"])
    assert_agrees(session.score(others), model, others)
