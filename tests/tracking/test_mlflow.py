"""Read back runs with MLflow's client."""

from __future__ import annotations

import csv
import json
import os
import pickle
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from seqclf import load
from seqclf.evaluation import Report
from seqclf.tracking import MlflowTracker, RunInfo
from seqclf.tracking._mlflow import experiment_id, one_at_a_time, tracking_uri
from tracking.runs import ACCURACY, F1_OF_N, REPORT, RUN, X, Y, fitted, log, small

mlflow = pytest.importorskip("mlflow")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the runs; the working directory, MLflow's default, must stay empty."""
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "runs"


def client_of(folder: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # needed to read the folder, as a user would
        client = mlflow.MlflowClient(tracking_uri=folder.as_uri())
        client.search_experiments()
    return client


def runs_in(folder: Path, experiment: str = "seqclf") -> Any:
    client = client_of(folder)
    (found,) = [one for one in client.search_experiments() if one.name == experiment]
    return client.search_runs([found.experiment_id], order_by=["attributes.start_time"])


def history(folder: Path, run: Any, name: str) -> list[tuple[int, float]]:
    return [
        (metric.step, metric.value) for metric in client_of(folder).get_metric_history(run.info.run_id, name)
    ]


def artifact(folder: Path, run: Any, path: str) -> Path:
    return Path(client_of(folder).download_artifacts(run.info.run_id, path))


def test_a_whole_run_is_read_back(folder: Path) -> None:
    log(MlflowTracker(folder))
    (run,) = runs_in(folder)
    assert (run.info.run_name, run.info.status, run.data.tags["group"]) == ("trial-0003", "FINISHED", "beats")
    assert run.data.params == {
        "lr": "0.5",
        "hidden_size": "4",
        "cell": "gru",
        "stem": "null",
        "pooling": '["last", "mean"]',
        "loss": "builtins.abs",
    }
    assert history(folder, run, "train_loss") == [(1, 0.5), (2, 0.25)]
    assert history(folder, run, "valid_macro_f1") == [(2, 0.9375)]
    assert history(folder, run, "report/accuracy") == [(2, ACCURACY)]
    assert run.data.metrics["report/f1/N"] == F1_OF_N
    assert Report.from_dict(json.loads(artifact(folder, run, "report.json").read_text())) == REPORT
    with artifact(folder, run, "confusion.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["true", "N", "V"], ["N", "8", "2"], ["V", "1", "1"]]
    found = load(artifact(folder, run, "model/model.safetensors"))
    np.testing.assert_array_equal(found.predict_proba(X), fitted().predict_proba(X))


@pytest.mark.parametrize(
    ("status", "expected"), [("pruned", "KILLED"), ("failed", "FAILED"), ("interrupted", "KILLED")]
)
def test_run_status_maps_to_mlflow_status(status: Any, expected: str, folder: Path) -> None:
    tracker = MlflowTracker(folder, experiment="ends")
    tracker.start(RUN)
    tracker.finish(status)
    (run,) = runs_in(folder, "ends")
    assert (run.info.status, run.data.tags["status"]) == (expected, status)


def test_names_and_values_are_adapted_to_mlflow_limits(folder: Path) -> None:
    report = Report(labels=("N+", "V"), target_names=("N+", "V"), confusion=np.array([[8, 2], [1, 1]]))
    tracker = MlflowTracker(folder)
    tracker.start(RunInfo(name="many", parameters={f"lr({i})": "x" * 9000 for i in range(101)}))
    tracker.log_report(report)
    tracker.finish("complete")
    (run,) = runs_in(folder)
    assert len(run.data.params) == 101
    assert run.data.params["lr_100_"] == "x" * 6000
    assert run.data.metrics["report/f1/N_"] == F1_OF_N
    assert "group" not in run.data.tags


def test_a_tracker_and_its_copy_log_to_one_experiment_without_global_changes(folder: Path) -> None:
    before = mlflow.get_tracking_uri(), mlflow.active_run(), dict(os.environ)
    tracker = MlflowTracker(folder)
    for one in (tracker, pickle.loads(pickle.dumps(tracker))):
        small(callbacks=[one]).fit(X, Y)
    assert (mlflow.get_tracking_uri(), mlflow.active_run(), dict(os.environ)) == before
    runs = runs_in(folder)
    assert [run.info.run_name for run in runs] == ["GRUClassifier"] * 2
    assert [step for step, _ in history(folder, runs[0], "train_loss")] == [1, 2]
    assert list(Path.cwd().iterdir()) == []


def test_an_existing_file_store_setting_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    tracker = MlflowTracker(folder)
    tracker.start(RUN)
    assert os.environ["MLFLOW_ALLOW_FILE_STORE"] == "true"
    tracker.finish("complete")


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///runs.db",
        "http://server:5000",
        "databricks",
        "mysql+pymysql://host/db",
        "postgresql+psycopg2://me:pw@host/db",
    ],
)
def test_text_with_a_scheme_is_a_uri(uri: str) -> None:
    assert tracking_uri(uri) == uri


def test_text_without_a_scheme_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = (tmp_path / "my runs").resolve().as_uri()
    assert tracking_uri("my runs") == tracking_uri(Path("my runs")) == tracking_uri(expected) == expected


def test_a_run_waits_until_another_process_has_created_folder_and_experiment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Event()

    class SignallingLock(FileLock):
        def acquire(self, *arguments: Any, **options: Any) -> Any:
            waiting.set()
            return super().acquire(*arguments, **options)

    tracker = MlflowTracker(folder)
    thread = Thread(target=tracker.start, args=(RUN,))
    with one_at_a_time(tracking_uri(folder)), one_at_a_time(tracking_uri("elsewhere")):
        monkeypatch.setattr("filelock.FileLock", SignallingLock)
        thread.start()
        assert waiting.wait(timeout=3600)
        assert not folder.exists()
    thread.join(timeout=3600)
    tracker.finish("complete")
    assert len(runs_in(folder)) == 1


def test_an_experiment_created_by_another_process_in_the_meantime_is_used() -> None:
    exceptions = pytest.importorskip("mlflow.exceptions")

    class Client:
        """A client to which the experiment appears only after its own attempt to create it."""

        known = False

        def get_experiment_by_name(self, name: str) -> Any:
            return type("Experiment", (), {"experiment_id": f"id of {name}"}) if self.known else None

        def create_experiment(self, name: str) -> str:
            self.known = True
            raise exceptions.MlflowException("RESOURCE_ALREADY_EXISTS")

    assert experiment_id(Client(), "beats") == "id of beats"
