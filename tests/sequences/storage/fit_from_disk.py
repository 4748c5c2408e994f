"""Write a file, fit to it, and print its size and by how many bytes the process grew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import torch

from seqclf import GRUClassifier
from seqclf.sequences import SequenceWriter, open_sequences
from seqclf.training import TrainingSpec

N_SEQUENCES, N_STEPS = 160_000, 1000


def peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return 1024 * int(found[1])


def four_batches(spec: TrainingSpec, generator: torch.Generator) -> list[torch.Tensor]:
    n_samples = len(spec.target)
    return [torch.arange(start, start + 8) for start in range(0, n_samples, n_samples // 4)]


def main(path: Path) -> None:
    batch = np.random.default_rng(0).normal(size=(10_000, N_STEPS)).astype(np.float32)
    with SequenceWriter(path, n_features=1) as writer:
        for _ in range(N_SEQUENCES // len(batch)):
            writer.append(batch, padding_value=None)
    y = np.arange(N_SEQUENCES) % 2
    model = GRUClassifier(
        hidden_size=4,
        num_layers=1,
        max_epochs=1,
        scale="standard",
        stem=None,
        sampler=four_batches,
        random_state=0,
    )
    model.fit(batch[:100], y[:100])  # what is allocated once
    del batch
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = peak()
    model.fit(open_sequences(path), y)
    sys.stdout.write(f"{path.stat().st_size} {peak() - before}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
