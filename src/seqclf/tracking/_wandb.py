"""Track runs with Weights & Biases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from seqclf._checks import check_choice
from seqclf._files import write_whole
from seqclf.evaluation import Report
from seqclf.tracking._callback_tracker import CallbackTracker
from seqclf.tracking._extras import import_extra
from seqclf.tracking._files import json_text
from seqclf.tracking._metrics import epoch_metrics, has_small_confusion, report_metrics, report_rows
from seqclf.tracking._model_file import write_model
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.training import EpochRecord

Mode = Literal["online", "offline", "disabled"]

_EXIT_CODE = {"complete": 0, "pruned": 0, "failed": 1, "interrupted": 255}


class WandbTracker(CallbackTracker):
    """Log runs to W&B as separate runs: the global `wandb.run` does not change.

    Parameters
    ----------
    project : str, default="seqclf"
        Name of the project.
    mode : {"online", "offline", "disabled"} or None, default=None
        "offline" writes to disk only and needs neither network nor account; `wandb sync` uploads the runs later. None is W&B's
        default: the environment variable WANDB_MODE, or "online", which needs a login (`wandb login`).
    folder : str, path or None, default=None
        Parent of the folder `wandb` with the runs; created if missing. None is W&B's default: WANDB_DIR, or the current folder.
    entity : str or None, default=None
        User or team that owns the project; None is the default entity of the logged-in user.

    Raises
    ------
    ImportError
        Without the `wandb` extra.
    ValueError
        If `mode` is not one of these.

    Notes
    -----
    Parameters are the config, the name of the sweep is the group, and epochs are the steps. A report is a table, a confusion
    matrix (for up to 100 classes) and summary metrics; the model is an artifact with `model.safetensors`, which
    `seqclf.load` reads, and `parameters.json`. The summary contains the `status` of the run; failed and interrupted runs have a non-zero exit code.
    Console output is not captured.

    Independently of `folder`, W&B keeps copies of tables in WANDB_DATA_DIR (~/.local/share/wandb) until they are uploaded, and
    logs in WANDB_CACHE_DIR (~/.cache/wandb): set both if the home directory is small, or if another host runs `wandb sync`.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import WandbTracker
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> tracker = WandbTracker("beats", mode="disabled")  # use "offline" to keep the logs
    >>> model = GRUClassifier(max_epochs=2, callbacks=[tracker]).fit(X, y)
    """

    def __init__(
        self,
        project: str = "seqclf",
        *,
        mode: Mode | None = None,
        folder: str | os.PathLike[str] | None = None,
        entity: str | None = None,
    ) -> None:
        check_choice("mode", mode, ("online", "offline", "disabled", None))
        _import_wandb()
        self.project = project
        self.mode = mode
        self.folder = folder
        self.entity = entity

    def _new_run(self) -> _WandbRun:
        return _WandbRun(project=self.project, mode=self.mode, folder=self.folder, entity=self.entity)


class _WandbRun:
    """A single run of a project."""

    def __init__(
        self, *, project: str, mode: Mode | None, folder: str | os.PathLike[str] | None, entity: str | None
    ) -> None:
        self._options = {"project": project, "mode": mode, "entity": entity}
        self._folder = None if folder is None else Path(folder).expanduser()
        self._epoch = 0

    def start(self, run: RunInfo) -> None:
        self._wandb = _import_wandb()
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)  # W&B would use another folder if it were missing
        self._parameters = jsonable(run.parameters)
        # Online, W&B prints the address of the run; otherwise it has nothing useful to print.
        quiet = self._options["mode"] in ("offline", "disabled")
        self._run = self._wandb.init(
            **self._options,
            name=run.name,
            group=run.group,
            config=self._parameters,
            dir=None if self._folder is None else str(self._folder),
            reinit="create_new",
            settings=self._wandb.Settings(console="off", **({"silent": True} if quiet else {})),
        )
        self._run.define_metric("*", step_metric="epoch")

    def log_epoch(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        # W&B drops steps before the current one, and a run may span several fits. `commit` writes the epoch at once.
        step = max(record.epoch, self._run.step)
        self._run.log({"epoch": record.epoch, **epoch_metrics(record)}, step=step, commit=True)

    def log_report(self, report: Report, model: Any = None) -> None:
        self._run.summary.update(report_metrics(report))
        header, *rows = report_rows(report)
        tables = {"report/table": self._wandb.Table(columns=header, data=rows)}
        if has_small_confusion(report):
            tables["report/confusion"] = self._confusion(report)
        self._run.log({"epoch": self._epoch, **tables})
        if model is not None:
            self._log_model(model, report)

    def finish(self, status: RunStatus) -> None:
        self._run.summary["status"] = status
        self._run.finish(exit_code=_EXIT_CODE[status])

    def _confusion(self, report: Report) -> Any:
        """Return W&B's confusion matrix chart; `wandb.plot.confusion_matrix` needs samples, a report has counts."""
        names = report.target_names
        cells = [
            [names[i], names[j], count]
            for i, row in enumerate(report.confusion.tolist())
            for j, count in enumerate(row)
        ]
        columns = ["Actual", "Predicted", "nPredictions"]
        return self._wandb.plot_table(
            "wandb/confusion_matrix/v1",
            self._wandb.Table(columns=columns, data=cells),
            dict(zip(columns, columns, strict=True)),
            {"title": "Confusion matrix"},
        )

    def _log_model(self, model: Any, report: Report) -> None:
        # Next to the run's files, not among them, which W&B would upload a second time.
        folder = Path(self._run.dir).parent / "model"
        folder.mkdir(parents=True, exist_ok=True)
        if write_model(model, folder, report) is None:
            return
        write_whole(folder / "parameters.json", json_text(self._parameters))
        artifact = self._wandb.Artifact(f"model-{self._run.id}", type="model")
        for path in sorted(folder.iterdir()):
            # "mutable" would copy the weights to the home directory.
            artifact.add_file(str(path), policy="immutable")
        self._run.log_artifact(artifact)


def _import_wandb() -> Any:
    return import_extra("wandb", tracker="WandbTracker", package="wandb", extra="wandb")
