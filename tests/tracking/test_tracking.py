"""Forward one run to several trackers."""

from __future__ import annotations

import optuna
import pytest

from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import RunStatus, Tracking
from seqclf.training import Callback, FitCallback
from tracking.recorders import Recorder
from tracking.runs import EPOCHS, REPORT, RUN, X, Y, small


def test_every_tracker_receives_a_fit_and_its_report() -> None:
    trackers = Recorder(), Recorder()
    with Tracking(trackers, RUN) as tracking:
        model = small(callbacks=[tracking]).fit(X, Y)
        tracking.log_report(REPORT, model)
    expected = [
        ("start", "trial-0003"),
        ("log_epoch", 1),
        ("log_epoch", 2),
        ("log_report", 12),
        ("finish", "complete"),
    ]
    assert [tracker.calls for tracker in trackers] == [expected, expected]


def test_it_is_a_callback_without_fit_start_and_fit_end() -> None:
    tracking = Tracking([], RUN)
    assert isinstance(tracking, Callback)
    assert not isinstance(tracking, FitCallback)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError, "failed"),
        (KeyboardInterrupt, "interrupted"),
        (SystemExit, "interrupted"),
        (optuna.TrialPruned, "pruned"),
    ],
)
def test_an_error_determines_the_status(error: type[BaseException], expected: RunStatus) -> None:
    tracker = Recorder()
    with pytest.raises(error), Tracking([tracker], RUN):
        raise error
    assert tracker.calls[-1] == ("finish", expected)


def test_a_failing_tracker_stops_neither_the_training_nor_the_others() -> None:
    broken, sound = Recorder(fails="start"), Recorder()
    with pytest.warns(SeqclfWarning, match=r"`Recorder.start` raised OSError: disk full"):
        tracking = Tracking([broken, sound], RUN).__enter__()
    tracking.on_epoch_end(EPOCHS[0])
    tracking.__exit__(None, None, None)
    assert [name for name, _ in broken.calls] == ["start", "finish"]
    assert [name for name, _ in sound.calls] == ["start", "log_epoch", "finish"]


def test_an_interrupt_during_start_finishes_the_started_trackers() -> None:
    started, interrupted = Recorder(), Recorder(fails="start", error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt), Tracking([started, interrupted], RUN):
        pass
    assert started.calls == [("start", "trial-0003"), ("finish", "interrupted")]


def test_an_interrupt_during_finish_is_raised_after_all_have_finished() -> None:
    trackers = [Recorder(fails="finish", error=KeyboardInterrupt) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt), Tracking(trackers, RUN):
        pass
    assert [tracker.calls[-1] for tracker in trackers] == [("finish", "complete")] * 2
