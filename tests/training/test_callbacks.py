"""Callbacks, and progress: a bar with tqdm, log messages without."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from ramps import ramps, small
from seqclf.exceptions import SeqclfWarning
from seqclf.training import Callback, EpochRecord, FitCallback, ProgressBar, as_callbacks
from seqclf.tuning import sweep

DATA = ramps()

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


class Counter:
    """Counts epochs."""

    def __init__(self) -> None:
        self.n = 0

    def on_epoch_end(self, record: EpochRecord) -> None:
        self.n += 1


@pytest.mark.parametrize("form", [lambda c: c, lambda c: [c], lambda c: (c,), lambda c: iter([c])])
def test_callbacks_may_be_one_or_many(form: Any) -> None:
    counter = Counter()
    assert as_callbacks(form(counter)) == (counter,)
    small(callbacks=form(counter), max_epochs=2).fit(DATA.sequences, DATA.y)
    assert counter.n == 2
    small(callbacks=form(counter)).partial_fit(DATA.sequences, DATA.y)
    assert counter.n == 3


def test_no_callbacks_may_be_none() -> None:
    assert as_callbacks(None) == ()
    model = small(callbacks=None, max_epochs=1)
    model.fit(DATA.sequences, DATA.y).partial_fit(DATA.sequences, DATA.y)


@pytest.mark.parametrize("callbacks", [None, Counter(), [Counter()]])
def test_a_sweep_takes_the_callbacks_of_its_estimator_in_any_form(callbacks: Any) -> None:
    result = sweep(small(callbacks=callbacks, max_epochs=1), {"lr": 0.1}, DATA.sequences, DATA.y, n_trials=1)
    assert result.trials[0].status == "complete"


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ([3], "`callbacks` must hold objects with a method `on_epoch_end(record)`; got callbacks[0]=3."),
        (3, "got callbacks[0]=3."),
        ([Counter(), "csv"], "got callbacks[1]='csv'."),
        ([lambda record: None], "got callbacks[0]=<function"),
        (
            Counter,
            "`callbacks` must hold instances; got the class Counter as callbacks[0]. Pass `Counter()`.",
        ),
        ([Counter(), Counter], "got the class Counter as callbacks[1]."),
    ],
)
def test_what_is_not_a_callback_is_rejected_before_training(callbacks: Any, message: str) -> None:
    counter = Counter()
    model = small(callbacks=[counter]).fit(DATA.sequences, DATA.y)
    expected, counter.n = model.predict_proba(DATA.sequences), 0
    model.set_params(callbacks=callbacks)
    for fit in (model.fit, model.partial_fit):
        with pytest.raises(TypeError, match=re.escape(message)):
            fit(DATA.sequences, DATA.y)
    assert counter.n == 0
    np.testing.assert_array_equal(model.predict_proba(DATA.sequences), expected)
