"""A missing package is told when a tracker is made, with the extra that brings it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqclf.tracking import MlflowTracker, TensorBoardTracker, WandbTracker


@pytest.mark.parametrize(
    ("make", "module", "message"),
    [
        (
            WandbTracker,
            "wandb",
            "`WandbTracker` needs wandb; it is not installed. Run `pip install 'seqclf[wandb]'`.",
        ),
        (
            MlflowTracker,
            "mlflow.tracking",
            "`MlflowTracker` needs mlflow; it is not installed. Run `pip install 'seqclf[mlflow]'`.",
        ),
        (
            TensorBoardTracker,
            "torch.utils.tensorboard",
            "`TensorBoardTracker` needs tensorboard; it is not installed. Run `pip install 'seqclf[tensorboard]'`.",
        ),
    ],
)
def test_a_missing_package_is_told_when_the_tracker_is_made(
    make: Callable[[Any], object], module: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as error:
        make(str(tmp_path))
    assert str(error.value) == message


def test_the_trackers_bring_nothing_in_until_one_is_made() -> None:
    code = (
        "import sys, seqclf.tracking\n"
        "print([name for name in ('wandb', 'mlflow', 'tensorboard', 'matplotlib') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown == "[]\n"
