"""A fit that will take long says so, once, and what would shorten it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqclf import GRUClassifier, SeqclfWarning
from seqclf.estimators._long_fit import LONG_FIT, warn_if_long
from seqclf.estimators._training import train_model
from seqclf.nn import CrossEntropyLoss
from seqclf.training import LabelledSequences, TrainingConfig, train

LENGTHS = [10, 30, 20, 40] * 4  # 400 steps
X = [np.linspace(0, 1, n) for n in LENGTHS]
Y = [0, 1] * 8
BATCHES = [torch.arange(4) + 4 * i for i in range(4)]  # of 100 steps each


class FakeClock:
    """Shows the time that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def arguments(sequences: Sequence[Any] = X, *, max_epochs: int = 5, **parameters: Any) -> dict[str, Any]:
    """Return the arguments that a fit of these samples has for its training."""
    given = GRUClassifier(hidden_size=2, batch_size=4, **parameters)
    given, untrained, samples = given._begin(sequences, Y[: len(sequences)], None, None, None)
    model, data, _ = untrained.encode(samples, None)
    config = TrainingConfig(max_epochs=max_epochs, early_stopping=bool(given.early_stopping))
    return {"given": given, "model": model, "data": data, "config": config}


def warnings_of(
    seconds_per_step: float,
    *,
    batches: Any = BATCHES,
    limit: float = LONG_FIT,
    validation: LabelledSequences | None = None,
    **parameters: Any,
) -> list[str]:
    """Return the warnings of a fit whose steps take so long."""
    clock = FakeClock()
    given = arguments(**parameters)
    timed = warn_if_long(batches, **given, validation=validation, limit=limit, clock=clock)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(given["config"].max_epochs):
            for index in timed:
                clock.now += seconds_per_step * float(given["data"].sequences.lengths[index].sum())
    return [str(warning.message) for warning in caught]


def test_a_tiny_case_by_hand() -> None:
    """5 epochs of 400 steps, 10 seconds each."""
    (message,) = warnings_of(10.0, max_epochs=5, bidirectional=True)
    assert message.startswith(
        "This fit will take about 6 hours: 5 epochs, together 2,000 steps, of sequences of up to 40 steps. What would shorten it, "
        'most effective first: `max_epochs=2` (about 2 hours), `stem="conv"` (about 3 hours), `bidirectional=False` (about 3 hours), '
        "`num_layers=1` (about 3 hours), "
    )
    assert message.endswith(", `early_stopping=True`.")


def test_the_documentation_shows_the_warning() -> None:
    def without_numbers(text: str) -> str:
        text = text.replace('`device="cuda"`', "a machine with a GPU")
        return re.sub(r"[\d.,]*\d|seconds|minutes|hours", "#", text)

    page = (Path(__file__).parents[2] / "docs" / "howto" / "long_training.md").read_text()
    shown = page.split("```text\nSeqclfWarning: ")[1].split("\n```")[0]
    recordings = [np.linspace(0, 1, 9000)] * 4
    (message,) = warnings_of(
        0.1, sequences=recordings, batches=[[0, 1], [2, 3]], max_epochs=12, bidirectional=True
    )
    assert without_numbers(message) == without_numbers(shown)


@pytest.mark.parametrize(("seconds", "warned"), [(599, False), (601, True)])
def test_ten_minutes_are_the_limit(seconds: float, warned: bool) -> None:
    assert LONG_FIT == 600
    assert bool(warnings_of(seconds / 2000)) is warned


def test_early_stopping_ends_at_the_latest_then() -> None:
    (message,) = warnings_of(10.0, early_stopping=True)
    assert "This fit will take at most about 6 hours" in message
    assert "early_stopping" not in message


def test_scoring_counts() -> None:
    data = arguments()["data"]
    assert not warnings_of(0.25)  # 500 seconds
    (message,) = warnings_of(0.25, validation=data)
    assert "This fit will take about 11 minutes" in message


@pytest.mark.parametrize(
    ("seconds_per_step", "words"),
    [
        (0.1, "about 3 minutes"),
        (0.0567, "about 113 seconds"),
        (0.0001234, "about 0.25 seconds"),
        (1.0, "about 33 minutes"),
        (100.0, "about 2 days"),
    ],
)
def test_times_have_a_fitting_unit(seconds_per_step: float, words: str) -> None:
    (message,) = warnings_of(seconds_per_step, limit=0.0)
    assert f"This fit will take {words}:" in message


@pytest.mark.parametrize("batches", [[torch.arange(16)], [[i] for i in range(16)], [np.arange(16)] * 2])
def test_any_batches_are_measured(batches: Any) -> None:
    assert len(warnings_of(10.0, batches=batches)) == 1


def test_training_warns_at_the_line_that_asked_for_it() -> None:
    with pytest.warns(
        SeqclfWarning, match=r"This fit will take about .* seconds: 3 epochs, together 1,200 steps"
    ) as caught:
        train_model(**arguments(max_epochs=3, random_state=0), callbacks=(), long_fit=0.0)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_training_is_the_same_with_a_warning() -> None:
    given, warned = arguments(random_state=0), arguments(random_state=0)
    train_model(**given, callbacks=())
    with pytest.warns(SeqclfWarning, match="This fit will take"):
        train_model(**warned, callbacks=(), long_fit=0.0)
    for ours, theirs in zip(
        given["model"].network.parameters(), warned["model"].network.parameters(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_partial_fit_and_fits_that_another_part_of_seqclf_asks_for_do_not_warn() -> None:
    """`train` stands for a sweep: a public function outside of the estimators."""
    given = arguments()
    train_model(**given, callbacks=(), long_fit=None)
    timed = warn_if_long(BATCHES, **given, validation=None, limit=0.0)
    train(given["model"].network, CrossEntropyLoss(), given["data"], timed, given["config"])
    assert timed.estimate.is_complete  # type: ignore[attr-defined]
