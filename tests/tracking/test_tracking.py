"""One run, told to several trackers."""

from __future__ import annotations

import optuna
import pytest

from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import RunStatus, Tracking
from seqclf.training import Callback, FitCallback
from tracking.recorders import Recorder
from tracking.runs import EPOCHS, REPORT, RUN, X, Y, small


def test_every_tracker_hears_a_fit_and_its_report() -> None:
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
    assert [tracker.told for tracker in trackers] == [expected, expected]


def test_it_is_a_callback_that_a_fit_neither_begins_nor_ends() -> None:
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
def test_an_error_tells_how_the_run_ended(error: type[BaseException], expected: RunStatus) -> None:
    tracker = Recorder()
    with pytest.raises(error), Tracking([tracker], RUN):
        raise error
    assert tracker.told[-1] == ("finish", expected)


def test_one_that_fails_takes_neither_the_training_nor_the_others_with_it() -> None:
    broken, sound = Recorder(fails="start"), Recorder()
    with pytest.warns(SeqclfWarning, match=r"`Recorder.start` raised OSError: disk full"):
        tracking = Tracking([broken, sound], RUN).__enter__()
    tracking.on_epoch_end(EPOCHS[0])
    tracking.__exit__(None, None, None)
    assert [name for name, _ in broken.told] == ["start", "finish"]
    assert [name for name, _ in sound.told] == ["start", "log_epoch", "finish"]


def test_an_interrupt_at_the_start_ends_what_had_begun() -> None:
    begun, interrupted = Recorder(), Recorder(fails="start", error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt), Tracking([begun, interrupted], RUN):
        pass
    assert begun.told == [("start", "trial-0003"), ("finish", "interrupted")]


def test_an_interrupt_at_the_end_of_one_is_heard_after_the_end_of_the_others() -> None:
    trackers = [Recorder(fails="finish", error=KeyboardInterrupt) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt), Tracking(trackers, RUN):
        pass
    assert [tracker.told[-1] for tracker in trackers] == [("finish", "complete")] * 2
