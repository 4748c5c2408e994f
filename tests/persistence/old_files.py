"""Write the files that the tests keep: `python -m persistence.old_files`, from the folder `tests`, for a new version of the format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline

import seqclf
from seqclf import GRUClassifier, LSTMClassifier, MinMax, RecurrentClassifier, SequenceEnsemble, TokenEncoder
from seqclf.transforms import Downsample, Jitter

FILES = Path(__file__).parent / "files"


def signals() -> Any:
    """Return sequences of two features with missing values."""
    steps = np.arange(120, dtype=np.float64).reshape(-1, 2)
    parts = [np.sin(steps[start : start + 5 + start % 4] * (1 + start % 3)) for start in range(0, 48, 4)]
    parts[1][2, 0] = np.nan
    return parts


def words() -> list[list[str]]:
    """Return sequences of words."""
    return [["start", *["pay"] * (i % 3), "stop"] for i in range(12)]


def models() -> dict[str, Any]:
    """Return a fitted model of each kind, with the samples that it predicts."""
    y = np.array(["down", "up"])[np.arange(12) % 2]
    options: dict[str, Any] = {"hidden_size": 2, "max_epochs": 1, "random_state": 0}
    rich = RecurrentClassifier(
        cell="lstm", bidirectional=True, layer_norm=True, residual=True, stem="conv", head="mlp", scale="views",
        missing="indicator", pooling=("last", "mean", "max", "attention"), augmentation=Jitter(0.1),
        sampler="balanced", prior_correction=True, **options,
    )  # fmt: skip
    tokens = make_pipeline(TokenEncoder(), Downsample(factor=2, aggregation="last"), GRUClassifier(**options))
    members = [GRUClassifier(**options, scale=MinMax()), LSTMClassifier(**options, loss="focal")]
    ensemble = SequenceEnsemble(estimators=members, n_members=2, n_jobs=1, random_state=0)
    return {
        "signals": rich.partial_fit(signals(), y),
        "words": tokens.fit(words(), np.arange(12) % 2 == 0),
        "ensemble": ensemble.fit(signals()[2:], y[2:]),
    }


def samples(name: str) -> Any:
    """Return what a model predicts."""
    return {"signals": signals(), "words": words(), "ensemble": signals()[2:]}[name]


def main() -> None:
    """Write files of the version that `seqclf.save` writes now, and the probabilities that they predict."""
    expected = {}
    for name, model in models().items():
        path = FILES / f"format_1_{name}.safetensors"
        seqclf.save(model, path, training_state=name == "signals")
        expected[path.name] = seqclf.load(path).predict_proba(samples(name)).tolist()
    (FILES / "probabilities.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
