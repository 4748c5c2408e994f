"""A tracker that fails is left alone, and the training goes on."""

from __future__ import annotations

import warnings

import pytest

from seqclf.exceptions import SeqclfWarning
from seqclf.tracking._guard import Guard
from tracking.recorders import Recorder
from tracking.runs import EPOCHS, REPORT, RUN


def test_a_tracker_hears_all_of_a_run() -> None:
    tracker = Recorder()
    guard = Guard(tracker, name="Recorder")
    guard.start(RUN)
    guard.log_epoch(EPOCHS[0])
    guard.log_report(REPORT)
    guard.finish("pruned")
    assert tracker.told == [
        ("start", "trial-0003"),
        ("log_epoch", 1),
        ("log_report", 12),
        ("finish", "pruned"),
    ]


def test_one_that_fails_gives_one_warning_and_is_left_alone() -> None:
    tracker = Recorder(fails="log_epoch")
    guard = Guard(tracker, name="Recorder")
    guard.start(RUN)
    with pytest.warns(
        SeqclfWarning, match=r"^`Recorder.log_epoch` raised OSError: disk full. The training goes"
    ):
        guard.log_epoch(EPOCHS[0])
    guard.log_epoch(EPOCHS[1])
    guard.log_report(REPORT)
    guard.finish("complete")
    assert tracker.told == [("start", "trial-0003"), ("log_epoch", 1), ("finish", "failed")]


@pytest.mark.parametrize("method", ["start", "finish"])
def test_one_whose_end_fails_too_warns_once(method: str) -> None:
    tracker = Recorder(fails=f"{method} finish")
    guard = Guard(tracker, name="Recorder")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        guard.start(RUN)
        guard.finish("complete")
    assert [str(warning.message).split(" raised")[0] for warning in caught] == [f"`Recorder.{method}`"]
    assert [name for name, _ in tracker.told] == ["start", "finish"]


def test_the_next_run_is_told_again() -> None:
    tracker = Recorder(fails="log_report")
    guard = Guard(tracker, name="Recorder")
    for _ in range(2):
        guard.start(RUN)
        with pytest.warns(SeqclfWarning, match=r"Recorder.log_report"):
            guard.log_report(REPORT)
    assert [name for name, _ in tracker.told] == ["start", "log_report", "finish"] * 2


def test_before_the_start_and_after_the_end_nothing_is_told() -> None:
    tracker = Recorder()
    guard = Guard(tracker, name="Recorder")
    guard.log_epoch(EPOCHS[0])
    guard.start(RUN)
    guard.finish("complete")
    guard.finish("failed")
    assert tracker.told == [("start", "trial-0003"), ("finish", "complete")]


def test_an_interrupt_passes_through() -> None:
    guard = Guard(Recorder(fails="log_epoch", error=KeyboardInterrupt), name="Recorder")
    guard.start(RUN)
    with pytest.raises(KeyboardInterrupt):
        guard.log_epoch(EPOCHS[0])
