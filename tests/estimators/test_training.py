"""From the parameters of an estimator to a training run."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from oracles import global_randomness
from ramps import ramps, small
from seqclf.estimators._training import choose_device, hold_out, new_generator, training_config
from seqclf.exceptions import SeqclfWarning
from seqclf.training import LabelledSequences

DATA = ramps()


def test_training_parameters_reach_the_configuration() -> None:
    options: dict[str, Any] = {
        "max_epochs": 3,
        "lr": 0.5,
        "optimizer": "sgd",
        "schedule": "cosine",
        "monitor": "valid_macro_f1",
        "weight_decay": 0.25,
        "gradient_clip": None,
        "early_stopping": True,
        "n_iter_no_change": 7,
        "tol": 0.125,
    }
    config = training_config(small(augmentation=None, **options))
    assert {name: getattr(config, name) for name in options} == options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be at least 1; got 0."),
        ({"max_epochs": 0}, "`max_epochs` must be at least 1; got 0."),
        ({"lr": -1.0}, "`lr` must be positive and finite; got -1.0."),
        (
            {"early_stopping": True, "validation_fraction": 1.0},
            "`validation_fraction` must lie in (0, 1); got 1.0.",
        ),
        (
            {"early_stopping": True, "validation_fraction": 0.0},
            "`validation_fraction` must lie in (0, 1); got 0.0.",
        ),
        ({"dropout": 1.5}, "`dropout` must lie in [0, 1); got 1.5."),
        ({"head_dropout": -0.5}, "`head_dropout` must lie in [0, 1); got -0.5."),
        ({"monitor": "loss"}, "`monitor` must be one of ['valid_loss', 'valid_macro_f1', 'valid_accuracy']"),
        ({"hidden_size": 0}, "`hidden_size` must be at least 1; got 0."),
        ({"init": "zero"}, "`init` must be one of ['orthogonal', 'identity', 'torch']; got 'zero'."),
        ({"engine": "fast"}, "`engine` must be one of ['auto', 'native', 'packed']; got 'fast'."),
    ],
)
def test_fit_rejects_invalid_parameters(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        small(**options).fit(DATA.sequences, DATA.y)


def test_the_same_seed_gives_the_same_generator() -> None:
    def draw(seed: int | np.random.RandomState | None) -> int:
        return int(torch.randint(2**31 - 1, (1,), generator=new_generator(seed)))

    assert draw(0) == draw(0) == draw(np.random.RandomState(0))
    assert draw(0) != draw(1)
    assert draw(None) != draw(None)


def test_a_random_state_of_none_leaves_the_global_states_unchanged() -> None:
    before = global_randomness()
    new_generator(None)
    assert global_randomness() == before


def test_a_device_is_chosen_by_name() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def labelled(target: list[int]) -> LabelledSequences:
    return LabelledSequences(sequences=ramps(len(target)).sequences, target=torch.tensor(target))


def test_a_validation_set_is_stratified_and_disjoint() -> None:
    data = labelled([0] * 80 + [1] * 20)
    kept, held = hold_out(data, 0.1, torch.Generator().manual_seed(0))
    assert (len(kept), len(held)) == (90, 10)
    assert held.target.bincount().tolist() == [8, 2]
    rows = [tuple(one.flatten().tolist()) for split in (kept, held) for one in split[:].sequences]
    assert sorted(rows) == sorted(tuple(one.flatten().tolist()) for one in data[:].sequences)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.8])
@pytest.mark.parametrize(
    "target", [[0] * 9 + [1], [0, 0, 0, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]]
)
def test_training_keeps_a_sample_of_each_class(target: list[int], fraction: float) -> None:
    for seed in range(20):
        kept, held = hold_out(labelled(target), fraction, torch.Generator().manual_seed(seed))
        assert set(kept.target.tolist()) == set(target)
        assert len(held) == np.ceil(fraction * len(target))
        assert sorted([*kept.target.tolist(), *held.target.tolist()]) == target


@pytest.mark.parametrize(
    ("target", "fraction", "left"), [([0, 1] * 24, 0.99, 0), ([0, 1] * 24, 0.97, 1), ([0, 1], 0.1, 1)]
)
def test_a_validation_set_that_leaves_too_few_samples_is_rejected(
    target: list[int], fraction: float, left: int
) -> None:
    message = (
        f"`validation_fraction` must leave a training sample of each of the 2 classes; got {fraction}, which leaves {left} of "
        f"{len(target)} samples. Lower it, pass `validation_data`, or train without early stopping."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        hold_out(labelled(target), fraction, torch.Generator())


def test_the_same_generator_gives_the_same_split() -> None:
    data = labelled([0, 1] * 20)
    first, again = (hold_out(data, 0.3, torch.Generator().manual_seed(0))[1] for _ in range(2))
    assert first.sequences == again.sequences


def test_a_small_validation_set_gives_a_warning() -> None:
    message = (
        "The validation set of `early_stopping` should have at least 20 samples; got 5: its scores are mostly noise. Pass "
        "`validation_data`, raise `validation_fraction`, or train without early stopping."
    )
    with pytest.warns(SeqclfWarning, match=re.escape(message)) as caught:
        small(early_stopping=True, max_epochs=1).fit(DATA.sequences, DATA.y)
    assert caught[0].filename == __file__, "the warning points to the user's line"
    small(early_stopping=True, max_epochs=1, validation_fraction=0.5).fit(DATA.sequences, DATA.y)
