"""Callbacks are notified of the start, the epochs and the end of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ramps import ramps, small
from seqclf.training import EpochRecord

DATA = ramps()


class Recorder:
    """Records the notifications of a fit; raises `error` in the one named by `fails`."""

    def __init__(self, fails: str = "", error: BaseException | None = None) -> None:
        self.notified: list[Any] = []
        self._fails = fails
        self._error = error

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        self._record("start", (name, parameters))

    def on_epoch_end(self, record: EpochRecord) -> None:
        self._record("epoch", record.epoch)

    def on_fit_end(self, error: BaseException | None) -> None:
        self._record("end", error)

    def _record(self, method: str, what: Any) -> None:
        self.notified.append(what)
        if method == self._fails and self._error is not None:
            raise self._error


def test_a_callback_is_notified_of_start_epochs_and_end() -> None:
    recorder = Recorder()
    model = small(callbacks=[recorder], max_epochs=2).fit(DATA.sequences, DATA.y)
    (name, parameters), *rest = recorder.notified
    assert name == "GRUClassifier"
    assert (
        dict(parameters)
        == {key: value for key, value in model.get_params(deep=False).items() if key != "callbacks"}
        | model.auto_parameters_
    )
    assert rest == [1, 2, None]


@pytest.mark.parametrize("error", [ValueError("enough"), KeyboardInterrupt()])
@pytest.mark.parametrize("verbose", [False, True])
def test_a_callback_is_notified_of_the_error_that_ended_a_fit(error: BaseException, verbose: bool) -> None:
    recorder = Recorder()
    model = small(callbacks=[recorder, Recorder("epoch", error)], verbose=verbose)
    with pytest.raises(type(error)):
        model.fit(DATA.sequences, DATA.y)
    assert recorder.notified[1:] == [1, error]


def test_every_started_callback_is_notified_of_the_end_even_if_others_raise() -> None:
    recorder, error = Recorder(), OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        small(callbacks=[recorder, Recorder("start", error)]).fit(DATA.sequences, DATA.y)
    assert recorder.notified[1:] == [error]
    with pytest.raises(OSError, match="disk full"):
        small(callbacks=[recorder, Recorder("end", error)], max_epochs=1).fit(DATA.sequences, DATA.y)
    assert recorder.notified[3:] == [1, error]


def test_no_callback_is_notified_of_a_rejected_fit() -> None:
    recorder = Recorder()
    with pytest.raises(ValueError, match="batch_size"):
        small(callbacks=[recorder], batch_size=0).fit(DATA.sequences, DATA.y)
    assert recorder.notified == []


def test_partial_fit_notifies_of_epochs_only_and_continues_their_numbers() -> None:
    recorder = Recorder()
    model = small(callbacks=[recorder], max_epochs=2)
    model.partial_fit(DATA.sequences, DATA.y).partial_fit(DATA.sequences, DATA.y)
    assert recorder.notified == [1, 2]
    model.fit(DATA.sequences, DATA.y).partial_fit(DATA.sequences, DATA.y)
    assert recorder.notified[3:] == [1, 2, None, 3]
    assert [record.epoch for record in model.history_] == [1, 2, 3]
