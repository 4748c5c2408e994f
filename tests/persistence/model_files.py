"""Save and load in one call, and files that were edited by someone who knows the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import seqclf
from seqclf.persistence._model_file import MODEL_FILE
from seqclf.scoring._identity import identify


def reloaded(
    model: Any, folder: Path, *, modules: Mapping[str, nn.Module] | None = None, **options: Any
) -> Any:
    """Return the model after a round trip through a file."""
    path = folder / "model.safetensors"
    seqclf.save(model, path, **options)
    return seqclf.load(path, modules=modules)


def edited(path: Path, change: Callable[[dict[str, Any], dict[str, Tensor]], Any]) -> Path:
    """Write a copy of a file after a change of its content or tensors, with the digest that fits."""
    header, tensors = MODEL_FILE.read(path)
    change(header.content, tensors)
    new = path.with_name("edited.safetensors")
    with new.open("wb") as file:
        MODEL_FILE.write(file, header.content, tensors)
    return new


def same_predictions(first: Any, second: Any, X: Any) -> None:
    """Assert that two models predict the same, bitwise, and that `score_table` takes one for the other."""
    assert identify(first) == identify(second)
    before, after = first.predict_proba(X), second.predict_proba(X)
    assert before.tobytes() == after.tobytes()
    labels = first.predict(X)
    assert labels.dtype == second.predict(X).dtype
    np.testing.assert_array_equal(labels, second.predict(X))


def same_weights(first: nn.Module, second: nn.Module) -> None:
    """Assert that two networks have the same weights, bitwise."""
    before, after = first.state_dict(), second.state_dict()
    assert list(before) == list(after)
    for name in before:
        assert before[name].dtype == after[name].dtype
        assert torch.equal(before[name].cpu(), after[name].cpu()), name
