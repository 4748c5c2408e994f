"""Read back runs with TensorBoard's own reader."""

from __future__ import annotations

import io
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqclf.tracking import TensorBoardTracker
from tracking.runs import ACCURACY, EPOCHS, F1_OF_N, REPORT, RUN, X, Y, log, small

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
hparams_data = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")


def read(folder: Path) -> Any:
    (file,) = folder.glob("events.out.tfevents.*")  # TensorBoard shows one run per folder
    return accumulator.EventAccumulator(str(file)).Reload()


def scalars(events: Any, name: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in events.Scalars(name)]


def text(events: Any, tag: str) -> str:
    (event,) = events.Tensors(f"{tag}/text_summary")
    return str(event.tensor_proto.string_val[0].decode())


def test_a_whole_run_is_read_back(tmp_path: Path) -> None:
    log(TensorBoardTracker(tmp_path), "pruned")
    events = read(tmp_path / "beats" / "trial-0003")
    assert scalars(events, "train_loss") == [(1, 0.5), (2, 0.25)]
    assert scalars(events, "valid_macro_f1") == [(2, 0.9375)]
    assert scalars(events, "report/accuracy") == [(2, ACCURACY)]
    assert scalars(events, "report/f1/N")[0][1] == pytest.approx(F1_OF_N)  # stored as float32
    assert '    {\n      "lr": 0.5,\n      "hidden_size": 4,' in text(events, "parameters")
    assert "| V | 0.3333 | 0.5000 | 0.4000 |" in text(events, "report")
    assert text(events, "status") == "    pruned\n"


def test_parameters_and_metrics_are_columns_of_the_hparams_tab(tmp_path: Path) -> None:
    log(TensorBoardTracker(tmp_path))
    events = read(tmp_path / "beats" / "trial-0003")
    found = {
        tag: hparams_data.HParamsPluginData.FromString(events.SummaryMetadata(tag).plugin_data.content)
        for tag in events.PluginTagToContent("hparams")
    }
    assert set(found) == {
        "_hparams_/experiment",
        "_hparams_/session_start_info",
    }  # no mark of success
    hparams = found["_hparams_/session_start_info"].session_start_info.hparams
    assert hparams["lr"].number_value == 0.5
    assert hparams["pooling"].string_value == "['last', 'mean']"
    metrics = found["_hparams_/experiment"].experiment.metric_infos
    assert "report/macro_f1" in [info.name.tag for info in metrics]


def test_the_confusion_matrix_is_an_image(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    log(TensorBoardTracker(tmp_path))
    (event,) = read(tmp_path / "beats" / "trial-0003").Images("report/confusion")
    figure = REPORT.plot()
    width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    image = Image.open(io.BytesIO(event.encoded_image_string))
    assert abs(image.width - width) <= 1
    assert abs(image.height - height) <= 1
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 20  # not blank


def test_without_matplotlib_there_is_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    log(TensorBoardTracker(tmp_path))
    events = read(tmp_path / "beats" / "trial-0003")
    assert events.Tags()["images"] == []
    assert scalars(events, "report/accuracy") == [(2, ACCURACY)]


def test_each_epoch_is_on_disk_when_it_ends(tmp_path: Path) -> None:
    tracker = TensorBoardTracker(tmp_path)
    tracker.start(RUN)
    tracker.log_epoch(EPOCHS[0])
    assert scalars(read(tmp_path / "beats" / "trial-0003"), "train_loss") == [(1, 0.5)]
    tracker.finish("complete")


def test_a_tracker_and_its_copy_write_separate_runs(tmp_path: Path) -> None:
    tracker = TensorBoardTracker(tmp_path)
    for one in (tracker, pickle.loads(pickle.dumps(tracker))):
        small(callbacks=[one]).fit(X, Y)
    for name in ("GRUClassifier", "GRUClassifier-2"):
        assert [step for step, _ in scalars(read(tmp_path / name), "train_loss")] == [1, 2]
