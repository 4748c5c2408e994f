"""Files that an earlier version of seqclf wrote keep loading, and predict what they did."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import seqclf
from persistence.old_files import FILES, samples
from seqclf.persistence._load import FORMATS
from seqclf.persistence._save import FORMAT

EXPECTED: dict[str, Any] = json.loads((FILES / "probabilities.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_an_old_file_predicts_what_it_did(name: str) -> None:
    path = FILES / name
    model = seqclf.load(path)
    X = samples(path.stem.split("_")[-1])
    np.testing.assert_allclose(model.predict_proba(X), EXPECTED[name], rtol=0, atol=1e-6)
    assert seqclf.describe_file(path).classes.tolist() == model.classes_.tolist()
    assert seqclf.describe_file(path).versions["seqclf"] == "0.1.0"


def test_training_continues_from_an_old_file() -> None:
    model = seqclf.load(FILES / "format_1_signals.safetensors")
    optimizer = model._model.optimizer
    model.partial_fit(samples("signals"), model.classes_[np.arange(12) % 2])
    assert model.n_epochs_ == 2
    assert {int(state["step"]) for state in optimizer.state.values()} == {2}


def test_there_is_a_file_of_each_version() -> None:
    kept = {int(path.name.split("_")[1]) for path in FILES.glob("*.safetensors")}
    assert kept == set(FORMATS)
    assert max(FORMATS) == FORMAT
