"""A network of encoder, pooling and head, each replaceable."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from seqclf.nn import ConvolutionalStem, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork
from seqclf.nn._network import STATIC_PLACEMENTS
from seqclf.sequences import Sequences, as_sequences

SEQUENCES = as_sequences([[1.0, 2.0, 3.0], [-4.0]])


class Doubling(nn.Module):
    """A custom encoder without recurrence."""

    def forward(self, batch: Sequences) -> Sequences:
        return batch.with_values(2 * batch.values)


class FirstStep(nn.Module):
    """A custom pooling."""

    def forward(self, states: Sequences) -> Tensor:
        return states.values[states.offsets[:-1]]


class BothSigns(nn.Module):
    """A custom head."""

    def forward(self, summary: Tensor) -> Tensor:
        return torch.cat([summary, -summary], dim=1)


def test_custom_parts_by_hand() -> None:
    model = SequenceNetwork(Doubling(), FirstStep(), BothSigns())
    assert model.summarize(SEQUENCES).tolist() == [[2.0], [-8.0]]
    assert model(SEQUENCES).tolist() == [[2.0, -2.0], [-8.0, 8.0]]
    assert model.engine_ == "custom"


@pytest.mark.parametrize("custom", ["encoder", "pooling", "head"])
def test_a_custom_part_works_with_built_in_ones(custom: str) -> None:
    encoder = Doubling() if custom == "encoder" else RecurrentEncoder("gru", 1, 1)
    pooling = FirstStep() if custom == "pooling" else MeanPooling()
    head = BothSigns() if custom == "head" else LinearHead(1, 2)
    model = SequenceNetwork(encoder, pooling, head)
    assert model(SEQUENCES).shape == (2, 2)
    assert model.engine_ == ("custom" if custom == "encoder" else RecurrentEncoder("gru", 1, 2).engine_)


def test_parameters_of_all_parts_are_registered() -> None:
    model = SequenceNetwork(RecurrentEncoder("lstm", 1, 8), MeanPooling(), LinearHead(8, 3))
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"encoder", "head"}


def test_static_features_by_hand() -> None:
    batch = as_sequences([[1.0, 2.0, 3.0], [-4.0]], static=[10.0, 20.0])
    first = {
        placement: SequenceNetwork(nn.Identity(), FirstStep(), nn.Identity(), static=placement)(
            batch
        ).tolist()
        for placement in STATIC_PLACEMENTS
    }
    assert first == {
        "head": [[1.0, 10.0], [-4.0, 20.0]],
        "steps": [[1.0, 10.0], [-4.0, 20.0]],
        "both": [[1.0, 10.0, 10.0], [-4.0, 20.0, 20.0]],
    }


def test_an_unknown_placement_is_rejected() -> None:
    with pytest.raises(ValueError, match=r"`static` must be one of .*'head', 'steps', 'both'.*; got 'tail'"):
        SequenceNetwork(nn.Identity(), FirstStep(), BothSigns(), static="tail")  # type: ignore[arg-type]


def test_static_features_join_with_a_stem_that_shortens_sequences() -> None:
    stem = ConvolutionalStem(2, 4, strides=(2,), generator=torch.Generator().manual_seed(0))
    batch = as_sequences([[1.0] * 9, [2.0]], static=[1.0, 2.0])
    network = SequenceNetwork(nn.Identity(), MeanPooling(), nn.Identity(), stem=stem, static="both")
    assert network(batch)[:, 4].tolist() == [1.0, 2.0]
