"""Sequences are selected and moved with their targets and weights."""

from __future__ import annotations

import re

import pytest
import torch

from seqclf.sequences import LazySequences, Sequences, as_sequences
from seqclf.training import LabelledSequences

DATA = LabelledSequences(
    sequences=as_sequences([[1.0, 2.0], [3.0], [4.0]]),
    target=torch.tensor([0, 1, 2]),
    weight=torch.tensor([0.5, 1.0, 2.0]),
)


@pytest.mark.parametrize("index", [[2, 0], torch.tensor([2, 0]), slice(None, None, -2)])
def test_an_index_selects_all_three(index: list[int] | torch.Tensor | slice) -> None:
    if isinstance(index, slice):
        index = torch.arange(3).flip(0)[::2]
    chosen = DATA[index]
    assert chosen.sequences.values.flatten().tolist() == [4.0, 1.0, 2.0]
    assert chosen.target.tolist() == [2, 0]
    assert chosen.weight is not None
    assert chosen.weight.tolist() == [2.0, 0.5]
    assert len(chosen) == 2


def test_a_slice_selects_all_three() -> None:
    assert DATA[1:].target.tolist() == [1, 2]
    assert DATA[1:].sequences.lengths.tolist() == [1, 1]


def test_a_subset_of_lazy_samples_is_not_computed() -> None:
    def refuse(batch: Sequences) -> Sequences:
        raise AssertionError

    lazy = LabelledSequences(
        sequences=LazySequences(DATA[:].sequences, refuse), target=DATA.target, weight=DATA.weight
    )
    subset = lazy.subset(torch.tensor([2, 0]))
    assert subset.target.tolist() == [2, 0]
    assert subset.sequences.lengths.tolist() == DATA.sequences.lengths[[2, 0]].tolist()
    with pytest.raises(AssertionError):
        subset[[0]]


def test_an_empty_list_selects_nothing() -> None:
    assert len(DATA[[]]) == 0


def test_missing_weights_stay_missing() -> None:
    data = LabelledSequences(sequences=DATA.sequences, target=DATA.target)
    assert data[[0]].weight is None
    assert data[[0]].to("cpu").weight is None
    assert data.subset(torch.tensor([0])).weight is None


def test_to_moves_all_three() -> None:
    moved = DATA[:].to("meta")
    assert moved.sequences.device.type == moved.target.device.type == "meta"
    assert moved.weight is not None
    assert moved.weight.device.type == "meta"


@pytest.mark.parametrize("name", ["target", "weight"])
def test_another_number_of_entries_is_rejected(name: str) -> None:
    parts = {"sequences": DATA.sequences, "target": DATA.target, name: torch.zeros(2)}
    message = f"`{name}` must have one entry for each of the 3 sequences; got shape (2,)."
    with pytest.raises(ValueError, match=re.escape(message)):
        LabelledSequences(**parts)  # type: ignore[arg-type]
