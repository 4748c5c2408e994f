"""Rows are ordered by group, then by time."""

from __future__ import annotations

import numpy as np

from seqclf.sequences.convert._groups import changed, group_rows, repeated


def test_a_tiny_case_by_hand() -> None:
    codes = np.array([1, 0, 1, 0])
    groups = group_rows(codes, None, 2)
    assert groups.order is not None
    assert (groups.order.tolist(), groups.offsets.tolist()) == ([1, 3, 0, 2], [0, 2, 4])
    timed = group_rows(codes, np.array([0.5, 3.0, 0.25, 4.0]), 2)
    assert timed.arrange(np.array(["a", "b", "c", "d"])).tolist() == ["b", "d", "c", "a"]
    assert timed.row(2) == 2


def test_rows_in_order_are_not_moved() -> None:
    groups = group_rows(np.array([0, 0, 1]), np.array([1, 2, 0]), 2)
    assert groups.order is None
    column = np.ones(3)
    assert groups.arrange(column) is column
    assert groups.row(2) == 2


def test_values_of_different_groups_are_not_compared() -> None:
    offsets = np.array([0, 2, 3])
    assert repeated(np.array([1, 1, 1]), offsets).tolist() == [True, False]
    assert changed(np.array([1, 2, 3]), offsets).tolist() == [True, False]
    assert repeated(np.array([1]), np.array([0, 1])).tolist() == []
