"""Callbacks, and progress: a bar with tqdm, log messages without."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from seqclf.exceptions import SeqclfWarning
from seqclf.training import Callback, EpochRecord, FitCallback, ProgressBar

PLAIN = EpochRecord(epoch=1, seconds=0.1, lr=0.1, train_loss=0.5, train_accuracy=0.75, train_macro_f1=0.7)
CHECKED = EpochRecord(
    epoch=2,
    seconds=0.1,
    lr=0.1,
    train_loss=0.25,
    train_accuracy=0.8,
    train_macro_f1=0.75,
    valid_loss=0.125,
    valid_accuracy=0.9,
    valid_macro_f1=0.85,
)


def test_a_bar_counts_epochs_and_shows_scores(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    with ProgressBar(2) as bar:
        bar.on_epoch_end(PLAIN)
        bar.on_epoch_end(CHECKED)
    shown = capsys.readouterr()
    assert "2/2" in shown.err
    assert "loss=0.250" in shown.err
    assert "valid_loss=0.125" in shown.err
    assert "valid_macro_f1=0.850" in shown.err
    assert shown.out == ""


def test_progress_goes_to_the_log_without_tqdm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bar = ProgressBar(2)
    with pytest.warns(SeqclfWarning, match=r"progress goes to the log 'seqclf' only. Run `pip install"):
        bar.__enter__()
    with caplog.at_level(logging.INFO, logger="seqclf"):
        bar.on_epoch_end(PLAIN)
        bar.on_epoch_end(CHECKED)
    assert caplog.messages == [
        "epoch 1 of 2: {'loss': '0.500', 'accuracy': '0.750', 'macro_f1': '0.700'}",
        "epoch 2 of 2: {'loss': '0.250', 'accuracy': '0.800', 'macro_f1': '0.750', 'valid_loss': '0.125', "
        "'valid_macro_f1': '0.850'}",
    ]
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_a_bar_is_a_callback() -> None:
    assert isinstance(ProgressBar(1), Callback)


def test_a_title_identifies_the_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with ProgressBar(1, title="GRU") as bar:
        bar.on_epoch_end(PLAIN)
    assert "GRU: 100%" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bar = ProgressBar(1, title="GRU")
    with pytest.warns(SeqclfWarning, match="needs tqdm"):
        bar.__enter__()
    with caplog.at_level(logging.INFO, logger="seqclf"):
        bar.on_epoch_end(PLAIN)
    assert caplog.messages[-1].startswith("GRU: epoch 1 of 1: {'loss': '0.500'")


class Recorder:
    """Records the notifications of a fit."""

    def __init__(self) -> None:
        self.notifications: list[Any] = []

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        self.notifications.append(name)

    def on_epoch_end(self, record: EpochRecord) -> None:
        self.notifications.append(record.epoch)

    def on_fit_end(self, error: BaseException | None) -> None:
        self.notifications.append(error)


def test_three_methods_make_a_fit_callback() -> None:
    assert isinstance(Recorder(), FitCallback)
    assert isinstance(Recorder(), Callback)


def test_one_method_makes_a_callback() -> None:
    assert isinstance(ProgressBar(1), Callback)
    assert not isinstance(ProgressBar(1), FitCallback)
