"""The scores of a class are found by its name and by its label, as given."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from seqclf.evaluation import Report, evaluate


@pytest.mark.parametrize(
    ("labels", "keys"),
    [
        ([0, 1], [1, 1.0, True, np.int64(1), np.float64(1.0), np.uint8(1), "1"]),
        ([0.0, 1.0], [1, 1.0, np.float64(1.0), np.float32(1.0), np.int64(1), "1.0"]),
        ([False, True], [True, np.True_, 1, "True"]),
        (["N", "V"], ["V", np.str_("V")]),
        (np.array([2.0, 7.0]), [7.0, np.float64(7), 7, "7.0"]),
        (np.array([2, 7]), [7.0, np.int64(7), 7, "7"]),
    ],
)
def test_every_equal_label_finds_its_class(labels: Any, keys: list[Any]) -> None:
    first, second = labels
    table = evaluate([first] * 3 + [second] * 2, [first] * 3 + [second] * 2).per_class
    for key in keys:
        assert table[key].support == 2
        assert key in table
        assert table.get(key) is table[key]


def test_a_name_comes_before_a_label() -> None:
    confusion = np.array([[3, 0], [0, 2]])
    table = Report(labels=("a", "b"), target_names=("b", "c"), confusion=confusion).per_class
    assert (table["b"].support, table["c"].support, table["a"].support) == (3, 2, 3)


def test_it_is_a_mapping_of_the_names() -> None:
    table = evaluate([0, 1], [0, 1], target_names=["N", "V"]).per_class
    assert list(table) == list(table.keys()) == ["N", "V"]
    assert len(table) == 2
    assert table == dict(table.items())
    assert repr(table) == repr(dict(table))


@pytest.mark.parametrize("key", [2, 0.5, "S", None, np.nan])
def test_an_unknown_class_is_named(key: Any) -> None:
    table = evaluate([0, 1], [0, 1], target_names=["N", "V"]).per_class
    message = (
        "A class must be given by its name, one of ['N', 'V'], or by its label, one of [0, 1]; "
        + f"got {key!r}."
    )
    with pytest.raises(KeyError, match=re.escape(message)):
        table[key]
    assert key not in table
