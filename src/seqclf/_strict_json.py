"""JSON text -> values, without the liberties that Python's reader takes."""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 100
"""Levels of nesting. The files of the largest models have about 20."""

# Possessive, and without need of a closing quote: no text takes quadratic time, or memory to go back.
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', flags=re.DOTALL)


def read_json(text: str) -> Any:
    """Return what strict JSON holds; raise ValueError for anything that two readers could understand differently.

    Refused are duplicate names, NaN and infinities, numbers beyond float64, and deep nesting, on which Python's own reader fails
    at a depth that depends on the caller.
    """
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} levels of nesting")
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except RecursionError:  # the caller has used up the stack
        raise ValueError("more levels of nesting than Python's stack allows here") from None


def write_json(value: Any) -> str:
    """Return sorted JSON in ASCII, the same text for the same value in any process."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"), ensure_ascii=True)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the name {name!r:.80} twice")
        members[name] = value
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"the number {name}")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"a number beyond float64, {digits:.40}")
    return number


def _short(digits: str) -> int:
    if len(digits) > 400:  # Python takes quadratic time
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)
