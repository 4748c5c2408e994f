"""Combinations of options that contain each pair of values at least once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

Choice = dict[str, int]
"""The place of the chosen value among those of each option."""


def pairs_of(choice: Choice) -> set[tuple[tuple[str, int], tuple[str, int]]]:
    """Return the pairs of values in one combination."""
    return set(combinations(sorted(choice.items()), 2))


def covering(options: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return combinations, each the one of all that holds most pairs not seen before."""
    places = [range(len(values)) for values in options.values()]
    every = [dict(zip(options, chosen, strict=True)) for chosen in product(*places)]
    missing = set().union(*map(pairs_of, every))
    chosen = []
    while missing:
        best = max(every, key=lambda choice: len(pairs_of(choice) & missing))
        missing -= pairs_of(best)
        chosen.append({name: options[name][place] for name, place in best.items()})
    return chosen
