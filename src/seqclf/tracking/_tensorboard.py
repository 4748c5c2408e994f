"""Runs as TensorBoard shows them."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqclf.evaluation import Report
from seqclf.tracking._as_callback import AsCallback
from seqclf.tracking._extras import import_extra
from seqclf.tracking._figures import epoch_figures, report_figures
from seqclf.tracking._files import json_text, new_folder
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.training import EpochRecord

COMPARED = ("train_loss", "valid_loss", "valid_macro_f1", "report/macro_f1")
"""What the tab HParams shows beside the parameters of each run."""


class TensorBoardTracker(AsCallback):
    """Writes each run into a folder of its own, `folder/group/name`, for `tensorboard --logdir folder`.

    Parameters
    ----------
    folder : str or path
        Where the folders go; made if it is missing.

    Raises
    ------
    ImportError
        Without the `tensorboard` extra.

    Notes
    -----
    Epochs are scalars, parameters a text and columns of the tab HParams; the report is a text, its scores are scalars at the
    last epoch, and where matplotlib is installed, a picture shows the confusion matrix. Weights have no place in
    TensorBoard and are left out. A name that is taken gets a number.

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
    """The event file of one run."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = root
        self._epoch = 0

    def start(self, run: RunInfo) -> None:
        tensorboard = _import_tensorboard()
        self._writer = tensorboard.SummaryWriter(str(new_folder(self._root, run)))
        self._text("parameters", json_text(run.parameters))
        flat = {name: _flat(value) for name, value in run.parameters.items()}
        # `SummaryWriter.add_hparams` would make a second run, in a folder below.
        summaries = tensorboard.summary.hparams(flat, dict.fromkeys(COMPARED, 0.0))
        for summary in summaries[:2]:  # the third says that the run succeeded, which nobody knows yet
            self._writer.file_writer.add_summary(summary)
        self._writer.flush()

    def log_epoch(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        self._scalars(epoch_figures(record))

    def log_report(self, report: Report, model: Any = None) -> None:
        self._scalars(report_figures(report))
        self._writer.add_text("report", report.to_markdown(), self._epoch)
        if find_spec("matplotlib") is not None:
            self._writer.add_image("report/confusion", _picture(report), self._epoch, dataformats="HWC")
        self._writer.flush()

    def finish(self, status: RunStatus) -> None:
        self._text("status", status)
        self._writer.close()

    def _scalars(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, self._epoch)
        self._writer.flush()

    def _text(self, tag: str, text: str) -> None:
        # TensorBoard reads Markdown, where four spaces make a block of code.
        self._writer.add_text(tag, "".join(f"    {line}\n" for line in text.splitlines()), self._epoch)


def _flat(value: Any) -> float | int | str | bool:
    """Return what a column of HParams takes."""
    plain = jsonable(value)
    return plain if isinstance(plain, bool | int | float | str) else str(plain)


def _picture(report: Report) -> NDArray[np.uint8]:
    """Draw the confusion matrix, of shape (height, width, 3)."""
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
