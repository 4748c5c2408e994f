"""A training configuration checks its values."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from seqclf.training import TrainingConfig


def test_defaults_by_hand() -> None:
    config = TrainingConfig()
    assert (config.max_epochs, config.lr, config.schedule) == (12, 0.004, "one_cycle")
    assert (config.weight_decay, config.gradient_clip, config.early_stopping) == (0.01, 1.0, False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"schedule": "linear"},
            "`schedule` must be one of ['one_cycle', 'cosine', 'plateau', 'constant'], a schedule of "
            "torch.optim.lr_scheduler or a factory of one; got 'linear'.",
        ),
        (
            {"monitor": "valid_f1"},
            "`monitor` must be one of ['valid_loss', 'valid_macro_f1', 'valid_accuracy'] or a callable "
            "`(y_true, y_pred) -> float`; got 'valid_f1'.",
        ),
        ({"monitor": 3}, "`monitor` must be one of"),
        ({"optimizer": "lamb"}, "`optimizer` must be one of ['adamw', 'adam', 'sgd']"),
        ({"max_epochs": 0}, "`max_epochs` must be at least 1; got 0."),
        ({"n_iter_no_change": 0}, "`n_iter_no_change` must be at least 1; got 0."),
        ({"lr": 0.0}, "`lr` must be positive and finite; got 0.0. 0.004 is the default."),
        ({"lr": float("nan")}, "`lr` must be positive and finite; got nan. 0.004 is the default."),
        ({"lr": float("inf")}, "`lr` must be positive and finite; got inf. 0.004 is the default."),
        ({"max_epochs": 2**63}, "`max_epochs` must fit 64 bits; got an integer of 64 bits."),
        ({"weight_decay": -0.1}, "`weight_decay` must be finite and not negative; got -0.1."),
        ({"tol": -1e-4}, "`tol` must be finite and not negative; got -0.0001."),
        ({"gradient_clip": 0.0}, "`gradient_clip` must be positive and finite; got 0.0. None does not clip."),
    ],
)
def test_an_invalid_value_is_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TrainingConfig(**options)


def test_a_config_is_frozen() -> None:
    config = TrainingConfig(gradient_clip=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.lr = 1.0  # type: ignore[misc]
