"""Nested values survive the way through JSON and tensors, and nothing else passes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch

from seqclf.training._tree import flatten, unflatten

SHARED = torch.arange(3.0)
VALUES: dict[str, Any] = {
    "plain": {"a": [1, 2.5, "x", None, True], 0: (1, (2,)), "0": []},
    "not finite": [math.inf, -math.inf],
    "tensors": {
        "0": torch.tensor([1, 2]),
        0: torch.tensor(0.5),
        "empty": torch.zeros(0, 2),
        "half": SHARED.half(),
    },
    "shared memory": [SHARED, SHARED, SHARED[1:], SHARED[::2]],
    "keys of tensors": {"0_": torch.ones(1), 0: torch.zeros(1), "0": torch.ones(2)},
}


def equal(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("name", VALUES)
def test_values_survive(name: str) -> None:
    tensors: dict[str, torch.Tensor] = {}
    flat = json.loads(json.dumps(flatten(VALUES[name], tensors, "v"), allow_nan=False))
    assert equal(unflatten(flat, tensors), VALUES[name])
    assert len({one.data_ptr() for one in tensors.values() if one.numel()}) == sum(
        one.numel() > 0 for one in tensors.values()
    )


def test_nan_survives() -> None:
    assert math.isnan(unflatten(flatten([math.nan], {}, "v"), {})[0])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"f": len}, r"`v.f` is of builtins.builtin_function_or_method"),
        ([1, {2}], r"`v.1` is of builtins.set"),
        (torch.eye(2).to_sparse(), r"`v` is of torch.Tensor"),
    ],
)
def test_objects_are_refused_with_their_place(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        flatten(value, {}, "v")


def test_a_kind_that_nothing_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="a value of kind 'object'"):
        unflatten({"object": "os.system"}, {})
