"""Models in the artifacts of trackers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from seqclf import SeqclfWarning, as_sequences, describe_file, load
from seqclf.tracking import CsvTracker, MlflowTracker, RunInfo, WandbTracker
from seqclf.tracking._model_file import write_model
from seqclf.transforms import ZScore
from tracking.runs import ACCURACY, REPORT, X, Y, fitted, small


class Custom(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer that no file can hold."""

    def fit(self, X: Any, y: object = None) -> Custom:
        return self

    def transform(self, X: Any) -> Any:
        return as_sequences(X)

    def __sklearn_is_fitted__(self) -> bool:
        return True


@pytest.mark.parametrize("scaler", [None, ZScore()])
def test_a_model_and_its_scores_are_read_back(scaler: Any, tmp_path: Path) -> None:
    model = fitted() if scaler is None else make_pipeline(scaler, small()).fit(X, Y)
    path = write_model(model, tmp_path, REPORT)
    assert path == tmp_path / "model.safetensors"
    np.testing.assert_array_equal(load(path).predict_proba(X), model.predict_proba(X))
    scores = describe_file(path).scores
    assert scores is not None
    assert scores["accuracy"] == ACCURACY


def test_a_tracker_in_the_callbacks_is_no_obstacle(tmp_path: Path) -> None:
    with CsvTracker(tmp_path) as tracker:
        model = small(callbacks=[tracker]).fit(X, Y)
        tracker.log_report(REPORT, model)
    found = load(tmp_path / "GRUClassifier" / "model.safetensors")
    np.testing.assert_array_equal(found.predict_proba(X), model.predict_proba(X))


def test_a_report_is_logged_without_a_model_that_no_file_can_hold(tmp_path: Path) -> None:
    model = make_pipeline(Custom(), small()).fit(X, Y)
    message = re.escape(
        "A logged model must be one that `seqclf.save` can write; the report is logged without it: "
    )
    trackers: dict[str, Any] = {"csv": CsvTracker(tmp_path / "csv")}
    pytest.importorskip("mlflow")
    trackers["mlflow"] = MlflowTracker(tmp_path / "mlflow")
    pytest.importorskip("wandb")
    trackers["wandb"] = WandbTracker(mode="offline", folder=tmp_path / "wandb")
    for name, tracker in trackers.items():
        tracker.start(RunInfo(name="run", parameters={}))
        if name == "csv":
            tracker.log_report(REPORT, fitted())
        with pytest.warns(SeqclfWarning, match=message) as caught:
            tracker.log_report(REPORT, model)
        assert len(caught) == 1, "the run stays open"
        tracker.finish("complete")
    assert (tmp_path / "csv" / "run" / "status.json").exists()
    assert (tmp_path / "csv" / "run" / "report.csv").exists()
    assert list(tmp_path.rglob("*.safetensors")) == []
