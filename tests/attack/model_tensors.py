"""Edits of the tensors in a model file: their entries in the header, and their numbers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from attack.model_bytes import Parts, joined
from attack.model_values import DTYPES, NAMES_OF_CODE, SHAPES, VALUES


def _edited_entry(parts: Parts, rng: random.Random) -> bytes:
    """Change dtype, shape or place of one tensor."""
    entry = parts.tensors[rng.choice(sorted(parts.tensors))]
    shape, (begin, end) = entry["shape"], entry["data_offsets"]
    places: tuple[Any, ...] = (
        *([begin, end + 4], [begin - 4, end], [end, begin], [0, 2**63], [2**64, 2**64]),
        *([begin], [], None, [0.0, 4.0], [-4, 0], "0"),
    )
    shapes = [*SHAPES, shape[::-1], [*shape, 1], [int(np.prod(shape))]]
    changes: tuple[dict[str, Any], ...] = (
        {"dtype": rng.choice(DTYPES)},
        {"shape": rng.choice(shapes)},
        {"data_offsets": rng.choice(places)},
        {rng.choice(["dtype", "shape", "data_offsets", "more"]): rng.choice(VALUES)},
        {"dtype": "F16", "shape": [*shape, 2]},
        {"dtype": "I32"},
        {"dtype": "F64", "shape": [(end - begin) // 8]},
    )
    entry.update(rng.choice(changes))
    return joined(parts)


def _moved_tensors(parts: Parts, rng: random.Random) -> bytes:
    """Exchange, rename, remove or add tensors."""
    tensors = parts.tensors
    name, other = rng.choice(sorted(tensors)), rng.choice(sorted(tensors))
    one, two = tensors[name], tensors[other]
    new = rng.choice(NAMES_OF_CODE) or "x"
    match rng.randrange(7):
        case 0:
            one["data_offsets"], two["data_offsets"] = two["data_offsets"], one["data_offsets"]
        case 1:
            tensors[name], tensors[other] = two, one
        case 2:
            one["data_offsets"] = two["data_offsets"]
        case 3:
            del tensors[name]
        case 4:
            tensors[new] = rng.choice([one, None, {}, [], {**one, "more": 1}])
        case 5:
            tensors[new] = tensors.pop(name)
        case _:
            end = one["data_offsets"][1]
            tensors["x"] = {"dtype": "F32", "shape": [0, 2**40], "data_offsets": [end, end]}
    return joined(parts)


def _other_weights(parts: Parts, rng: random.Random) -> bytes:
    """Change numbers of the tensors: a flipped bit, or values that are not finite or far out of range."""
    data = bytearray(parts.data)
    if rng.random() < 0.5:
        for _ in range(rng.choice([1, 1, 20])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    else:
        for _ in range(rng.choice([1, 3, 200])):
            i = 4 * rng.randrange(len(data) // 4)
            data[i : i + 4] = np.float32(
                rng.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0.0])
            ).tobytes()
    parts.data = bytes(data)
    return joined(parts)


TENSOR_EDITS = {
    "an edited entry": _edited_entry,
    "moved tensors": _moved_tensors,
    "other weights": _other_weights,
}
