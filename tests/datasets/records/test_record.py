from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqclf.datasets import WFDBRecord
from seqclf.exceptions import InvalidSequenceError

FIELDS: dict[str, Any] = {
    "signal": np.zeros((100, 2)),
    "sampling_rate": 250.0,
    "channels": ("I", "II"),
    "samples": np.array([0, 5, 5]),
    "symbols": np.array(["N", "N", "+"]),
}


def test_a_record_shows_what_it_has() -> None:
    assert (
        repr(WFDBRecord(**FIELDS, name="r1")) == "WFDBRecord(r1: 100 steps at 250 Hz of I, II; 3 annotations)"
    )
    without = FIELDS | {"samples": None, "symbols": None, "sampling_rate": 62.4725}
    assert repr(WFDBRecord(**without)) == "WFDBRecord(100 steps at 62.4725 Hz of I, II)"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"signal": np.zeros(100)}, r"`signal` must have shape \(n_steps, 2\).*got shape \(100,\)\. For one channel"),
        ({"channels": ("I",)}, r"`signal` must have shape \(n_steps, 1\).*got shape \(100, 2\)"),
        ({"units": ("mV",)}, r"`units` must have one entry for each of the 2 channels; got 1\. Pass an empty tuple"),
        ({"samples": np.array([5, 0, 5])}, r"`samples` must be one array of steps from 0 in ascending order"),
        ({"samples": np.array([-1, 0, 5])}, r"`samples` must be one array of steps from 0 in ascending order"),
        ({"samples": np.zeros((3, 1), dtype=int)}, r"`samples` must be one array .*; got shape \(3, 1\)\. Sort"),
        ({"symbols": np.array(["N"])}, r"`symbols` must have one entry for each of the 3 annotations; got shape \(1,\)"),
        ({"notes": np.array(["N"])}, r"`notes` must have one entry for each of the 3 annotations; got shape \(1,\)"),
        ({"sampling_rate": 0}, r"`sampling_rate` must be positive and finite; got 0"),
    ],
)  # fmt: skip
def test_fields_that_do_not_fit_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        WFDBRecord(**FIELDS | fields)
    assert isinstance(caught.value, InvalidSequenceError) or "sampling_rate" in fields


def test_lists_become_arrays() -> None:
    record = WFDBRecord(
        signal=[[1], [2], [3]],  # type: ignore[arg-type]
        sampling_rate=np.int64(250),  # type: ignore[arg-type]
        channels=["II"],  # type: ignore[arg-type]
        samples=[0, 2],  # type: ignore[arg-type]
        symbols=["N", "V"],  # type: ignore[arg-type]
    )
    assert record.signal.dtype == np.float64
    assert (record.sampling_rate, record.channels) == (250.0, ("II",))
    assert record.samples is not None
    assert record.samples.dtype == np.int64


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"signal": np.array([["a", "b"]])}, r"`signal` must hold real numbers; got dtype <U1\. Convert"),
        ({"samples": np.array([0.2, 1.7, 3.1])}, r"`samples` must hold integers, .*; got dtype float64\. For times"),
        ({"channels": "I"}, r"`channels` must be a sequence of str; got 'I'"),
        ({"channels": ("I", 2)}, r"`channels\[1\]` must be a str; got int"),
        ({"name": 100}, r"`name` must be a str; got int"),
    ],
)  # fmt: skip
def test_fields_of_another_type_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        WFDBRecord(**FIELDS | fields)
