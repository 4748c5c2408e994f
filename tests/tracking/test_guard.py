"""Errors of a tracker do not stop the training."""

from __future__ import annotations

import warnings

import pytest

from seqclf.exceptions import SeqclfWarning
from seqclf.tracking._guard import Guard
from tracking.recorders import Recorder
from tracking.runs import EPOCHS, REPORT, RUN


def test_all_calls_of_a_run_are_forwarded() -> None:
    tracker = Recorder()
    guard = Guard(tracker, name="Recorder")
    guard.start(RUN)
    guard.log_epoch(EPOCHS[0])
    guard.log_report(REPORT)
    guard.finish("pruned")
    assert tracker.calls == [
        ("start", "trial-0003"),
        ("log_epoch", 1),
        ("log_report", 12),
        ("finish", "pruned"),
    ]


def test_after_an_error_there_is_one_warning_and_no_further_call() -> None:
    tracker = Recorder(fails="log_epoch")
    guard = Guard(tracker, name="Recorder")
    guard.start(RUN)
    with pytest.warns(
        SeqclfWarning, match=r"^`Recorder.log_epoch` raised OSError: disk full. Training continues"
    ):
        guard.log_epoch(EPOCHS[0])
    guard.log_epoch(EPOCHS[1])
    guard.log_report(REPORT)
    guard.finish("complete")
    assert tracker.calls == [("start", "trial-0003"), ("log_epoch", 1), ("finish", "failed")]


@pytest.mark.parametrize("method", ["start", "finish"])
def test_a_second_error_in_finish_is_not_reported(method: str) -> None:
    tracker = Recorder(fails=f"{method} finish")
    guard = Guard(tracker, name="Recorder")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        guard.start(RUN)
        guard.finish("complete")
    assert [str(warning.message).split(" raised")[0] for warning in caught] == [f"`Recorder.{method}`"]
    assert [name for name, _ in tracker.calls] == ["start", "finish"]


def test_the_next_run_is_forwarded_again() -> None:
    tracker = Recorder(fails="log_report")
    guard = Guard(tracker, name="Recorder")
    for _ in range(2):
        guard.start(RUN)
        with pytest.warns(SeqclfWarning, match=r"Recorder.log_report"):
            guard.log_report(REPORT)
    assert [name for name, _ in tracker.calls] == ["start", "log_report", "finish"] * 2


def test_nothing_is_forwarded_before_start_or_after_finish() -> None:
    tracker = Recorder()
    guard = Guard(tracker, name="Recorder")
    guard.log_epoch(EPOCHS[0])
    guard.start(RUN)
    guard.finish("complete")
    guard.finish("failed")
    assert tracker.calls == [("start", "trial-0003"), ("finish", "complete")]


def test_an_interrupt_is_raised() -> None:
    guard = Guard(Recorder(fails="log_epoch", error=KeyboardInterrupt), name="Recorder")
    guard.start(RUN)
    with pytest.raises(KeyboardInterrupt):
        guard.log_epoch(EPOCHS[0])
