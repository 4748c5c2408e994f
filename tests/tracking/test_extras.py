"""Trackers import optional packages late, and name the extra of a missing one."""

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
            "`WandbTracker` needs wandb, which is not installed. Run `pip install 'seqclf[wandb]'`.",
        ),
        (
            MlflowTracker,
            "mlflow.tracking",
            "`MlflowTracker` needs mlflow, which is not installed. Run `pip install 'seqclf[mlflow]'`.",
        ),
        (
            TensorBoardTracker,
            "torch.utils.tensorboard",
            "`TensorBoardTracker` needs tensorboard, which is not installed. Run `pip install 'seqclf[tensorboard]'`.",
        ),
    ],
)
def test_creating_a_tracker_names_the_extra_of_a_missing_package(
    make: Callable[[Any], object], module: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as error:
        make(str(tmp_path))
    assert str(error.value) == message


def test_importing_tuning_and_tracking_imports_no_optional_package() -> None:
    code = (
        "import sys, seqclf.tracking, seqclf.tuning\n"
        "print([name for name in ('optuna', 'wandb', 'mlflow', 'tensorboard', 'matplotlib') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown == "[]\n"
