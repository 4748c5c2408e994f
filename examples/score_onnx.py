"""Score sequences with an exported model, in a process that has NumPy and onnxruntime only.

    python examples/score_onnx.py model.onnx sequences.npz

`seqclf.export.to_onnx(model, "model.onnx")` writes the model, and `np.savez("sequences.npz", *arrays)` the sequences: one array of
shape (n_steps, n_features) for each. Prints the label of each sequence and its probability. Loading takes a fraction of a second.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray


def score(session: Any, arrays: list[NDArray[np.float64]]) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return probabilities of shape (n_sequences, n_classes), and labels."""
    values = np.concatenate(arrays).astype(np.float64)
    offsets = np.cumsum([0] + [len(one) for one in arrays], dtype=np.int64)
    probabilities, labels = session.run(["probabilities", "labels"], {"values": values, "offsets": offsets})
    return probabilities, labels


def main(arguments: list[str] | None = None) -> None:
    """Score a file."""
    parser = argparse.ArgumentParser(description="Score sequences with an exported model.")
    parser.add_argument("model", type=Path)
    parser.add_argument("sequences", type=Path)
    options = parser.parse_args(arguments)
    session = onnxruntime.InferenceSession(options.model)
    with np.load(options.sequences) as stored:
        arrays = list(stored.values())
    probabilities, labels = score(session, arrays)
    for label, probability in zip(labels, probabilities.max(axis=1), strict=True):
        print(f"{label}\t{probability:.6f}")


if __name__ == "__main__":
    main()
