"""Labels of the graph are those of the model, in a type that ONNX has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.scoring import Session, assert_agrees, beats, shaken, training_set
from seqclf import GRUClassifier
from seqclf.export import to_onnx


def fitted(labels: Any) -> Any:
    model = GRUClassifier(hidden_size=4, num_layers=1, max_epochs=1, random_state=0)
    return shaken(model.fit(training_set()[0], labels))


@pytest.mark.parametrize(
    ("classes", "dtype"),
    [
        pytest.param(["no", "yes"], "tensor(string)", id="text"),
        pytest.param(np.array(["nö", "ja"], object), "tensor(string)", id="text in objects"),
        pytest.param([-7, 3], "tensor(int64)", id="integers"),
        pytest.param(np.array([2, 200], np.uint8), "tensor(int64)", id="small integers"),
        pytest.param(np.array([1, 2**62], object), "tensor(int64)", id="integers in objects"),
        pytest.param([False, True], "tensor(bool)", id="booleans"),
        pytest.param([1.0, 2.0], "tensor(double)", id="floats"),
        pytest.param([f"class {i:02}" for i in range(8)], "tensor(string)", id="many"),
    ],
)
def test_labels_of_each_type_agree(classes: Any, dtype: str, tmp_path: Path) -> None:
    model = fitted(np.asarray(classes)[np.arange(24) % len(classes)])
    session = Session(model, tmp_path)
    assert session.session.get_outputs()[1].type == dtype
    metadata = session.session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["classes"]) == model.classes_.tolist()
    samples = beats(*range(1, 31))
    scored = session.score(samples)
    assert len(np.unique(scored.labels)) > 1
    assert_agrees(scored, model, samples)


def test_integers_of_more_than_64_bits_are_refused(tmp_path: Path) -> None:
    model = fitted(np.array([1, 2**64 - 1], np.uint64)[np.arange(24) % 2])
    message = r"labels that are text, booleans, floats, or integers of 64 bits; got 18446744073709551615 \(int\)\. Fit to"
    with pytest.raises(TypeError, match=message):
        to_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
