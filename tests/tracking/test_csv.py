"""Read back the folders that `CsvTracker` writes."""

from __future__ import annotations

import csv
import json
import pickle
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf import load
from seqclf.evaluation import evaluate
from seqclf.exceptions import SeqclfWarning
from seqclf.tracking import CsvTracker, RunInfo
from tracking.runs import EPOCHS, F1_OF_N, REPORT, RUN, X, Y, fitted, log, small


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_a_whole_run_is_read_back(tmp_path: Path) -> None:
    log(CsvTracker(tmp_path))
    folder = tmp_path / "beats" / "trial-0003"
    assert read(folder / "parameters.json") == {
        "lr": 0.5,
        "hidden_size": 4,
        "cell": "gru",
        "stem": None,
        "pooling": ["last", "mean"],
        "loss": "builtins.abs",
    }
    first, second = table(folder / "epochs.csv")
    assert (first["epoch"], first["train_loss"], first["valid_loss"]) == ("1", "0.5", "")
    assert (second["epoch"], second["train_macro_f1"], second["valid_macro_f1"]) == ("2", "0.8125", "0.9375")
    report = {row["class"]: row for row in table(folder / "report.csv")}
    assert list(report) == ["N", "V", "accuracy", "macro avg", "weighted avg"]
    assert float(report["N"]["f1"]) == F1_OF_N
    assert (report["accuracy"]["f1"], report["accuracy"]["precision"]) == ("0.75", "")
    assert table(folder / "confusion.csv") == [
        {"true": "N", "N": "8", "V": "2"},
        {"true": "V", "N": "1", "V": "1"},
    ]
    found = load(folder / "model.safetensors")
    np.testing.assert_array_equal(found.predict_proba(X), fitted().predict_proba(X))
    status = read(folder / "status.json")
    assert [status[name] for name in ("status", "name", "group")] == ["complete", "trial-0003", "beats"]
    assert datetime.fromisoformat(status["started"]).tzinfo is not None
    assert 0 <= status["seconds"] < 3600  # of this run, not since 1970
    assert len(list(folder.iterdir())) == 6


def test_each_epoch_is_on_disk_when_it_ends(tmp_path: Path) -> None:
    tracker = CsvTracker(tmp_path)
    tracker.start(RUN)
    for n, record in enumerate(EPOCHS, start=1):
        tracker.log_epoch(record)
        assert [row["epoch"] for row in table(tmp_path / "beats/trial-0003/epochs.csv")][-1] == str(n)
    assert not (tmp_path / "beats/trial-0003/status.json").exists()


def test_runs_with_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    tracker = CsvTracker(tmp_path)
    log(tracker)
    log(tracker, "failed")
    log(pickle.loads(pickle.dumps(tracker)), "pruned")
    found = {path.parent.name: read(path)["status"] for path in tmp_path.glob("beats/*/status.json")}
    assert found == {"trial-0003": "complete", "trial-0003-2": "failed", "trial-0003-3": "pruned"}


def test_a_report_without_a_model_is_logged(tmp_path: Path) -> None:
    tracker = CsvTracker(tmp_path)
    tracker.start(RunInfo(name="gru", parameters={}))
    tracker.log_report(REPORT)
    assert (tmp_path / "gru" / "report.csv").exists()
    assert not (tmp_path / "gru" / "model.safetensors").exists()


def test_a_fit_is_read_back(tmp_path: Path) -> None:
    model = small(callbacks=[CsvTracker(tmp_path)]).fit(X, Y)
    losses = [float(row["train_loss"]) for row in table(tmp_path / "GRUClassifier" / "epochs.csv")]
    assert losses == model.history_["train_loss"]
    assert read(tmp_path / "GRUClassifier" / "parameters.json")["hidden_size"] == 4


def test_a_write_error_does_not_stop_the_fit(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.warns(SeqclfWarning, match=r"`CsvTracker.start` raised (NotADirectory|FileExists)Error"):
        model = small(callbacks=[CsvTracker(tmp_path / "file")]).fit(X, Y)
    assert model.n_epochs_ == 2


def test_the_confusion_matrix_of_many_classes_is_not_written(tmp_path: Path) -> None:
    for n_classes in (100, 101):
        classes = list(range(n_classes))
        tracker = CsvTracker(tmp_path)
        tracker.start(RunInfo(name=str(n_classes), parameters={}))
        tracker.log_report(evaluate(classes, classes[::-1]))
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*.csv")}
    assert "100/confusion.csv" in names
    assert "101/confusion.csv" not in names
    assert "101/report.csv" in names
