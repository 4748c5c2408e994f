"""Models whose every weight matters, and their scores in onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from seqclf import Sequences, as_sequences
from seqclf.export import to_onnx

TOLERANCE = 1e-5
Floats = NDArray[np.float64]
OPTIONS = onnxruntime.SessionOptions()
OPTIONS.intra_op_num_threads = 1


def beats(*lengths: int, seed: int = 0, n_features: int = 2, offset: float = 0.0) -> list[Floats]:
    """Return sequences of these lengths; the offset is far larger than their spread."""
    draw = np.random.default_rng(seed)
    return [offset + draw.normal(size=(length, n_features)).cumsum(axis=0) for length in lengths]


def training_set(offset: float = 0.0) -> tuple[list[Floats], NDArray[Any]]:
    """Return 24 sequences of two features, and their labels of three classes."""
    lengths = np.random.default_rng(1).integers(1, 12, 24)
    return beats(*lengths.tolist(), offset=offset), np.array(["low", "mid", "high"] * 8)


def shaken(model: Any) -> Any:
    """Return a fitted model with random weights: biases and norms that training leaves near 0 and 1 count, too."""
    members = getattr(model, "members_", None) or [getattr(model, "steps", [(None, model)])[-1][1]]
    for member in members:
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for weight in member.module_.parameters():
                weight.add_(0.4 * torch.randn(weight.shape, generator=generator))
    return model


@dataclass(frozen=True, slots=True)
class Scored:
    """What onnxruntime returns for samples."""

    probabilities: Floats
    labels: NDArray[Any]


class Session:
    """An exported model in onnxruntime."""

    def __init__(self, model: Any, folder: Path, **options: Any) -> None:
        self.path = folder / "model.onnx"
        to_onnx(model, self.path, **options)
        self.model = onnx.load(self.path)
        self.session = onnxruntime.InferenceSession(self.path, OPTIONS, providers=["CPUExecutionProvider"])
        self.inputs = {one.name: one.type for one in self.session.get_inputs()}

    def score(self, samples: Any) -> Scored:
        """Score samples in the form of a graph without a fixed length."""
        sequences = (
            samples if isinstance(samples, Sequences) else as_sequences(samples, dtype=None, missing="keep")
        )
        return self.run(
            values=sequences.values.double().numpy(),
            offsets=sequences.offsets.numpy(),
            tokens=None if sequences.tokens is None else sequences.tokens.codes.numpy(),
            static=None if sequences.static is None else sequences.static.numpy(),
        )

    def score_padded(self, samples: Sequence[Floats], length: int, padding: float = np.nan) -> Scored:
        """Score samples in the form of a graph with a fixed length."""
        padded = np.full((len(samples), length, samples[0].shape[1]), padding)
        for row, one in zip(padded, samples, strict=True):
            row[: len(one)] = one
        return self.run(values=padded, lengths=np.array([len(one) for one in samples]))

    def run(self, **arrays: Any) -> Scored:
        """Run the graph on the inputs that it has."""
        feeds = {name: arrays[name] for name in self.inputs}
        if self.inputs.get("values") == "tensor(float)":
            feeds["values"] = feeds["values"].astype(np.float32)
        probabilities, labels = self.session.run(["probabilities", "labels"], feeds)
        return Scored(probabilities, labels)


def assert_agrees(scored: Scored, model: Any, samples: Any) -> None:
    """Check probabilities and labels against those of the model; two classes that are equally probable may swap."""
    expected = model.predict_proba(samples)
    np.testing.assert_allclose(scored.probabilities, expected, rtol=0, atol=TOLERANCE)
    first, second = np.sort(expected, axis=1)[:, [-1, -2]].T
    clear = first - second > 2 * TOLERANCE
    np.testing.assert_array_equal(scored.labels[clear], model.predict(samples)[clear])
    assert scored.labels.shape == (len(expected),)
