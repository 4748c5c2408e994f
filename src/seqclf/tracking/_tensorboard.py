"""Track runs for TensorBoard."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.evaluation import Report
from seqclf.tracking._callback_tracker import CallbackTracker
from seqclf.tracking._extras import import_extra
from seqclf.tracking._files import json_text, new_folder
from seqclf.tracking._metrics import epoch_metrics, has_small_confusion, report_metrics
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.training import EpochRecord

HPARAMS_METRICS = ("train_loss", "valid_loss", "valid_macro_f1", "report/macro_f1")
"""Metrics in the HParams tab."""


class TensorBoardTracker(CallbackTracker):
    """Write each run to a folder `folder/group/name`, for `tensorboard --logdir folder`.

    Parameters
    ----------
    folder : str or path
        Parent folder of all runs; created if missing.

    Raises
    ------
    ImportError
        Without the `tensorboard` extra.

    Notes
    -----
    The metrics of each epoch are scalars; parameters are a text and columns of the HParams tab. A report is a text, with its
    scores as scalars at the last epoch and, if matplotlib is installed, the confusion matrix as an image (for up to 100
    classes). Models are not logged. If a name is taken, a number is appended.

    Examples
    --------
    >>> import tempfile
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import TensorBoardTracker
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = GRUClassifier(max_epochs=2, callbacks=[TensorBoardTracker(folder)]).fit(X, y)
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        _import_tensorboard()
        self.folder = folder

    def _new_run(self) -> _TensorBoardRun:
        return _TensorBoardRun(self.folder)


class _TensorBoardRun:
    """The event file of a single run."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = root
        self._epoch = 0

    def start(self, run: RunInfo) -> None:
        tensorboard = _import_tensorboard()
        self._writer = tensorboard.SummaryWriter(str(new_folder(self._root, run)))
        self._text("parameters", json_text(run.parameters))
        flat = {name: _flat(value) for name, value in run.parameters.items()}
        # `SummaryWriter.add_hparams` would create a second run in a subfolder.
        summaries = tensorboard.summary.hparams(flat, dict.fromkeys(HPARAMS_METRICS, 0.0))
        for summary in summaries[:2]:  # the third one would mark the run as successful
            self._writer.file_writer.add_summary(summary)
        self._writer.flush()

    def log_epoch(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        self._scalars(epoch_metrics(record))

    def log_report(self, report: Report, model: Any = None) -> None:
        self._scalars(report_metrics(report))
        self._writer.add_text("report", report.to_markdown(), self._epoch)
        if find_spec("matplotlib") is not None and has_small_confusion(report):
            self._writer.add_image("report/confusion", _image(report), self._epoch, dataformats="HWC")
        self._writer.flush()

    def finish(self, status: RunStatus) -> None:
        self._text("status", status)
        self._writer.close()

    def _scalars(self, metrics: dict[str, float]) -> None:
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, self._epoch)
        self._writer.flush()

    def _text(self, tag: str, text: str) -> None:
        # TensorBoard renders Markdown, in which four spaces start a code block.
        self._writer.add_text(tag, "".join(f"    {line}\n" for line in text.splitlines()), self._epoch)


def _flat(value: Any) -> float | int | str | bool:
    """Return a value that the HParams tab accepts."""
    plain = jsonable(value)
    return plain if isinstance(plain, bool | int | float | str) else str(plain)


def _image(report: Report) -> NDArray[np.uint8]:
    """Return the confusion matrix as an image of shape (height, width, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(report.plot())
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[..., :3]


def _import_tensorboard() -> Any:
    return import_extra(
        "torch.utils.tensorboard",
        tracker="TensorBoardTracker",
        package="tensorboard",
        extra="tensorboard",
    )
