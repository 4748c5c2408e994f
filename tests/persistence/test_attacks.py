"""A model file that was damaged or edited gives a named error or a model that predicts, and runs no code.

`make attack` tries more than ten thousand such files, in a process of their own; here are some of each kind.
"""

from __future__ import annotations

import contextlib

import pytest

from attack.attacks import Attack
from attack.files import CHANGES
from attack.guards import MEGABYTE, little_memory, little_time
from attack.model_bytes import joined, split
from attack.model_files import model_file_attacks
from attack.model_mutations import EDITS
from attack.model_samples import NAMES, file_of
from attack.verdicts import FAULTS, judge
from seqclf._strict_json import read_json

ALL = list(model_file_attacks(seed=0))
ODD = [attack for attack in ALL if attack.family == "odd paths of models"]
N_EACH = 60
"""Files of each kind, out of 400 or 600."""


def chosen(kind: str) -> list[Attack]:
    """Return attacks of one kind, spread over the models and all numbers."""
    found = [attack for attack in ALL if f"with {kind}," in attack.name]
    step = len(found) // N_EACH
    return found[:: step + 1 if step % len(NAMES) == 0 else step][:N_EACH]


def faults(attacks: list[Attack]) -> list[str]:
    verdicts = [(attack, judge(attack)) for attack in attacks]
    assert all(verdict.kind != "not possible" for _, verdict in verdicts)
    return [f"{attack.name}: {verdict}" for attack, verdict in verdicts if verdict.kind in FAULTS]


@pytest.mark.parametrize("kind", [*CHANGES, *EDITS])
def test_no_file_of_this_kind_is_a_fault(kind: str) -> None:
    attacks = chosen(kind)
    assert len(attacks) >= 50
    assert {attack.name.split()[0] for attack in attacks} == set(NAMES)
    assert faults(attacks) == []


@pytest.mark.parametrize("attack", ODD, ids=lambda attack: attack.name)
def test_an_odd_path_is_named(attack: Attack) -> None:
    assert faults([attack]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_file_put_together_from_its_parts_is_the_same_file(name: str) -> None:
    """Edits change what they mean to change, and nothing else."""
    assert joined(split(file_of(name))) == file_of(name)


@pytest.mark.parametrize(
    "kind", ["a hostile value", "other weights", "exchanged values", "a value of another model"]
)
def test_some_edits_are_models(kind: str) -> None:
    """Edits reach the reader: not every one ends at the digest."""
    kinds = [judge(attack).kind for attack in chosen(kind)]
    assert 0 < kinds.count("right result") < len(kinds)


@pytest.mark.parametrize(
    "text",
    [
        '"' + '\\"' * 60_000,
        "{" + ",".join(f'"{i}":0' for i in range(60_000)) + ',"59999":0}',
        '"' + "a" * 5_000_000 + '"',
    ],
    ids=["no closing quote", "the last name twice", "a long string"],
)
def test_any_json_takes_little_time_and_memory(text: str) -> None:
    with little_memory(200 * MEGABYTE), little_time(5.0), contextlib.suppress(ValueError):
        read_json(text)
