"""Track runs with MLflow, in a folder, a database or on a server."""

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
from seqclf.tracking._callback_tracker import CallbackTracker
from seqclf.tracking._extras import import_extra
from seqclf.tracking._files import csv_text, json_text
from seqclf.tracking._metrics import confusion_rows, epoch_metrics, has_small_confusion, report_metrics
from seqclf.tracking._model_file import write_model
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.training import EpochRecord

_STATUS = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED", "interrupted": "KILLED"}
_MAX_PARAMS = 100
"""Maximum number of parameters per request."""


class MlflowTracker(CallbackTracker):
    """Log runs to MLflow with a separate client: the global active run and tracking URI do not change.

    Parameters
    ----------
    uri_or_folder : str or path
        A folder, created if missing, or a tracking URI: "sqlite:///runs.db", "http://server:5000", "databricks".
    experiment : str, default="seqclf"
        Name of the experiment; created if missing.

    Raises
    ------
    ImportError
        If neither `mlflow-skinny` (extra `mlflow`) nor `mlflow` is installed.

    Notes
    -----
    Logs parameters, the metrics of each epoch and the scores of the report; `report.json`, `confusion.csv` (for up to 100
    classes) and `model/model.safetensors`, which `seqclf.load` reads, are artifacts, and the tag `group` names the sweep. Pruned and interrupted
    runs have MLflow's status KILLED; the tag `status` distinguishes them. Characters that MLflow does not allow in names become "_".

    MLflow 3 (3.17, for example) refuses folders unless an environment variable allows them. The tracker sets
    it only for its own calls; to view the runs, use
    `MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri folder`. "sqlite:///runs.db" does not need
    this, but it needs sqlalchemy and alembic, which both `mlflow` and Optuna install.

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
    """A single run of an experiment."""

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
        for first in range(0, len(params), _MAX_PARAMS):
            self._client.log_batch(self._id, params=params[first : first + _MAX_PARAMS])

    def log_epoch(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        self._metrics(epoch_metrics(record))

    def log_report(self, report: Report, model: Any = None) -> None:
        self._metrics(report_metrics(report))
        small = has_small_confusion(report)
        self._client.log_text(self._id, json_text(report.to_dict(confusion=small)), "report.json")
        if small:
            self._client.log_text(self._id, csv_text(confusion_rows(report)), "confusion.csv")
        if model is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = write_model(model, Path(folder), report)
                if path is not None:
                    self._client.log_artifact(self._id, str(path), "model")

    def finish(self, status: RunStatus) -> None:
        self._client.set_tag(self._id, "status", status)
        self._client.set_terminated(self._id, _STATUS[status])

    def _metrics(self, metrics: dict[str, float]) -> None:
        metric, now = _import_mlflow("mlflow.entities").Metric, int(1000 * time.time())
        entities = [metric(_name(name), value, now, self._epoch) for name, value in metrics.items()]
        self._client.log_batch(self._id, metrics=entities)


def tracking_uri(uri_or_folder: str | os.PathLike[str]) -> str:
    """Return a URI; anything without a scheme is a folder."""
    text = os.fspath(uri_or_folder)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:|databricks$", text):
        return text
    return Path(text).expanduser().resolve().as_uri()


def experiment_id(client: Any, name: str) -> str:
    """Return the id of an experiment; create it if missing, unless another process does so first."""
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
    """Lock out other processes of this host: those of a sweep start together and would each create the experiment."""
    if not uri.startswith(("file:", "sqlite:")):
        yield  # a server keeps names unique
        return
    from filelock import FileLock  # part of the extra, as MLflow is

    user = os.getuid() if hasattr(os, "getuid") else ""
    digest = hashlib.blake2b(f"{user} {uri}".encode(), digest_size=8).hexdigest()
    # Not inside the folder, which MLflow initialises only if it does not exist.
    with FileLock(Path(tempfile.gettempdir()) / f"seqclf-mlflow-{digest}.lock"):
        yield


@contextmanager
def _allowed_folders() -> Iterator[None]:
    """Allow MLflow 3 to open a folder, which it otherwise refuses, during the block."""
    name = "MLFLOW_ALLOW_FILE_STORE"
    if name in os.environ:  # the user decided
        yield
        return
    os.environ[name] = "true"
    try:
        yield
    finally:
        del os.environ[name]


def _name(name: str) -> str:
    """Return a name that MLflow accepts."""
    return re.sub(r"[^/\w.\- :]", "_", name)


def _text(value: Any) -> str:
    """Return a parameter as text: strings unchanged, other values as JSON."""
    plain = jsonable(value)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _import_mlflow(module: str) -> Any:
    return import_extra(module, tracker="MlflowTracker", package="mlflow", extra="mlflow")
