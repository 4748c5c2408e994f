"""How long does a training step take, beside torch's own packed and padded recurrence?

    make bench

Same work for all: beats, targets, AdamW, batch 128, two layers of 64 units, forward, backward and optimiser step. The
candidates take turns in one run, and medians are compared, so that what else the machine does touches all alike. Prints
sequences a second and ratios, and writes them to `results/bench.json`.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from seqclf import Sequences, pad
from seqclf.datasets import make_heartbeats
from seqclf.nn import LastState, LinearHead, RecurrentEncoder, SequenceClassifier

Step = Callable[[], None]
Cell = Literal["rnn", "gru", "lstm"]
BATCH, HIDDEN, LAYERS, CLASSES = 128, 64, 2, 5
MODELS: dict[str, tuple[Cell, bool]] = {
    "RNN": ("rnn", False),
    "GRU": ("gru", False),
    "LSTM": ("lstm", False),
    "BiGRU": ("gru", True),
    "BiLSTM": ("lstm", True),
}


class TorchClassifier(nn.Module):
    """What a careful user of torch writes."""

    def __init__(self, cell: Cell, bidirectional: bool) -> None:
        super().__init__()
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
        self.recurrence = kind(1, HIDDEN, LAYERS, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(HIDDEN * (2 if bidirectional else 1), CLASSES)

    def forward(self, padded: Tensor, lengths: Tensor | None) -> Tensor:
        """Return logits; `lengths` packs, None runs over the padding."""
        rows = padded if lengths is None else pack_padded_sequence(padded, lengths, True, False)
        _, state = self.recurrence(rows)
        state = state[0] if isinstance(state, tuple) else state
        directions = 2 if self.recurrence.bidirectional else 1
        logits: Tensor = self.head(torch.cat(list(state[-directions:]), dim=1))
        return logits


def training_step(module: nn.Module, forward: Callable[[], Tensor], target: Tensor) -> Step:
    """Return a function that trains a module once."""
    optimizer = torch.optim.AdamW(module.parameters())

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss: Tensor = nn.functional.cross_entropy(forward(), target)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def candidates(name: str, sequences: Sequences, width: int) -> dict[str, Step]:
    """Return what is compared for one model."""
    cell, bidirectional = MODELS[name]
    target = torch.arange(len(sequences)) % CLASSES
    padded, lengths = pad(sequences, total_length=width)
    encoder = RecurrentEncoder(cell, 1, HIDDEN, num_layers=LAYERS, bidirectional=bidirectional)
    ours = SequenceClassifier(
        encoder, LastState(bidirectional=bidirectional), LinearHead(encoder.output_size, CLASSES)
    )
    theirs = TorchClassifier(cell, bidirectional)
    return {
        "seqclf": training_step(ours, lambda: ours(sequences), target),
        "torch packed": training_step(theirs, lambda: theirs(padded, lengths), target),
        "torch padded": training_step(theirs, lambda: theirs(padded, None), target),
    }


def measure(steps: dict[str, Step], repetitions: int) -> dict[str, float]:
    """Return the median seconds of each candidate, taken in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repetition in range(repetitions + 1):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if repetition:  # the first warms up
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    """Measure all models and write the table."""
    parser = argparse.ArgumentParser(description="Time a training step beside torch's own.")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"))
    options = parser.parse_args()
    sequences = make_heartbeats(BATCH, random_state=0).sequences
    rows: dict[str, dict[str, float]] = {}
    print(f"{'model':8}{'seqclf':>10}{'over packed':>14}{'over padded':>14}    sequences a second; ratios")
    for name in MODELS:
        seconds = measure(candidates(name, sequences, 187), options.repetitions)
        rows[name] = {
            "sequences_per_second": BATCH / seconds["seqclf"],
            "over_torch_packed": seconds["torch packed"] / seconds["seqclf"],
            "over_torch_padded": seconds["torch padded"] / seconds["seqclf"],
        }
        row = rows[name]
        print(
            f"{name:8}{row['sequences_per_second']:10.0f}{row['over_torch_packed']:13.2f}x"
            f"{row['over_torch_padded']:13.2f}x",
            flush=True,
        )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "command": "make bench",
        "engine": "packed",
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "batch": BATCH,
        "hidden_size": HIDDEN,
        "num_layers": LAYERS,
        "training_step": rows,
    }
    options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
