"""Where random numbers come from."""

from __future__ import annotations

import torch

from seqclf import as_generator, as_sequences
from seqclf.nn import AttentionPooling, Dropout, LinearHead, RecurrentEncoder
from seqclf.sampling import BalancedSampler, ShuffleSampler


def test_a_given_generator_is_returned_as_it_is() -> None:
    generator = torch.Generator().manual_seed(0)
    assert as_generator(generator) is generator


def test_generators_without_a_seed_differ() -> None:
    assert as_generator(None).initial_seed() != as_generator(None).initial_seed()


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
