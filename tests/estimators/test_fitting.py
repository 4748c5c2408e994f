"""Parameters of an estimator become a training run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from oracles import global_randomness
from ramps import ramps, small
from seqclf.estimators._fitting import _hold_out, choose_device, new_generator, training_config
from seqclf.training import EpochRecord, LabelledSequences

DATA = ramps()


@pytest.mark.parametrize(
    ("n_samples", "batch_size", "expected"),
    [(100, 128, 300), (1000, 100, 30), (1001, 100, 28), (100_000, 128, 12), (2500, 100, 12)],
)
def test_auto_makes_12_epochs_and_at_least_300_steps(n_samples: int, batch_size: int, expected: int) -> None:
    config = training_config(small(max_epochs="auto", batch_size=batch_size), n_samples)
    assert config.max_epochs == expected


def test_training_parameters_are_handed_on() -> None:
    options: dict[str, Any] = {
        "max_epochs": 3,
        "lr": 0.5,
        "schedule": "cosine",
        "weight_decay": 0.25,
        "gradient_clip": None,
        "early_stopping": True,
        "n_iter_no_change": 7,
        "tol": 0.125,
    }
    config = training_config(small(**options), 10)
    assert {name: getattr(config, name) for name in options} == options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be at least 1; got 0."),
        ({"max_epochs": 0}, "`max_epochs` must be at least 1; got 0."),
        ({"lr": -1.0}, "`lr` must be positive; got -1.0."),
        (
            {"early_stopping": True, "validation_fraction": 1.0},
            "`validation_fraction` must lie in (0, 1); got 1.0.",
        ),
        (
            {"early_stopping": True, "validation_fraction": 0.0},
            "`validation_fraction` must lie in (0, 1); got 0.0.",
        ),
        ({"dropout": 1.5}, "`dropout` must lie in [0, 1); got 1.5."),
        ({"hidden_size": 0}, "`hidden_size` must be at least 1; got 0."),
        ({"init": "zero"}, "`init` must be one of ['orthogonal', 'identity', 'torch']; got 'zero'."),
        ({"engine": "fast"}, "`engine` must be one of ['auto', 'native', 'packed']; got 'fast'."),
    ],
)
def test_a_wrong_parameter_is_refused_by_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        small(**options).fit(DATA.sequences, DATA.y)


def test_the_same_number_is_the_same_generator() -> None:
    def draw(seed: int | np.random.RandomState | None) -> int:
        return int(torch.randint(2**31 - 1, (1,), generator=new_generator(seed)))

    assert draw(0) == draw(0) == draw(np.random.RandomState(0))
    assert draw(0) != draw(1)
    assert draw(None) != draw(None)


def test_no_number_leaves_numpys_global_state_alone() -> None:
    before = global_randomness()
    new_generator(None)
    assert global_randomness() == before


def test_the_device_is_chosen_by_its_name() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def labelled(target: list[int]) -> LabelledSequences:
    return LabelledSequences(sequences=ramps(len(target)).sequences, target=torch.tensor(target))


def test_a_held_out_part_is_stratified_and_disjoint() -> None:
    data = labelled([0] * 80 + [1] * 20)
    kept, held = _hold_out(data, 0.1, torch.Generator().manual_seed(0))
    assert (len(kept), len(held)) == (90, 10)
    assert held.target.bincount().tolist() == [8, 2]
    rows = [tuple(one.flatten().tolist()) for part in (kept, held) for one in part.sequences]
    assert sorted(rows) == sorted(tuple(one.flatten().tolist()) for one in data.sequences)


@pytest.mark.parametrize("target", [[0] * 9 + [1], list(range(10)), [0, 1]])
def test_where_a_class_is_too_small_the_part_is_not_stratified(target: list[int]) -> None:
    kept, held = _hold_out(labelled(target), 0.1, torch.Generator().manual_seed(0))
    assert (len(kept), len(held)) == (len(target) - 1, 1)


def test_the_same_generator_holds_out_the_same() -> None:
    data = labelled([0, 1] * 20)
    first, again = (_hold_out(data, 0.3, torch.Generator().manual_seed(0))[1] for _ in range(2))
    assert first.sequences == again.sequences


class Diary:
    """Notes what it is told of a fit; raises `error` where `fails` says."""

    def __init__(self, fails: str = "", error: BaseException | None = None) -> None:
        self.told: list[Any] = []
        self._fails = fails
        self._error = error

    def on_fit_start(self, name: str, parameters: Mapping[str, Any]) -> None:
        self._note("start", (name, parameters))

    def on_epoch_end(self, record: EpochRecord) -> None:
        self._note("epoch", record.epoch)

    def on_fit_end(self, error: BaseException | None) -> None:
        self._note("end", error)

    def _note(self, method: str, what: Any) -> None:
        self.told.append(what)
        if method == self._fails and self._error is not None:
            raise self._error


def test_a_callback_is_told_how_a_fit_begins_and_ends() -> None:
    diary = Diary()
    model = small(callbacks=[diary], max_epochs=2).fit(DATA.sequences, DATA.y)
    (name, parameters), *rest = diary.told
    assert name == "GRUClassifier"
    assert dict(parameters) == {
        key: value for key, value in model.get_params(deep=False).items() if key != "callbacks"
    }
    assert rest == [1, 2, None]


@pytest.mark.parametrize("error", [ValueError("enough"), KeyboardInterrupt()])
@pytest.mark.parametrize("verbose", [False, True])
def test_a_callback_is_told_what_ended_a_fit(error: BaseException, verbose: bool) -> None:
    diary = Diary()
    model = small(callbacks=[diary, Diary("epoch", error)], verbose=verbose)
    with pytest.raises(type(error)):
        model.fit(DATA.sequences, DATA.y)
    assert diary.told[1:] == [1, error]


def test_those_told_of_the_start_are_told_of_the_end_whatever_the_others_raise() -> None:
    diary, error = Diary(), OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        small(callbacks=[diary, Diary("start", error)]).fit(DATA.sequences, DATA.y)
    assert diary.told[1:] == [error]
    with pytest.raises(OSError, match="disk full"):
        small(callbacks=[diary, Diary("end", error)], max_epochs=1).fit(DATA.sequences, DATA.y)
    assert diary.told[3:] == [1, error]


def test_a_fit_that_is_refused_never_began() -> None:
    diary = Diary()
    with pytest.raises(ValueError, match="batch_size"):
        small(callbacks=[diary], batch_size=0).fit(DATA.sequences, DATA.y)
    assert diary.told == []


def test_a_partial_fit_neither_begins_nor_ends_and_its_epochs_go_on() -> None:
    diary = Diary()
    model = small(callbacks=[diary], max_epochs=2)
    model.partial_fit(DATA.sequences, DATA.y).partial_fit(DATA.sequences, DATA.y)
    assert diary.told == [1, 2]
    model.fit(DATA.sequences, DATA.y).partial_fit(DATA.sequences, DATA.y)
    assert diary.told[3:] == [1, 2, None, 3]
    assert [record.epoch for record in model.history_] == [1, 2, 3]
