"""Edits of the JSON in a model file."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from attack.model_bytes import RAW, Parts, joined, places, split, text_of
from attack.model_samples import NAMES, file_of
from attack.model_values import NAMES_OF_CODE, TEXTS, VALUES

Mutation = Callable[[Parts, random.Random], bytes]


def _place(parts: Parts, rng: random.Random) -> tuple[Any, Any]:
    return rng.choice(list(places(parts.content)))


def _hostile_value(parts: Parts, rng: random.Random) -> bytes:
    where, key = _place(parts, rng)
    where[key] = copy.deepcopy(rng.choice(VALUES))
    return joined(parts)


def _hostile_text(parts: Parts, rng: random.Random) -> bytes:
    where, key = _place(parts, rng)
    where[key], parts.raw = RAW, rng.choice(TEXTS)
    return joined(parts)


def _huge_count(parts: Parts, rng: random.Random) -> bytes:
    counts = [(where, key) for where, key in places(parts.content) if type(where[key]) is int]
    where, key = rng.choice(counts)
    where[key] = rng.choice([10**5, 10**6, 2**31, 2**33, 2**40, 2**62, 2**63 - 1])
    return joined(parts)


def _another_kind(parts: Parts, rng: random.Random) -> bytes:
    """Give an object another name: one of another object, or of code."""
    objects = [where for where, key in places(parts.content) if key == "is"]
    rng.choice(objects)["is"] = rng.choice([*_kinds(), *NAMES_OF_CODE])
    return joined(parts)


@cache
def _kinds() -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                where["is"]
                for name in NAMES
                for where, key in places(split(file_of(name)).content)
                if key == "is"
            }
        )
    )


def _exchanged(parts: Parts, rng: random.Random) -> bytes:
    (first, i), (second, j) = _place(parts, rng), _place(parts, rng)
    first[i], second[j] = copy.deepcopy(second[j]), copy.deepcopy(first[i])
    return joined(parts)


def _transplanted(parts: Parts, rng: random.Random) -> bytes:
    """Put a value of another model into a place, preferably the one with the same name."""
    where, key = _place(parts, rng)
    other = split(file_of(rng.choice(NAMES)))
    found = list(places(other.content))
    same = [(w, k) for w, k in found if k == key] or found
    from_where, from_key = rng.choice(same)
    where[key] = from_where[from_key]
    return joined(parts)


def _a_name_less(parts: Parts, rng: random.Random) -> bytes:
    where, key = _place(parts, rng)
    del where[key]
    return joined(parts)


def _a_name_more(parts: Parts, rng: random.Random) -> bytes:
    objects = [
        parts.content,
        *(where[key] for where, key in places(parts.content) if isinstance(where[key], dict)),
    ]
    rng.choice(objects)[rng.choice(NAMES_OF_CODE)] = copy.deepcopy(rng.choice(VALUES))
    return joined(parts)


def _a_name_twice(parts: Parts, rng: random.Random) -> bytes:
    text = text_of(parts)
    found = rng.choice(list(re.finditer(r'\{("[^"]+"):', text)))
    value = json.dumps(rng.choice([None, 0, "os.system", {}]))
    return joined(parts, text[: found.start() + 1] + f"{found[1]}:{value}," + text[found.start() + 1 :])


def _repeated(parts: Parts, rng: random.Random) -> bytes:
    """Make a list much longer."""
    lists = [
        where[key] for where, key in places(parts.content) if isinstance(where[key], list) and where[key]
    ]
    chosen = rng.choice(lists)
    chosen += [chosen[-1]] * rng.choice([1, 2, 1000, 5000])
    return joined(parts)


CONTENT_EDITS: dict[str, Mutation] = {
    "a hostile value": _hostile_value,
    "hostile text": _hostile_text,
    "a huge count": _huge_count,
    "another kind": _another_kind,
    "exchanged values": _exchanged,
    "a value of another model": _transplanted,
    "a name less": _a_name_less,
    "a name more": _a_name_more,
    "a name twice": _a_name_twice,
    "a long list": _repeated,
}
