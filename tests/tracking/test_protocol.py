"""What a run is, and how it ended."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from seqclf.tracking import RunInfo, Tracker
from seqclf.tracking._protocol import status_of
from tracking.recorders import AsCallbackRecorder, Recorder
from tracking.runs import RUN


def test_four_methods_make_a_tracker() -> None:
    assert isinstance(Recorder(), Tracker)
    assert isinstance(AsCallbackRecorder(), Tracker)


@pytest.mark.parametrize("field", ["name", "group"])
def test_an_empty_name_is_refused(field: str) -> None:
    options: dict[str, Any] = {"name": "trial", field: ""}
    with pytest.raises(ValueError, match=rf"^`{field}` must not be empty; got ''. Name what tells"):
        RunInfo(parameters={}, **options)


def test_a_run_crosses_processes() -> None:
    assert pickle.loads(pickle.dumps(RUN)) == RUN


class TrialPruned(Exception):  # noqa: N818, Optuna's name
    """As Optuna's exception is called."""


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
def test_the_error_tells_how_a_run_ended(error: BaseException | None, status: str) -> None:
    assert status_of(error) == status
