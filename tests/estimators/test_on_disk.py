"""Estimators give the same models and predictions for data on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqclf import GRUClassifier, MinMax, SequenceEnsemble, Sequences, as_sequences
from seqclf.sequences import SequenceWriter, blocks_of, is_mapped, open_sequences
from seqclf.sequences import _lazy as lazy
from seqclf.transforms import Downsample

rng = np.random.default_rng(0)
X = as_sequences(
    [rng.normal(size=(n, 2)) * 30 + 5 for n in rng.integers(40, 90, size=60)], static=rng.normal(size=60)
)
Y = np.array(["a", "b", "c"])[np.arange(60) % 3]
SMALL: dict[str, Any] = {
    "hidden_size": 4,
    "num_layers": 1,
    "max_epochs": 1,
    "batch_size": 16,
    "random_state": 0,
}


def stored(path: Path, sequences: Sequences) -> Sequences:
    with SequenceWriter(
        path, dtype="float64" if sequences.values.dtype == torch.float64 else "float32"
    ) as writer:
        for _, block in blocks_of(sequences, n_steps=500):
            writer.append(block)
    return open_sequences(path)


MODELS: dict[str, Callable[[], Any]] = {
    "default": lambda: GRUClassifier(**SMALL),
    "standard": lambda: GRUClassifier(scale="standard", **SMALL),
    "unscaled": lambda: GRUClassifier(scale=None, **SMALL),
    "own transformer": lambda: GRUClassifier(scale=Downsample(factor=2), **SMALL),
    "early stopping": lambda: GRUClassifier(early_stopping=True, **SMALL),
    "length_bucket": lambda: GRUClassifier(sampler="length_bucket", **SMALL),
    "block_shuffle": lambda: GRUClassifier(sampler="block_shuffle", **SMALL),
    "balanced": lambda: GRUClassifier(sampler="balanced", **SMALL),
    "ensemble": lambda: SequenceEnsemble(
        estimators=[GRUClassifier(**SMALL), GRUClassifier(scale=MinMax(), **SMALL)],
        n_members=2,
        random_state=0,
    ),
}


@pytest.mark.filterwarnings("ignore::seqclf.SeqclfWarning")
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("blocks", "weights"), [(None, None), (300, None), (300, np.arange(60) % 4)])
def test_models_and_predictions_are_the_same(
    tmp_path: Path, name: str, blocks: int | None, weights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if blocks is not None:  # of the samples in memory, too
        monkeypatch.setattr(lazy, "STEPS_PER_BLOCK", blocks)
    on_disk = stored(tmp_path / "x", X)
    expected = MODELS[name]().fit(X, Y, sample_weight=weights)
    model = MODELS[name]().fit(on_disk, Y, sample_weight=weights)
    for samples in (X, on_disk):
        np.testing.assert_array_equal(model.predict_proba(samples), expected.predict_proba(X))
    np.testing.assert_array_equal(model.predict(on_disk), expected.predict(X))
    if name != "ensemble":
        np.testing.assert_array_equal(model.transform(on_disk), expected.transform(X))
        model.partial_fit(on_disk, Y, sample_weight=weights)
        expected.partial_fit(X, Y, sample_weight=weights)
        np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


@pytest.mark.filterwarnings("ignore::seqclf.SeqclfWarning")
def test_validation_data_and_weights_may_lie_on_disk(tmp_path: Path) -> None:
    on_disk, weights = stored(tmp_path / "x", X), np.arange(60) % 4
    model, expected = (GRUClassifier(early_stopping=True, **SMALL) for _ in range(2))
    model.fit(on_disk, Y, sample_weight=weights, validation_data=(on_disk, Y))
    expected.fit(X, Y, sample_weight=weights, validation_data=(X, Y))
    assert model.history_["valid_loss"] == expected.history_["valid_loss"]


@pytest.mark.filterwarnings("ignore::seqclf.SeqclfWarning")
def test_missing_values_and_tokens_on_disk(tmp_path: Path) -> None:
    values = X.values.clone()
    values[::7, 0] = torch.nan
    holes = X.with_values(values)
    with SequenceWriter(tmp_path / "holes", missing="keep") as writer:
        writer.append(holes)
    model, expected = (GRUClassifier(missing="indicator", **SMALL) for _ in range(2))
    on_disk = open_sequences(tmp_path / "holes")
    np.testing.assert_array_equal(
        model.fit(on_disk, Y).predict_proba(on_disk), expected.fit(holes, Y).predict_proba(holes)
    )
    words = as_sequences(["Ada", "Eve", "Bob", "Dana"] * 6, vocabulary="auto")
    on_disk = stored(tmp_path / "words", words)
    y = [0, 1, 0, 1] * 6
    for weights in (None, [0, 1, 1, 1] * 6):  # "d" is then unknown, and "A"
        model, expected = (
            GRUClassifier(**SMALL).fit(some, y, sample_weight=weights) for some in (on_disk, words)
        )
        np.testing.assert_array_equal(model.predict_proba(on_disk), expected.predict_proba(words))


@pytest.mark.filterwarnings("ignore::seqclf.SeqclfWarning")
@pytest.mark.parametrize("weights", [None, np.arange(60) % 4])
def test_only_batches_are_in_memory(tmp_path: Path, weights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the samples nor the scaled ones are in memory together, also if some of them are left out."""
    monkeypatch.setattr(lazy, "STEPS_PER_BLOCK", 300)
    select, largest = Sequences.__getitem__, {"selected": 0, "scaled": 0}

    def watched(sequences: Sequences, key: Any) -> Sequences:
        selected: Sequences = select(sequences, key)
        if not is_mapped(selected.values) and selected.n_features:
            largest["selected"] = max(largest["selected"], len(selected))
        return selected

    class Watched(MinMax):
        def _apply(self, sequences: Sequences) -> Sequences:
            largest["scaled"] = max(largest["scaled"], len(sequences))
            return super()._apply(sequences)

    on_disk = stored(tmp_path / "x", X)
    monkeypatch.setattr(Sequences, "__getitem__", watched)
    model = GRUClassifier(scale=Watched(), early_stopping=True, **SMALL)
    model.fit(on_disk, Y, sample_weight=weights)
    assert max(largest.values()) <= 16
    assert model.n_epochs_ == 1
