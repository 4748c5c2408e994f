"""Trackers as callbacks of `fit`."""

from __future__ import annotations

import copy
import pickle

import pytest
from sklearn.base import clone

from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import RunInfo
from seqclf.training import EpochRecord, FitCallback
from tracking.recorders import CallbackTrackerRecorder
from tracking.runs import EPOCHS, REPORT, RUN, X, Y, small

FIT = [("start", "GRUClassifier"), ("log_epoch", 1), ("log_epoch", 2)]


class Raises:
    """Raises in the second epoch."""

    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def on_epoch_end(self, record: EpochRecord) -> None:
        if record.epoch == 2:
            raise self.error("enough")


def test_a_fit_is_a_run() -> None:
    tracker = CallbackTrackerRecorder()
    model = small(callbacks=[tracker])
    model.fit(X, Y)
    model.fit(X, Y)
    assert isinstance(tracker, FitCallback)
    assert tracker.calls == [[*FIT, ("finish", "complete")]] * 2


@pytest.mark.parametrize(("error", "status"), [(ValueError, "failed"), (KeyboardInterrupt, "interrupted")])
def test_a_fit_that_raises_finishes_its_run(error: type[BaseException], status: str) -> None:
    tracker = CallbackTrackerRecorder()
    with pytest.raises(error, match="enough"):
        small(callbacks=[tracker, Raises(error)]).fit(X, Y)
    assert tracker.calls == [[*FIT, ("finish", status)]]


def test_in_a_with_block_the_run_stays_open_for_a_report() -> None:
    with CallbackTrackerRecorder() as tracker:
        model = small(callbacks=[tracker]).fit(X, Y)
        tracker.log_report(REPORT, model)
    assert tracker.calls == [[*FIT, ("log_report", 12), ("finish", "complete")]]


def test_after_a_with_block_a_fit_finishes_its_run_again() -> None:
    with CallbackTrackerRecorder() as tracker:
        small(callbacks=[tracker]).fit(X, Y)
    small(callbacks=[tracker]).fit(X, Y)
    assert tracker.calls == [[*FIT, ("finish", "complete")]] * 2


def test_in_a_with_block_each_fit_is_a_run() -> None:
    with CallbackTrackerRecorder() as tracker:
        for _ in range(2):
            small(callbacks=[tracker]).fit(X, Y)
            tracker.log_report(REPORT)
    assert tracker.calls == [[*FIT, ("log_report", 12), ("finish", "complete")]] * 2


def test_an_error_in_a_with_block_determines_the_status() -> None:
    tracker = CallbackTrackerRecorder()

    def fit_and_fail() -> None:
        with tracker:
            small(callbacks=[tracker]).fit(X, Y)
            raise RuntimeError("no test set")

    with pytest.raises(RuntimeError, match="no test set"):
        fit_and_fail()
    assert tracker.calls == [[*FIT, ("finish", "failed")]]


def test_in_a_with_block_a_fit_that_raises_finishes_its_run_at_once() -> None:
    with CallbackTrackerRecorder() as tracker:
        with pytest.raises(ValueError, match="enough"):
            small(callbacks=[tracker, Raises(ValueError)]).fit(X, Y)
        assert tracker.calls == [[*FIT, ("finish", "failed")]]


def test_a_run_started_by_hand_stays_open_until_finish() -> None:
    tracker = CallbackTrackerRecorder()
    model = small(callbacks=[tracker])
    tracker.start(RUN)
    model.partial_fit(X, Y)
    model.partial_fit(X, Y)
    tracker.log_report(REPORT)
    tracker.finish("complete")
    expected = [
        ("start", "trial-0003"),
        ("log_epoch", 1),
        ("log_epoch", 2),
        ("log_report", 12),
        ("finish", "complete"),
    ]
    assert tracker.calls == [expected]
    tracker.start(RUN)
    model.fit(X, Y)
    assert tracker.calls[1:] == [[("start", "trial-0003"), ("log_epoch", 1), ("log_epoch", 2)]]


def test_start_finishes_the_open_run() -> None:
    tracker = CallbackTrackerRecorder()
    tracker.start(RUN)
    tracker.start(RunInfo(name="next", parameters={}))
    assert tracker.calls == [[("start", "trial-0003"), ("finish", "complete")], [("start", "next")]]


@pytest.mark.parametrize("fails", ["start", "log_epoch", "log_report", "finish"])
def test_a_failing_tracker_does_not_stop_the_training(fails: str) -> None:
    tracker = CallbackTrackerRecorder(fails=fails)

    def fit_and_report() -> int:
        with tracker:
            model = small(callbacks=[tracker]).fit(X, Y)
            tracker.log_report(REPORT, model)
        return model.n_epochs_

    with pytest.warns(SeqclfWarning, match=rf"`CallbackTrackerRecorder.{fails}` raised OSError") as caught:
        assert fit_and_report() == 2
    assert len(caught) == 1


def test_an_interrupt_while_a_run_starts_finishes_it() -> None:
    tracker = CallbackTrackerRecorder(fails="start", error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        small(callbacks=[tracker]).fit(X, Y)
    assert tracker.calls == [[("start", "GRUClassifier"), ("finish", "interrupted")]]


def test_logging_without_a_run_warns() -> None:
    tracker = CallbackTrackerRecorder()
    model = small(callbacks=[tracker]).fit(X, Y)
    message = r"must have an open run to log {}; it has none, so {} is not logged. `fit` opens and closes a run; `with"
    with pytest.warns(SeqclfWarning, match=message.format("a report", "a report")):
        tracker.log_report(REPORT, model)
    with pytest.warns(SeqclfWarning, match=message.format("an epoch", "an epoch")):
        tracker.log_epoch(EPOCHS[0])
    tracker.finish("complete")


def test_the_run_has_the_parameters_of_the_estimator() -> None:
    seen: list[RunInfo] = []

    class Shown(CallbackTrackerRecorder):
        def start(self, run: RunInfo) -> None:
            raise AssertionError("`fit` does not call `start`")

        def _start(self, run: RunInfo, *, by_fit: bool) -> None:
            seen.append(run)

    with pytest.warns(SeqclfWarning, match="must have an open run"):
        small(callbacks=[Shown()], lr=0.25).fit(X, Y)
    assert (seen[0].name, seen[0].group) == ("GRUClassifier", None)
    assert seen[0].parameters["lr"] == 0.25
    assert seen[0].parameters["hidden_size"] == 4
    assert "callbacks" not in seen[0].parameters


def test_a_copy_has_the_parameters_but_no_run() -> None:
    with CallbackTrackerRecorder(fails="log_epoch") as tracker:
        tracker.start(RUN)
        copies = [
            copy.deepcopy(tracker),
            clone(small(callbacks=[tracker])).callbacks[0],
            pickle.loads(pickle.dumps(tracker)),
        ]
    assert [vars(one) for one in copies] == [{"fails": "log_epoch", "error": OSError}] * 3


def test_repr_shows_the_parameters() -> None:
    assert (
        repr(CallbackTrackerRecorder("start"))
        == "CallbackTrackerRecorder(fails='start', error=<class 'OSError'>)"
    )
