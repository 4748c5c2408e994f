"""The history of a training is a table of epochs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from seqclf.training import EpochRecord, History


def record(epoch: int, **scores: Any) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        seconds=0.5,
        lr=0.1,
        train_loss=1.0 / epoch,
        train_accuracy=0.7,
        train_macro_f1=0.6,
        **scores,
    )


HISTORY = History([record(1), record(2, valid_loss=0.9, valid_accuracy=0.8, valid_macro_f1=0.75)])
COLUMNS = [
    "epoch",
    "seconds",
    "lr",
    "train_loss",
    "train_accuracy",
    "train_macro_f1",
    "valid_loss",
    "valid_accuracy",
    "valid_macro_f1",
    "valid_monitor",
]


def test_columns_by_hand() -> None:
    assert HISTORY["train_loss"] == [1.0, 0.5]
    assert HISTORY["valid_accuracy"] == [None, 0.8]
    assert list(HISTORY.to_dict()) == COLUMNS
    assert HISTORY.to_dict()["epoch"] == [1, 2]


def test_rows_by_hand() -> None:
    assert len(HISTORY) == 2
    assert [epoch.epoch for epoch in HISTORY] == [1, 2]
    rows = HISTORY.to_records()
    assert list(rows[0]) == COLUMNS
    assert rows[1]["valid_macro_f1"] == 0.75


def test_the_validation_loss_is_monitored_if_there_is_one() -> None:
    assert [epoch.monitored_loss for epoch in HISTORY] == [1.0, 0.9]


def test_an_unknown_column_is_rejected() -> None:
    message = f"A column of the history must be one of {COLUMNS}; got 'loss'."
    with pytest.raises(KeyError, match=re.escape(message)):
        HISTORY["loss"]
