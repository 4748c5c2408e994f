"""Runs in Weights & Biases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from seqclf._checks import check_choice
from seqclf.evaluation import Report
from seqclf.tracking._as_callback import AsCallback
from seqclf.tracking._extras import import_extra
from seqclf.tracking._figures import epoch_figures, report_figures, report_rows
from seqclf.tracking._files import json_text, write_whole
from seqclf.tracking._protocol import RunInfo, RunStatus
from seqclf.tracking._values import jsonable
from seqclf.tracking._weights import weights_of
from seqclf.training import EpochRecord

Mode = Literal["online", "offline", "disabled"]

_EXIT_CODE = {"complete": 0, "pruned": 0, "failed": 1, "interrupted": 255}


class WandbTracker(AsCallback):
    """Writes runs with W&B, each an own run beside whatever `wandb.run` is, which stays as it is.

    Parameters
    ----------
    project : str, default="seqclf"
        What the runs are gathered in.
    mode : {"online", "offline", "disabled"} or None, default=None
        "offline" writes to the disk only, needs neither network nor account, and `wandb sync` sends it later. None leaves it to
        W&B: the environment variable WANDB_MODE, else "online", which needs a login (`wandb login`).
    folder : str, path or None, default=None
        Where the folder `wandb` with the runs goes, made if it is missing; None leaves it to W&B: WANDB_DIR, else here.
    entity : str or None, default=None
        User or team the project belongs to; None is the default of who is logged in.

    Raises
    ------
    ImportError
        Without the `wandb` extra.
    ValueError
        If the mode is none of these.

    Notes
    -----
    Parameters are the config, the name of the sweep is the group, and epochs are the steps. A report is a table, a confusion
    matrix and numbers of the summary; the model is an artifact with `weights.safetensors` and `parameters.json`. `status` in
    the summary tells how the run ended; runs that failed or were interrupted have an exit code. What is printed is not sent.

    Whatever `folder` is, W&B keeps copies of tables in WANDB_DATA_DIR (~/.local/share/wandb) until they are sent, and logs in
    WANDB_CACHE_DIR (~/.cache/wandb): set both where the home directory is small, or where another host is to sync.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> from seqclf.tracking import WandbTracker
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> tracker = WandbTracker("beats", mode="disabled")  # "offline" to keep what is logged
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
    """One run of a project."""

    def __init__(
        self, *, project: str, mode: Mode | None, folder: str | os.PathLike[str] | None, entity: str | None
    ) -> None:
        self._options = {"project": project, "mode": mode, "entity": entity}
        self._folder = None if folder is None else Path(folder).expanduser()
        self._epoch = 0

    def start(self, run: RunInfo) -> None:
        self._wandb = _import_wandb()
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)  # W&B takes another one where it is missing
        self._parameters = jsonable(run.parameters)
        # Online, W&B says where the run is to be seen; else there is nothing to say.
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
        # W&B drops what comes at a step it is past, and a run may hold several fits; committed, an epoch is kept at once.
        step = max(record.epoch, self._run.step)
        self._run.log({"epoch": record.epoch, **epoch_figures(record)}, step=step, commit=True)

    def log_report(self, report: Report, model: Any = None) -> None:
        self._run.summary.update(report_figures(report))
        header, *rows = report_rows(report)
        self._run.log(
            {
                "epoch": self._epoch,
                "report/table": self._wandb.Table(columns=header, data=rows),
                "report/confusion": self._confusion(report),
            }
        )
        if model is not None:
            self._log_model(model)

    def finish(self, status: RunStatus) -> None:
        self._run.summary["status"] = status
        self._run.finish(exit_code=_EXIT_CODE[status])

    def _confusion(self, report: Report) -> Any:
        """Return W&B's chart of a confusion matrix; `wandb.plot.confusion_matrix` wants samples, and we have counts."""
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

    def _log_model(self, model: Any) -> None:
        # Beside the run's files, not among them: W&B would send those a second time.
        folder = Path(self._run.dir).parent / "model"
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "weights.safetensors", weights_of(model))
        write_whole(folder / "parameters.json", json_text(self._parameters))
        artifact = self._wandb.Artifact(f"model-{self._run.id}", type="model")
        for path in sorted(folder.iterdir()):
            # "mutable" would copy the weights into the home directory.
            artifact.add_file(str(path), policy="immutable")
        self._run.log_artifact(artifact)


def _import_wandb() -> Any:
    return import_extra("wandb", tracker="WandbTracker", package="wandb", extra="wandb")
