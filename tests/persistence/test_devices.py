"""A model that was on another device loads where that device does not exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import seqclf
from persistence.model_files import edited, reloaded, same_predictions, same_weights
from ramps import ramps, small

DATA = ramps(24)


@pytest.mark.parametrize("device", ["cuda", "mps", "meta", "os.system", "privateuseone"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="the device exists")
def test_a_device_that_this_machine_lacks_becomes_the_cpu(device: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = small(max_epochs=1, dropout=0.5, num_layers=2).fit(DATA.arrays, DATA.y)
    seqclf.save(model, path, training_state=True)

    def on_device(content: Any, tensors: Any) -> None:
        fitted = content["model"]["fitted_"]
        fitted["device"] = device
        name, _ = fitted["training"]["dropouts"]["items"][0]
        fitted["training"]["dropouts"]["items"][0] = [name, {"is": "generator", "device": device}]
        # The state of a generator of CUDA has 16 bytes.
        state = (
            torch.arange(16, dtype=torch.uint8)
            if device in ("cuda", "mps")
            else torch.Generator().get_state()
        )
        tensors["model.fitted_.training.dropouts.0"] = state

    loaded = seqclf.load(edited(path, on_device))
    assert {weight.device.type for weight in loaded.module_.parameters()} == {"cpu"}
    same_predictions(model, loaded, DATA.arrays)
    loaded.partial_fit(DATA.arrays, DATA.y)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_model_on_a_gpu_comes_back_to_it_and_continues(tmp_path: Path) -> None:
    model = small(device="cuda", dropout=0.5, num_layers=2).partial_fit(DATA.arrays, DATA.y)
    loaded = reloaded(model, tmp_path, training_state=True)
    assert {weight.device.type for weight in loaded.module_.parameters()} == {"cuda"}
    same_weights(model.module_, loaded.module_)
    for one in (model, loaded):
        one.partial_fit(DATA.arrays, DATA.y)
    for mine, its in zip(model.module_.parameters(), loaded.module_.parameters(), strict=True):
        torch.testing.assert_close(mine, its, rtol=0, atol=1e-5)
