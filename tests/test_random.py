"""Random numbers come from the given generator, never from the global one."""

from __future__ import annotations

import pytest
import torch

from seqclf import as_generator, as_sequences
from seqclf.nn import AttentionPooling, Dropout, LinearHead, RecurrentEncoder
from seqclf.sampling import BalancedSampler, ShuffleSampler


def test_a_generator_on_the_right_device_is_returned_as_is() -> None:
    generator = torch.Generator().manual_seed(0)
    assert as_generator(generator) is generator


def test_generators_from_none_have_different_seeds() -> None:
    assert as_generator(None).initial_seed() != as_generator(None).initial_seed()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_generator_on_another_device_is_seeded_reproducibly() -> None:
    first, second = (as_generator(torch.Generator().manual_seed(0), "cuda") for _ in range(2))
    assert first.device.type == "cuda"
    assert first.initial_seed() == second.initial_seed()


def test_nothing_draws_from_torchs_global_generator() -> None:
    sequences = as_sequences([[1.0, 2.0], [3.0]])
    before = torch.get_rng_state()
    list(ShuffleSampler(5, batch_size=2))
    list(BalancedSampler([0, 0, 1], batch_size=2))
    RecurrentEncoder("gru", 1, 4, num_layers=2, dropout=0.5)(sequences)
    AttentionPooling(1)
    LinearHead(2, 2, dropout=0.5)(torch.ones(1, 2))
    Dropout(0.5)(torch.ones(4))
    assert torch.equal(torch.get_rng_state(), before)
