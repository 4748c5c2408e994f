"""All attacks, and a seeded choice of them."""

from __future__ import annotations

import random
from collections import defaultdict

from attack.attacks import Attack
from attack.concurrency import concurrency_attacks
from attack.disks import disk_attacks
from attack.files import file_attacks
from attack.inputs import input_attacks
from attack.interrupts import interrupt_attacks
from attack.model_files import model_file_attacks
from attack.parameters import parameter_attacks
from attack.weights import weight_attacks

N_DEFAULT = {
    "values": 900,
    "harmless": 500,
    "shapes": 500,
    "lengths": 500,
    "labels": 300,
    "weights": 250,
    "hostile objects": 700,
    "parameters": 2400,
    "damaged files": 440,
    "full disks": 45,
    "interrupts": 400,
    "predictions during a fit": 70,
    "damaged models": 2400,
    "edited models": 10_000,
    "odd paths of models": 10,
}
"""How many of each family are tried: twelve minutes of processor time together."""


def all_attacks(seed: int) -> list[Attack]:
    """Return every attack, in a fixed order."""
    return [
        *input_attacks(),
        *weight_attacks(),
        *parameter_attacks(),
        *file_attacks(seed),
        *disk_attacks(seed),
        *interrupt_attacks(seed),
        *concurrency_attacks(),
        *model_file_attacks(seed),
    ]


def choose(attacks: list[Attack], seed: int, scale: float) -> list[int]:
    """Return the indices of a random choice of each family, `scale` times the default number."""
    families: dict[str, list[int]] = defaultdict(list)
    for i, attack in enumerate(attacks):
        families[attack.family].append(i)
    chosen: list[int] = []
    for family, indices in families.items():
        n = min(len(indices), max(1, round(N_DEFAULT[family] * scale)))
        chosen += random.Random(f"{seed} {family}").sample(indices, n)
    return sorted(chosen)
