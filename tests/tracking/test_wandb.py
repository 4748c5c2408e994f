"""Read back the files that W&B writes offline."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from seqclf import load
from seqclf.tracking import WandbTracker
from tracking.runs import ACCURACY, F1_OF_N, RUN, X, Y, fitted, log, small
from tracking.wandb_file import OfflineRun

wandb = pytest.importorskip("wandb")


def runs_in(folder: Path) -> list[OfflineRun]:
    runs = [OfflineRun(path) for path in (folder / "wandb").glob("offline-run-*")]
    return sorted(runs, key=lambda run: run.about.start_time.ToNanoseconds())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> OfflineRun:
    """Log the same run twice and return the second: the first must not affect it."""
    folder = tmp_path_factory.mktemp("wandb")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
            patch.setenv(name, str(folder / "home"))
        tracker = WandbTracker("hearts", mode="offline", folder=folder / "deep" / "runs", entity="clinic")
        tracker = pickle.loads(pickle.dumps(tracker))
        log(tracker, "failed")
        log(tracker, "pruned")
    first, second = runs_in(folder / "deep" / "runs")
    assert first.summary["status"] == "failed"
    assert first.records("exit")[0].exit_code == 1
    return second


def test_a_run_has_its_name_group_and_config(run: OfflineRun) -> None:
    about = run.about
    assert (about.project, about.entity, about.run_group, about.display_name) == (
        "hearts",
        "clinic",
        "beats",
        "trial-0003",
    )
    assert run.config == {
        "lr": 0.5,
        "hidden_size": 4,
        "cell": "gru",
        "stem": None,
        "pooling": ["last", "mean"],
        "loss": "builtins.abs",
    }


def test_an_epoch_is_a_step(run: OfflineRun) -> None:
    first, second, _ = run.history
    assert (first["_step"], first["epoch"], first["train_loss"]) == (1, 1, 0.5)
    assert "valid_loss" not in first
    assert (second["_step"], second["epoch"], second["train_loss"]) == (2, 2, 0.25)
    assert (second["valid_macro_f1"], second["seconds"], second["lr"]) == (0.9375, 0.5, 0.2)


def test_curves_are_plotted_over_epochs(run: OfflineRun) -> None:
    metrics = {record.name or record.glob_name: record.step_metric for record in run.records("metric")}
    assert metrics["*"] == "epoch"


def test_a_report_is_in_the_summary_and_in_a_table(run: OfflineRun) -> None:
    assert run.summary["report/accuracy"] == ACCURACY
    assert run.summary["report/f1/N"] == F1_OF_N
    report = run.history[-1]
    assert (report["_step"], report["epoch"]) == (3, 2)
    header, *rows = run.table(report["report/table"])
    assert header == ["class", "precision", "recall", "f1", "support"]
    assert rows[1] == ["V", 1 / 3, 1 / 2, pytest.approx(2 / 5), 2]
    assert rows[2] == ["accuracy", None, None, ACCURACY, 12]


def test_the_confusion_matrix_is_a_chart_of_counts(run: OfflineRun) -> None:
    entry = next(value for name, value in run.history[-1].items() if name.startswith("report/confusion"))
    assert run.table(entry) == [
        ["Actual", "Predicted", "nPredictions"],
        ["N", "N", 8],
        ["N", "V", 2],
        ["V", "N", 1],
        ["V", "V", 1],
    ]
    charts = json.dumps([values.value_json for record in run.records("config") for values in record.update])
    assert "wandb/confusion_matrix/v1" in charts


def test_the_model_is_an_artifact(run: OfflineRun) -> None:
    (artifact,) = [one for one in run.records("artifact") if one.type == "model"]
    files = {entry.path: Path(entry.local_path) for entry in artifact.manifest.contents}
    assert set(files) == {"parameters.json", "model.safetensors"}
    assert all(path.is_relative_to(run.folder) for path in files.values())
    assert json.loads(files["parameters.json"].read_text())["hidden_size"] == 4
    found = load(files["model.safetensors"])
    np.testing.assert_array_equal(found.predict_proba(X), fitted().predict_proba(X))


def test_the_run_has_status_and_exit_code(run: OfflineRun) -> None:
    assert run.summary["status"] == "pruned"
    assert run.records("exit")[0].exit_code == 0


def test_a_fit_is_a_run_and_the_global_run_stays_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = wandb.Settings(silent=True, console="off")
    mine = wandb.init(project="mine", mode="offline", dir=str(tmp_path), settings=settings)
    tracker = WandbTracker("beats", mode="offline", folder=tmp_path / "runs")
    model = small(callbacks=[tracker]).fit(X, Y)
    assert wandb.run is mine
    mine.log({"still": "open"})
    mine.finish()
    (run,) = runs_in(tmp_path / "runs")
    assert (run.about.display_name, run.about.run_group) == ("GRUClassifier", "")
    assert run.config["hidden_size"] == 4
    assert [row["train_loss"] for row in run.history] == pytest.approx(model.history_["train_loss"])
    assert run.summary["status"] == "complete"
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_no_epoch_is_lost_when_a_run_spans_several_fits(tmp_path: Path) -> None:
    tracker = WandbTracker(mode="offline", folder=tmp_path)
    tracker.start(RUN)
    for _ in range(2):
        small(callbacks=[tracker]).fit(X, Y)
    tracker.finish("complete")
    (run,) = runs_in(tmp_path)
    assert [(row["_step"], row["epoch"]) for row in run.history] == [(1, 1), (2, 2), (3, 1), (4, 2)]


def test_disabled_mode_writes_nothing(tmp_path: Path) -> None:
    log(WandbTracker(mode="disabled", folder=tmp_path / "runs"))
    assert list((tmp_path / "runs").iterdir()) == []


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"`mode` must be one of \['online', 'offline', 'disabled', None\]; got 'dry'"
    ):
        WandbTracker(mode="dry")  # type: ignore[arg-type]
