"""A model that was saved on a GPU is loaded on a machine without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import seqclf
from persistence.model_files import edited, same_predictions
from ramps import ramps, small
from seqclf import InvalidModelFileError
from seqclf._pickling import device_or_cpu

DATA = ramps(24)
MISSING = [name for name in ("cuda", "mps", "xpu", "npu") if device_or_cpu(name) == "cpu"]
"""Types of device that this machine lacks; "npu" is one that the format does not know."""


def devices_of(model: Any) -> set[str]:
    return {weight.device.type for weight in model.module_.parameters()}


def moved_to(device: str, path: Path) -> Path:
    """Return the file as a GPU would have written it: the device, and the 16 bytes of its generators."""

    def change(content: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        fitted = content["model"]["fitted_"]
        fitted["device"] = device
        place = "model.fitted_.training.dropouts"
        for i, (_, generator) in enumerate(fitted["training"]["dropouts"]["items"]):
            if generator is not None:
                generator["device"] = device
                tensors[f"{place}.{i}"] = torch.arange(16, dtype=torch.uint8)

    return edited(path, change)


@pytest.mark.parametrize("device", MISSING)
def test_a_model_of_a_missing_device_is_loaded_on_the_cpu(device: str, tmp_path: Path) -> None:
    model = small(num_layers=2, dropout=0.2).partial_fit(DATA.arrays, DATA.y)
    encoder: Any = model.module_.encoder
    encoder.dropout.generator = torch.Generator().manual_seed(3)  # one of its own, as after a move to a GPU
    seqclf.save(model, tmp_path / "model.safetensors", training_state=True)
    path = moved_to(device, tmp_path / "model.safetensors")
    loaded = seqclf.load(path)
    assert devices_of(loaded) == {"cpu"}
    same_predictions(model, loaded, DATA.arrays)
    assert loaded.partial_fit(DATA.arrays, DATA.y).n_epochs_ == 2
    again = seqclf.load(path).partial_fit(DATA.arrays, DATA.y)
    np.testing.assert_array_equal(loaded.predict_proba(DATA.arrays), again.predict_proba(DATA.arrays))


@pytest.mark.parametrize(
    "state", [torch.zeros(16, dtype=torch.bfloat16), torch.tensor([-1]), torch.ones(4, 4)]
)
@pytest.mark.parametrize("device", ["cpu", "npu"])
def test_a_state_that_no_generator_has_is_named(device: str, state: torch.Tensor, tmp_path: Path) -> None:
    seqclf.save(small().partial_fit(DATA.arrays, DATA.y), tmp_path / "model.safetensors", training_state=True)

    def change(content: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        content["model"]["fitted_"]["training"]["generator"]["device"] = device
        tensors["model.fitted_.training.generator"] = state

    path = edited(tmp_path / "model.safetensors", change)
    with pytest.raises(
        InvalidModelFileError, match=r"training\.generator` of a model file must be the state of"
    ):
        seqclf.load(path)


@pytest.mark.parametrize("device", MISSING)
def test_the_writer_records_the_device(device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = small(max_epochs=1).fit(DATA.arrays, DATA.y)
    where = "seqclf.persistence._writer._learned.device_of"
    monkeypatch.setattr(where, lambda module: torch.device("privateuseone" if device == "npu" else device))
    seqclf.save(model, tmp_path / "model.safetensors")
    loaded = seqclf.load(tmp_path / "model.safetensors")
    assert devices_of(loaded) == {"cpu"}
    same_predictions(model, loaded, DATA.arrays)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_model_of_a_gpu_returns_to_it_and_moves_to_the_cpu(tmp_path: Path) -> None:
    model = small(num_layers=2, dropout=0.2, device="cuda").partial_fit(DATA.arrays, DATA.y)
    path = tmp_path / "model.safetensors"
    seqclf.save(model, path, training_state=True)
    loaded = seqclf.load(path)
    assert devices_of(loaded) == {"cuda"}
    np.testing.assert_array_equal(loaded.predict_proba(DATA.arrays), model.predict_proba(DATA.arrays))
    on_cpu = seqclf.load(edited(path, lambda content, _: content["model"]["fitted_"].update(device="cpu")))
    assert devices_of(on_cpu) == {"cpu"}
    np.testing.assert_allclose(on_cpu.predict_proba(DATA.arrays), model.predict_proba(DATA.arrays), atol=1e-5)
