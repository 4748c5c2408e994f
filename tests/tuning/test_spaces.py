from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqclf.transforms import Jitter
from seqclf.tuning import Choice, Either, IntRange, LogUniform, Uniform, resolve
from seqclf.tuning._spaces import decisions, draw_parameters, labels_of

SPACE = {
    "lr": LogUniform(1e-3, 1e-1),
    "batch_size": 32,
    "depth": Either([{"num_layers": 1}, {"num_layers": IntRange(2, 4), "dropout": Uniform(0.0, 0.5)}]),
    "pooling": Choice(["last", ("mean", "max")]),
    "gruclassifier": {"hidden_size": Choice([8, 16])},
}


def test_an_option_that_is_not_chosen_draws_nothing() -> None:
    names: list[str] = []

    def draw(name: str, distribution: Any) -> Any:
        names.append(name)
        return {"lr": 0.01, "depth": 0, "pooling": "last", "gruclassifier__hidden_size": 8}[name]

    parameters = draw_parameters(SPACE, draw)
    assert parameters == {
        "lr": 0.01,
        "batch_size": 32,
        "num_layers": 1,
        "pooling": "last",
        "gruclassifier__hidden_size": 8,
    }
    assert names == ["lr", "depth", "pooling", "gruclassifier__hidden_size"]


def test_decisions_are_listed_with_their_path() -> None:
    assert dict(decisions(SPACE)) == {
        "lr": LogUniform(1e-3, 1e-1),
        "depth": Choice([0, 1]),
        "depth.1.num_layers": IntRange(2, 4),
        "depth.1.dropout": Uniform(0.0, 0.5),
        "pooling": Choice(["last", ("mean", "max")]),
        "gruclassifier__hidden_size": Choice([8, 16]),
    }


@given(st.randoms(use_true_random=False))
def test_parameters_are_resolved_from_their_labels(random: Any) -> None:
    drawn: dict[str, Any] = {}

    def draw(name: str, distribution: Any) -> Any:
        match distribution:
            case Choice():
                index = random.randrange(len(distribution.options))
                drawn[name] = labels_of(distribution)[index]
                return distribution.options[index]
            case _:
                drawn[name] = random.choice([distribution.low, distribution.high])
                return drawn[name]

    parameters = draw_parameters(SPACE, draw)
    assert resolve(SPACE, drawn) == parameters
    assert set(drawn) <= {name for name, _ in decisions(SPACE)}


def test_labels_are_the_same_in_every_process() -> None:
    def custom(data: Any, **options: Any) -> Any:
        return None

    labels = labels_of(Choice([True, 1, 1.0, None, "last", ("mean", "max"), custom, Jitter(0.1), object()]))
    assert labels[:6] == [True, "1: 1", "2: 1.0", None, "last", "5: ('mean', 'max')"]
    assert labels[6].startswith("6: test_labels_are_the_same")
    assert labels[7] == "7: Jitter(scale=0.1)"
    assert labels[8] == "8: <object object>"


def test_equal_options_of_different_types_have_different_labels() -> None:
    space = {"a": Choice([1, True, 1.0])}
    labels = labels_of(space["a"])
    assert labels == [1, "1: True", "2: 1.0"]
    assert [type(resolve(space, {"a": label})["a"]) for label in labels] == [int, bool, float]


def test_values_from_another_space_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'pooling' must be one of \['last', \"1: \('mean', 'max'\)\"\]; got 'sum'"
    ):
        resolve({"pooling": SPACE["pooling"]}, {"pooling": "sum"})
    with pytest.raises(ValueError, match=r"got none for 'lr', only for \['learning_rate'\]"):
        resolve({"lr": Uniform(0, 1)}, {"learning_rate": np.float64(0.1)})
