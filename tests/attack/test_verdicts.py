"""Each outcome of an attack gets its verdict."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytest

from attack.attacks import Attack, OwnError, Wanted, at_once
from attack.catalogue import N_DEFAULT, all_attacks, choose
from attack.verdicts import judge
from seqclf import SeqclfWarning, as_sequences


def attack(call: Callable[[], Any], wanted: Wanted = "refused") -> str:
    return judge(Attack("values", "x", at_once(call), wanted)).kind


def own_error() -> NoReturn:
    raise OwnError


def foreign_error() -> NoReturn:
    raise ValueError("`x` must be a number; got 'y'.")


def warned(category: type[Warning]) -> Callable[[], int]:
    def call() -> int:
        warnings.warn("x", category, stacklevel=1)
        return 1

    return call


@pytest.mark.parametrize(
    ("call", "wanted", "verdict"),
    [
        (lambda: as_sequences([[float("nan")]]), "refused", "named error"),
        (lambda: as_sequences([[1.0]]), "refused", "wrongly accepted"),
        (own_error, "refused", "named error"),
        (foreign_error, "refused", "raw error"),
        (lambda: np.zeros(2) @ np.zeros(3), "refused", "raw error"),
        (warned(SeqclfWarning), "refused", "named error"),
        (warned(RuntimeWarning), "refused or finite", "raw error"),
        (lambda: np.array([1.0, np.inf]), "refused or finite", "wrongly accepted"),
        (lambda: [np.array([1.0])], "refused or finite", "right result"),
        (lambda: np.array([0.0]), lambda: np.array([-0.0]), "wrongly accepted"),
        (lambda: np.array([0.0]), lambda: np.array([0.0]), "right result"),
    ],
)
def test_an_outcome_gets_its_verdict(call: Callable[[], Any], wanted: Wanted, verdict: str) -> None:
    assert attack(call, wanted) == verdict


def test_what_cannot_be_prepared_is_no_attack() -> None:
    assert judge(Attack("values", "x", own_error)).kind == "not possible"


def test_the_choice_follows_from_the_seed_and_covers_every_family() -> None:
    attacks = all_attacks(0)
    assert len({one.key for one in attacks}) == len(attacks)
    assert choose(attacks, 0, 0.01) == choose(all_attacks(0), 0, 0.01) != choose(attacks, 1, 0.01)
    assert {attacks[i].family for i in choose(attacks, 0, 0.01)} == set(N_DEFAULT)
