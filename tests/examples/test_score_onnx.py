"""The example scores an exported model in a process that can import neither seqclf nor torch nor scikit-learn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from export.scoring import beats, shaken, training_set
from seqclf import GRUClassifier
from seqclf.export import to_onnx

SCRIPT = Path(__file__).parents[2] / "examples" / "score_onnx.py"
WITHOUT = """
import runpy, sys
for name in ("onnx", "scipy", "seqclf", "sklearn", "torch"):
    sys.modules[name] = None  # importing it fails
try:
    import torch
except ImportError:
    runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def test_the_example_needs_numpy_and_onnxruntime_only(tmp_path: Path) -> None:
    model = shaken(GRUClassifier(hidden_size=4, max_epochs=1, random_state=0).fit(*training_set(1e6)))
    to_onnx(model, tmp_path / "model.onnx")
    arrays = beats(*range(1, 15), offset=1e6)
    np.savez(tmp_path / "sequences.npz", *arrays)
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        WITHOUT,
        SCRIPT,
        tmp_path / "model.onnx",
        tmp_path / "sequences.npz",
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    labels, probabilities = zip(*(line.split("\t") for line in done.stdout.splitlines()), strict=True)
    assert list(labels) == model.predict(arrays).tolist()
    assert len(set(labels)) > 1
    expected = model.predict_proba(arrays).max(axis=1)
    np.testing.assert_allclose(list(map(float, probabilities)), expected, rtol=0, atol=1e-5)
