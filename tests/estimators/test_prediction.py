"""Many sequences, a batch at a time, in the order they came."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from seqclf.estimators import _prediction
from seqclf.estimators._prediction import run_in_batches
from seqclf.nn import MeanPooling
from seqclf.sequences import Sequences, as_sequences

SEQUENCES = as_sequences(
    [torch.full((length, 1), float(i)) for i, length in enumerate([3, 9, 1, 9, 4, 25, 2])]
)


@pytest.mark.parametrize("steps", [1, 5, 10, 26, 1000])
def test_answers_come_in_the_order_of_the_sequences(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    monkeypatch.setattr(_prediction, "_STEPS_PER_BATCH", steps)
    sizes: list[list[int]] = []

    def means(batch: Sequences) -> Tensor:
        sizes.append(batch.lengths.tolist())
        answer: Tensor = MeanPooling()(batch)
        return answer

    answers = run_in_batches(nn.Identity(), means, SEQUENCES)
    assert answers.tolist() == [[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]
    assert [length for batch in sizes for length in batch] == [25, 9, 9, 4, 3, 2, 1]
    # A batch may exceed the steps by its first sequence only.
    assert all(sum(batch[1:]) <= steps for batch in sizes)


def test_no_gradients_and_no_dropout() -> None:
    module = nn.Linear(1, 1)
    answers = run_in_batches(module, lambda batch: module(MeanPooling()(batch)), SEQUENCES)
    assert not answers.requires_grad
    assert not module.training
