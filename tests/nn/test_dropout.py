"""Dropout that draws from its own generator."""

from __future__ import annotations

import re

import pytest
import torch

from seqclf.nn import Dropout


def test_a_tiny_case_by_hand() -> None:
    dropped: torch.Tensor = Dropout(0.5, generator=torch.Generator().manual_seed(0))(
        torch.tensor([1.0, 3.0] * 50)
    )
    assert set(dropped.tolist()) == {0.0, 2.0, 6.0}


def test_nothing_is_dropped_in_evaluation_mode_or_with_p_0() -> None:
    values = torch.randn(5, generator=torch.Generator().manual_seed(0))
    assert Dropout(0.9).eval()(values) is values
    assert Dropout(0.0)(values) is values


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_expectation_is_preserved(p: float) -> None:
    dropped: torch.Tensor = Dropout(p, generator=torch.Generator().manual_seed(0))(torch.ones(100_000))
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)
    assert (dropped == 0).float().mean().item() == pytest.approx(p, abs=0.01)


def test_it_draws_from_its_generator_only() -> None:
    before = torch.get_rng_state()
    first = Dropout(0.5, generator=torch.Generator().manual_seed(3))(torch.ones(50))
    again = Dropout(0.5, generator=torch.Generator().manual_seed(3))(torch.ones(50))
    assert torch.equal(first, again)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_input_is_unchanged() -> None:
    values = torch.ones(20)
    Dropout(0.5, generator=torch.Generator().manual_seed(0))(values)
    assert values.tolist() == [1.0] * 20


@pytest.mark.parametrize("p", [-0.1, 1.0, 2.0, float("nan")])
def test_an_invalid_p_is_rejected(p: float) -> None:
    with pytest.raises(
        ValueError, match=re.escape(f"`p` must lie in [0, 1); got {p!r}. 0 switches dropout off.")
    ):
        Dropout(p)


def test_the_repr_shows_p() -> None:
    assert repr(Dropout(0.25)) == "Dropout(p=0.25)"
