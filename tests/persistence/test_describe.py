"""`describe_file` reads the header only."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

import seqclf
from persistence.model_files import edited
from ramps import ramps, small
from seqclf import MinMax, SequenceEnsemble, ZScore
from seqclf.evaluation import evaluate
from seqclf.training import ProgressBar

DATA = ramps(24)
NAMES = np.array(["down", "up"])


def test_every_attribute(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = make_pipeline(
        ZScore(),
        small(
            max_epochs=2,
            scale=MinMax(),
            pooling=("last", "mean"),
            class_weight={"up": 2.0},
            callbacks=ProgressBar(2),
        ),
    ).fit(DATA.arrays, NAMES[DATA.y])
    report = evaluate(NAMES[DATA.y], model.predict(DATA.arrays))
    notes = {"data": 'ramps \\ " é\nof two features', "limits": ""}
    seqclf.save(model, path, report=report, notes=notes, training_state=True)
    assert seqclf.load(path).classes_.tolist() == ["down", "up"]
    found = seqclf.describe_file(path)
    assert found.kind == "Pipeline(ZScore, GRUClassifier)"
    np.testing.assert_array_equal(found.classes, NAMES)
    assert found.classes.dtype == NAMES.dtype
    assert (found.n_features, found.n_columns) == (2, None)
    assert found.n_epochs == 2
    assert found.n_weights == sum(weight.numel() for weight in model[-1].module_.parameters())
    assert found.size == path.stat().st_size
    assert found.format == 1
    assert found.training_state
    assert found.scores == report.to_dict(confusion=False)
    assert found.notes == notes
    assert found.omitted == {"callbacks": "an object of ProgressBar"}
    assert found.custom_modules == {}
    assert set(found.versions) == {"seqclf", "torch", "numpy", "scikit-learn"}
    assert found.versions["seqclf"] == seqclf.__version__
    assert found.parameters["pooling"] == ("last", "mean")
    assert found.parameters["class_weight"] == {"up": 2.0}
    assert set(found.parameters) == set(model[-1].get_params(deep=False))
    assert repr(found.parameters["scale"]).startswith("MinMax(feature_range=(0.0, 1.0), missing='error'")
    assert list(found.changed_parameters)[:2] == ["max_epochs", "batch_size"]
    assert "optimizer" not in found.changed_parameters


def test_the_summary(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = small(max_epochs=1).fit(DATA.arrays, NAMES[DATA.y])
    report = evaluate(["up", "up", "down"], ["up", "down", "down"])
    seqclf.save(model, path, report=report, notes={"data": "ramps", "limits": "none"})
    assert re.fullmatch(
        r"""GRUClassifier
  classes     2: 'down', 'up'
  features    2
  parameters  max_epochs=1, batch_size=128, lr=0.03, random_state=0, hidden_size=6, num_layers=1, dropout=0.0
  epochs      1
  weights     218
  scores      accuracy 0.6667, macro F1 0.6667 on 3 samples; F1 down 0.667, up 0.667
  notes       data, limits
  versions    seqclf .*, numpy .*, scikit-learn .*, torch .*
  file        [0-9,]+ bytes, format 1""",
        repr(seqclf.describe_file(path)),
    )


def test_numpy_labels_in_an_array_of_objects_are_shown_as_text(tmp_path: Path) -> None:
    labels = np.array([np.str_("fault"), np.str_("fine")], dtype=object)[DATA.y]
    seqclf.save(small(max_epochs=1).fit(DATA.arrays, labels), tmp_path / "model")
    assert "\n  classes     2: 'fault', 'fine'\n" in repr(seqclf.describe_file(tmp_path / "model"))


def test_an_ensemble(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = SequenceEnsemble(estimators=[small(max_epochs=1)], n_members=2, n_jobs=1, random_state=0)
    seqclf.save(model.fit(DATA.padded()[:, :, 0], DATA.y), path)
    found = seqclf.describe_file(path)
    assert (found.kind, found.n_features, found.n_columns, found.n_epochs) == ("SequenceEnsemble", 1, 8, None)
    assert "\n  columns     8, one per step\n" in repr(found)
    assert found.n_weights == 2 * (6 * 3 * (1 + 6 + 2) + 18 * 2 + 2)
    assert repr(found.parameters["estimators"][0]).startswith(
        "GRUClassifier(augmentation='auto', batch_size=128"
    )


def test_weights_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model"
    seqclf.save(small(max_epochs=1).fit(DATA.arrays, DATA.y), path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert seqclf.describe_file(path).kind == "GRUClassifier"
    with pytest.raises(seqclf.InvalidModelFileError, match="must have the SHA-256 that it states"):
        seqclf.load(path)


def test_what_cannot_be_described_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model"
    seqclf.save(small(max_epochs=1).fit(DATA.arrays, DATA.y), path)
    for change, message in (
        (
            lambda content, _: content["model"].pop("fitted_"),
            "`model` of a model file must describe a fitted estimator; got KeyError: 'fitted_'",
        ),
        (
            lambda content, _: content.update(versions={"seqclf": 1}),
            "`versions` of a model file must be a dict; each key is text, each value text",
        ),
        (
            lambda content, _: content.update(notes={"data": 1}),
            "`notes` of a model file must be a dict; each key is text, each value text",
        ),
        (
            lambda content, _: content.update(report={"accuracy": 1}),
            "`report` of a model file must be the scores of a report, or null",
        ),
        (
            lambda content, _: content.update(extra=1),
            r"`metadata` of a model file must have the names \['format', 'model'",
        ),
        (
            lambda content, _: content["model"].update({"is": "os.system"}),
            "`model` of a model file must describe a fitted estimator",
        ),
    ):
        with pytest.raises(seqclf.InvalidModelFileError, match=message):
            seqclf.describe_file(edited(path, change))


def test_what_is_cut_ends_in_an_ellipsis(tmp_path: Path) -> None:
    path = tmp_path / "model"
    names = np.array([f"a long name of the class {i}" for i in range(2)] + ["x" * 100])
    model = small(max_epochs=1, scale=MinMax(), class_weight=dict.fromkeys(names, 1.0))
    y = names[np.arange(len(DATA.y)) % 3]
    seqclf.save(model.fit(DATA.arrays, y), path, report=evaluate(y, model.predict(DATA.arrays)))
    lines = dict(line.split(maxsplit=1) for line in repr(seqclf.describe_file(path)).splitlines()[1:])
    assert re.search(r" class_weight=(.{59})\N{HORIZONTAL ELLIPSIS},", lines["parameters"])
    assert re.fullmatch(r"3: .{99}\N{HORIZONTAL ELLIPSIS}", lines["classes"])
    assert re.search(r"F1 .{99}\N{HORIZONTAL ELLIPSIS}$", lines["scores"])
    assert "scale=MinMax(feature_range=(0.0, 1.0)" in lines["parameters"]
    assert "file" in lines
