"""An encoder, a pooling and a head, each replaceable."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from seqclf.nn import LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.sequences import Sequences, as_sequences

SEQUENCES = as_sequences([[1.0, 2.0, 3.0], [-4.0]])


class Doubling(nn.Module):
    """An encoder of the user's own, without a recurrence."""

    def forward(self, batch: Sequences) -> Sequences:
        return batch.with_values(2 * batch.values)


class FirstStep(nn.Module):
    """A pooling of the user's own."""

    def forward(self, states: Sequences) -> Tensor:
        return states.values[states.offsets[:-1]]


class BothSigns(nn.Module):
    """A head of the user's own."""

    def forward(self, summary: Tensor) -> Tensor:
        return torch.cat([summary, -summary], dim=1)


def test_parts_of_the_users_own_by_hand() -> None:
    model = SequenceNetwork(Doubling(), FirstStep(), BothSigns())
    assert model.summarize(SEQUENCES).tolist() == [[2.0], [-8.0]]
    assert model(SEQUENCES).tolist() == [[2.0, -2.0], [-8.0, 8.0]]
    assert model.engine_ == "custom"


@pytest.mark.parametrize("own", ["encoder", "pooling", "head"])
def test_one_part_of_the_users_own_goes_with_ours(own: str) -> None:
    encoder = Doubling() if own == "encoder" else RecurrentEncoder("gru", 1, 1)
    pooling = FirstStep() if own == "pooling" else MeanPooling()
    head = BothSigns() if own == "head" else LinearHead(1, 2)
    model = SequenceNetwork(encoder, pooling, head)
    assert model(SEQUENCES).shape == (2, 2)
    assert model.engine_ == ("custom" if own == "encoder" else RecurrentEncoder("gru", 1, 2).engine_)


def test_the_weights_of_all_parts_are_found() -> None:
    model = SequenceNetwork(RecurrentEncoder("lstm", 1, 8), MeanPooling(), LinearHead(8, 3))
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"encoder", "head"}
