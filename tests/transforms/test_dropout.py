"""Lost steps."""

from __future__ import annotations

import pytest
import torch

from seqclf.sequences import as_sequences
from seqclf.transforms import Dropout
from transforms.kinds import generator


def test_steps_are_lost_at_the_given_rate_with_all_their_features() -> None:
    changed = Dropout(0.2, value=-7.0)(as_sequences([torch.ones(50_000, 2)]), generator()).values
    lost = changed == -7.0
    assert torch.equal(lost[:, 0], lost[:, 1])
    assert torch.equal(changed[~lost], torch.ones(int((~lost).sum())))
    assert lost[:, 0].double().mean().item() == pytest.approx(0.2, abs=0.01)
    pairs = lost[1:, 0] & lost[:-1, 0]
    assert pairs.double().mean().item() == pytest.approx(0.04, abs=0.005), "losses are independent"


def test_lost_steps_at_the_end_are_still_real_steps() -> None:
    sequences = as_sequences([[1.0, 1.0]] * 50)
    changed = Dropout(0.9)(sequences, generator())
    assert (changed.values == 0).any()
    assert torch.equal(changed.lengths, sequences.lengths)
