"""Runs in MLflow: a folder, a database or a server."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqclf.evaluation import Report
from seqclf.tracking._as_callback import AsCallback
from seqclf.tracking._extras import import_extra
from seqclf.tracking._figures import confusion_rows, epoch_figures, report_figures
from seqclf.tracking._files import csv_text, json_text
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.tracking._weights import weights_of
from seqclf.training import EpochRecord

_STATUS = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED", "interrupted": "KILLED"}
_BATCH = 100
"""Parameters that MLflow takes at a time."""


class MlflowTracker(AsCallback):
    """Writes runs with MLflow, by a client of its own: the active run and the tracking URI of others stay as they are.

    Parameters
    ----------
    uri_or_folder : str or path
        A folder, made if it is missing, or what MLflow takes: "sqlite:///runs.db", "http://server:5000", "databricks".
    experiment : str, default="seqclf"
        What the runs are gathered in; made if it is missing.

    Raises
    ------
    ImportError
        Without the `mlflow` extra; the full package `mlflow` does as well.

    Notes
    -----
    Parameters, the numbers of each epoch, the scores of the report; `report.json`, `confusion.csv` and
    `model/weights.safetensors` are artifacts, the sweep is the tag `group`. Runs that were pruned or interrupted are KILLED;
    the tag `status` tells which. Characters that MLflow does not take in names become "_".

    MLflow 3 (3.17, for one) opens a folder only if it is told to. The tracker does so for itself; to look at the runs, say
    `MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri folder`. "sqlite:///runs.db" needs none of this, but sqlalchemy
    and alembic, which `mlflow` and Optuna bring.

    Examples
    --------
    >>> import tempfile
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import MlflowTracker
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = GRUClassifier(max_epochs=2, callbacks=[MlflowTracker(folder)]).fit(X, y)
    """

    def __init__(self, uri_or_folder: str | os.PathLike[str], experiment: str = "seqclf") -> None:
        _import_mlflow("mlflow.tracking")
        self.uri_or_folder = uri_or_folder
        self.experiment = experiment

    def _new_run(self) -> _MlflowRun:
        return _MlflowRun(tracking_uri(self.uri_or_folder), self.experiment)


class _MlflowRun:
    """One run of an experiment."""

    def __init__(self, uri: str, experiment: str) -> None:
        self._uri = uri
        self._experiment = experiment
        self._epoch = 0

    def start(self, run: RunInfo) -> None:
        with one_at_a_time(self._uri), _allowed_folders():
            self._client = _import_mlflow("mlflow.tracking").MlflowClient(tracking_uri=self._uri)
            experiment = experiment_id(self._client, self._experiment)
        tags = {} if run.group is None else {"group": run.group}
        self._id = self._client.create_run(experiment, tags=tags, run_name=run.name).info.run_id
        param = _import_mlflow("mlflow.entities").Param
        params = [param(_name(name), _text(value)) for name, value in run.parameters.items()]
        for first in range(0, len(params), _BATCH):
            self._client.log_batch(self._id, params=params[first : first + _BATCH])

    def log_epoch(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        self._metrics(epoch_figures(record))

    def log_report(self, report: Report, model: Any = None) -> None:
        self._metrics(report_figures(report))
        self._client.log_text(self._id, json_text(report.to_dict()), "report.json")
        self._client.log_text(self._id, csv_text(confusion_rows(report)), "confusion.csv")
        if model is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "weights.safetensors"
                path.write_bytes(weights_of(model))
                self._client.log_artifact(self._id, str(path), "model")

    def finish(self, status: RunStatus) -> None:
        self._client.set_tag(self._id, "status", status)
        self._client.set_terminated(self._id, _STATUS[status])

    def _metrics(self, figures: dict[str, float]) -> None:
        metric, now = _import_mlflow("mlflow.entities").Metric, int(1000 * time.time())
        metrics = [metric(_name(name), value, now, self._epoch) for name, value in figures.items()]
        self._client.log_batch(self._id, metrics=metrics)


def tracking_uri(uri_or_folder: str | os.PathLike[str]) -> str:
    """Return a URI; whatever has no scheme is a folder."""
    text = os.fspath(uri_or_folder)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:|databricks$", text):
        return text
    return Path(text).expanduser().resolve().as_uri()


def experiment_id(client: Any, name: str) -> str:
    """Return the id of an experiment, made if it is missing; another process may be quicker."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name))
        except _import_mlflow("mlflow.exceptions").MlflowException:
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    return str(found.experiment_id)


@contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Keep other processes of this host out: those of a sweep begin together, and would each make folder and experiment."""
    if not uri.startswith(("file:", "sqlite:")):
        yield  # a server keeps names unique
        return
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    digest = hashlib.blake2b(f"{os.getuid()} {uri}".encode(), digest_size=8).hexdigest()
    # Not in the folder: MLflow sets one up only if it does not exist.
    with (Path(tempfile.gettempdir()) / f"seqclf-mlflow-{digest}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # who dies gives it back
        yield


@contextmanager
def _allowed_folders() -> Iterator[None]:
    """Let MLflow open a folder, for as long as it takes: MLflow 3 wants an environment variable to allow it."""
    name = "MLFLOW_ALLOW_FILE_STORE"
    if name in os.environ:  # somebody decided
        yield
        return
    os.environ[name] = "true"
    try:
        yield
    finally:
        del os.environ[name]


def _name(name: str) -> str:
    """Return a name that MLflow takes."""
    return re.sub(r"[^/\w.\- :]", "_", name)


def _text(value: Any) -> str:
    """Return a parameter as MLflow keeps it: strings as they are, all else as JSON."""
    plain = jsonable(value)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _import_mlflow(module: str) -> Any:
    return import_extra(module, tracker="MlflowTracker", package="mlflow", extra="mlflow")
