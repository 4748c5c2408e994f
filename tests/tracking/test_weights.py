"""Weights in safetensors files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load
from sklearn.pipeline import make_pipeline

from seqclf.tracking._weights import weights_of
from seqclf.transforms import ZScore
from tracking.runs import fitted, weights


def test_weights_and_class_order_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights_of(fitted()))
    with safe_open(path, framework="np") as file:
        assert file.metadata() == {"estimator": "GRUClassifier", "classes": '["N", "V"]'}
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, not a mapping
    assert found.keys() == weights(fitted()).keys()
    assert all(np.array_equal(found[name], value) for name, value in weights(fitted()).items())


def test_the_last_step_of_a_pipeline_is_written() -> None:
    found = load(weights_of(make_pipeline(ZScore(), fitted())))
    assert found.keys() == weights(fitted()).keys()
