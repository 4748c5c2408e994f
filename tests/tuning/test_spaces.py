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


def test_a_branch_not_taken_draws_nothing() -> None:
    asked: list[str] = []

    def draw(name: str, distribution: Any) -> Any:
        asked.append(name)
        return {"lr": 0.01, "depth": 0, "pooling": "last", "gruclassifier__hidden_size": 8}[name]

    parameters = draw_parameters(SPACE, draw)
    assert parameters == {
        "lr": 0.01,
        "batch_size": 32,
        "num_layers": 1,
        "pooling": "last",
        "gruclassifier__hidden_size": 8,
    }
    assert asked == ["lr", "depth", "pooling", "gruclassifier__hidden_size"]


def test_decisions_say_what_they_depend_on() -> None:
    found = {decision.name: (decision.parameter, decision.needs) for decision in decisions(SPACE)}
    assert found == {
        "lr": ("lr", ()),
        "depth": (None, ()),
        "depth.1.num_layers": ("num_layers", (("depth", 1),)),
        "depth.1.dropout": ("dropout", (("depth", 1),)),
        "pooling": ("pooling", ()),
        "gruclassifier__hidden_size": ("gruclassifier__hidden_size", ()),
    }


@given(st.randoms(use_true_random=False))
def test_what_was_drawn_is_found_again_by_its_labels(random: Any) -> None:
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
    made = {decision.name for decision in decisions(SPACE) if set(decision.needs) <= set(drawn.items())}
    assert made == set(drawn)


def test_labels_are_the_same_in_every_process() -> None:
    def own(data: Any, **options: Any) -> Any:
        return None

    labels = labels_of(Choice([True, 1, 1.0, None, "last", ("mean", "max"), own, Jitter(0.1), object()]))
    assert labels[:6] == [True, "1: 1", "2: 1.0", None, "last", "5: ('mean', 'max')"]
    assert labels[6].startswith("6: test_labels_are_the_same")
    assert labels[7] == "7: Jitter(scale=0.1)"
    assert labels[8] == "8: <object object>"


def test_true_is_not_one() -> None:
    space = {"a": Choice([1, True, 1.0])}
    labels = labels_of(space["a"])
    assert labels == [1, "1: True", "2: 1.0"]
    assert [type(resolve(space, {"a": label})["a"]) for label in labels] == [int, bool, float]


def test_a_value_from_elsewhere_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'pooling' must be one of \['last', \"1: \('mean', 'max'\)\"\]; got 'sum'"
    ):
        resolve({"pooling": SPACE["pooling"]}, {"pooling": "sum"})
    with pytest.raises(ValueError, match=r"got no 'lr' among \['learning_rate'\]"):
        resolve({"lr": Uniform(0, 1)}, {"learning_rate": np.float64(0.1)})
