"""Run information, status, and the tracker protocol."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from seqclf.tracking import RunInfo, Tracker
from seqclf.tracking._protocol import status_of
from tracking.recorders import CallbackTrackerRecorder, Recorder
from tracking.runs import RUN


def test_an_object_with_the_four_methods_is_a_tracker() -> None:
    assert isinstance(Recorder(), Tracker)
    assert isinstance(CallbackTrackerRecorder(), Tracker)


@pytest.mark.parametrize("field", ["name", "group"])
def test_an_empty_name_is_refused(field: str) -> None:
    options: dict[str, Any] = {"name": "trial", field: ""}
    with pytest.raises(
        ValueError, match=rf"^`{field}` must not be empty; got ''. Use a name that identifies the"
    ):
        RunInfo(parameters={}, **options)


def test_run_info_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(RUN)) == RUN


class TrialPruned(Exception):  # noqa: N818, Optuna's name
    """Has the name of Optuna's exception."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "complete"),
        (TrialPruned(), "pruned"),
        (type("MyPruned", (TrialPruned,), {})(), "pruned"),
        (ValueError(), "failed"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_the_error_determines_the_status_of_a_run(error: BaseException | None, status: str) -> None:
    assert status_of(error) == status
