"""When a checkpoint is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from seqclf import as_sequences
from seqclf.nn import CrossEntropyLoss, LinearHead, MeanPooling, SequenceNetwork
from seqclf.training import Checkpoint, LabelledSequences, TrainingConfig, read_checkpoint, train
from seqclf.training._loop import Training


@dataclass
class Clock:
    """A clock that moves on by some seconds when it is read."""

    seconds: float
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


class Counting(Checkpoint):
    """A checkpoint that notes after how many batches it was written."""

    places: list[int]

    def write(self, training: Training) -> None:
        self.places.append((training.epoch - 1) * 10 + training.n_batches)
        super().write(training)


def places(path: Path, **options: Any) -> list[int]:
    """Return after how many batches of a training of 2 epochs of 10 batches a checkpoint was written."""
    generator = torch.Generator().manual_seed(0)
    head = LinearHead(1, 2, generator=generator)
    data = LabelledSequences(sequences=as_sequences([[0.1], [0.9]] * 10), target=torch.tensor([0, 1] * 10))
    checkpoint = Counting(path=path, **options)
    checkpoint.places = []
    batches = list(torch.split(torch.arange(20), 2))
    train(
        SequenceNetwork(torch.nn.Identity(), MeanPooling(), head),
        CrossEntropyLoss(),
        data,
        batches,
        TrainingConfig(max_epochs=2),
        generator=generator,
        checkpoint=checkpoint,
    )
    return checkpoint.places


def test_checkpoints_are_written_every_so_many_batches_and_at_the_end(tmp_path: Path) -> None:
    assert places(tmp_path / "c", every=6) == [6, 12, 18, 20]
    stored = read_checkpoint(tmp_path / "c")
    assert stored is not None
    assert stored.state["is_finished"]


def test_checkpoints_are_written_every_thirty_seconds(tmp_path: Path) -> None:
    # The clock is read once at the start, after each batch and each epoch, and twice by each checkpoint.
    found = places(tmp_path / "c", clock=Clock(5.0))
    assert found[-1] == 20
    assert found[0] == 6


def test_slow_writing_leads_to_fewer_checkpoints(tmp_path: Path) -> None:
    # A checkpoint takes 1 second: the next one comes after 100 more.
    assert places(tmp_path / "c", clock=Clock(16.0)) == [2, 20]


def test_a_process_that_does_not_write_leaves_no_file(tmp_path: Path) -> None:
    assert places(tmp_path / "c", every=3, writes=False)
    assert list(tmp_path.iterdir()) == []


def test_there_is_nothing_to_read_where_there_is_no_file(tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path / "none") is None
