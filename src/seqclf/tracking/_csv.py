"""Track runs in folders of CSV and JSON files."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from seqclf._files import append_whole, write_whole
from seqclf.evaluation import Report
from seqclf.tracking._callback_tracker import CallbackTracker
from seqclf.tracking._files import csv_text, json_text, new_folder
from seqclf.tracking._metrics import confusion_rows, has_small_confusion, report_rows
from seqclf.tracking._model_file import write_model
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.training import EpochRecord


class CsvTracker(CallbackTracker):
    """Write each run to a folder `folder/group/name`, without any extra package.

    Parameters
    ----------
    folder : str or path
        Parent folder of all runs; created if missing.

    Notes
    -----
    `parameters.json` is written at the start, a line of `epochs.csv` after each epoch, `report.csv`, `confusion.csv` (rows
    are true classes; for up to 100 classes) and `model.safetensors`, which `seqclf.load` reads, with a report, and `status.json` at the end: a run
    without it is still running or was killed. Files are replaced atomically: neither a kill nor a full disk leaves an
    incomplete one, except that a kill may cut the last line of `epochs.csv`.

    If a name is taken, a number is appended (`GRUClassifier-2`): no run overwrites another.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from seqclf import GRUClassifier
    >>> from seqclf.evaluation import evaluate
    >>> from seqclf.tracking import CsvTracker
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> folder = tempfile.TemporaryDirectory()
    >>> with CsvTracker(folder.name) as tracker:
    ...     model = GRUClassifier(max_epochs=2, callbacks=[tracker], random_state=0).fit(X[:12], y[:12])
    ...     tracker.log_report(evaluate(y[12:], model.predict(X[12:])), model)
    >>> run = Path(folder.name) / "GRUClassifier"
    >>> sorted(path.name for path in run.iterdir())
    ['confusion.csv', 'epochs.csv', 'model.safetensors', 'parameters.json', 'report.csv', 'status.json']
    >>> len((run / "epochs.csv").read_text().splitlines())  # a header and two epochs
    3
    >>> folder.cleanup()
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = folder

    def _new_run(self) -> _CsvRun:
        return _CsvRun(self.folder)


class _CsvRun:
    """The folder of a single run."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = root

    def start(self, run: RunInfo) -> None:
        self._info, self._started = run, datetime.now(UTC)
        self._clock = time.perf_counter()
        self._folder = new_folder(self._root, run)
        write_whole(self._folder / "parameters.json", json_text(run.parameters))
        write_whole(self._folder / "epochs.csv", csv_text([[field.name for field in fields(EpochRecord)]]))

    def log_epoch(self, record: EpochRecord) -> None:
        append_whole(self._folder / "epochs.csv", csv_text([list(asdict(record).values())]))

    def log_report(self, report: Report, model: Any = None) -> None:
        write_whole(self._folder / "report.csv", csv_text(report_rows(report)))
        if has_small_confusion(report):
            write_whole(self._folder / "confusion.csv", csv_text(confusion_rows(report)))
        if model is not None:
            write_model(model, self._folder, report)

    def finish(self, status: RunStatus) -> None:
        content = {
            "status": status,
            "name": self._info.name,
            "group": self._info.group,
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 3),
        }
        write_whole(self._folder / "status.json", json_text(content))
