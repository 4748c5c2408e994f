"""Conversion of any value to JSON types."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from seqclf.tracking._values import jsonable
from seqclf.transforms import ZScore


@pytest.mark.parametrize("value", [1, 0.5, "gru", True, None, [1, ["a", None]], {"N": 1.0, "V": {"w": 2}}])
def test_json_types_are_unchanged(value: Any) -> None:
    assert jsonable(value) == value
    assert type(jsonable(value)) is type(value)
    assert json.loads(json.dumps(jsonable(value))) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("N"), "N"),
        (("last", np.int8(1)), ["last", 1]),
        (float("nan"), "nan"),
        (-np.inf, "-inf"),
        ({0: 1.0, 1: 2.0}, "{0: 1.0, 1: 2.0}"),
        (1 + 2j, "(1+2j)"),
        (ZScore(), "ZScore()"),
        (ZScore, "seqclf.transforms._zscore.ZScore"),
        (jsonable, "seqclf.tracking._values.jsonable"),
        (abs, "builtins.abs"),
    ],
)
def test_other_values_become_the_closest_json_type(value: Any, expected: Any) -> None:
    assert jsonable(value) == expected
    assert type(jsonable(value)) is type(expected)
    json.dumps(jsonable(value), allow_nan=False)
