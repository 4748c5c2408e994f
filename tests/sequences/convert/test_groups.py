"""Rows are ordered by group, then by time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seqclf.sequences.convert._groups import as_integers, changed, group_rows, repeated


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


@pytest.mark.parametrize(
    "dtype",
    ["i1", "u1", "i8", "u8", ">i4", "f2", "f4", "f8", ">f8", "longdouble", "M8[ns]", ">M8[s]", "m8[us]"],
)
def test_times_of_any_type_are_ordered_as_a_stable_sort_orders_them(dtype: Any) -> None:
    kind = np.dtype(dtype)
    times = hnp.from_dtype(kind, allow_nan=False)

    @given(hnp.arrays(kind, st.integers(1, 30), elements=times), st.randoms(use_true_random=False))
    def check(time: Any, random: Any) -> None:
        time = time[time == time]  # without NaT
        if not len(time):
            return
        expected = np.argsort(time, kind="stable")
        assert np.argsort(as_integers(time), kind="stable").tolist() == expected.tolist()
        _, codes = np.unique([random.randrange(3) for _ in time], return_inverse=True)
        time.setflags(write=False)
        groups = group_rows(codes, time, int(codes.max()) + 1)
        assert groups.arrange(np.arange(len(time))).tolist() == np.lexsort((time, codes)).tolist()

    check()


def test_times_too_far_apart_for_one_key_are_ordered() -> None:
    time = np.array([2**63 - 1, -(2**63), 0, -(2**63)])
    assert group_rows(np.zeros(4), time, 1).order.tolist() == [1, 3, 2, 0]  # type: ignore[union-attr]


def test_a_log_in_the_order_of_time_keeps_it() -> None:
    codes, time = np.array([1, 0, 1, 0]), np.array([1, 1, 2, 3])
    assert group_rows(codes, time, 2).order.tolist() == [1, 3, 0, 2]  # type: ignore[union-attr]
