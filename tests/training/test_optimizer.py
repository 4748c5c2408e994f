"""The optimizer by name, by class and by factory."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from seqclf.training import OptimizerSpec, new_optimizer, set_rates


def test_only_matrices_have_weight_decay() -> None:
    groups = new_optimizer(nn.Linear(3, 2), lr=0.1, weight_decay=0.3).param_groups
    assert [group["weight_decay"] for group in groups] == [0.3, 0.0]
    assert [p.ndim for group in groups for p in group["params"]] == [2, 1]
    assert len(new_optimizer(nn.Linear(2, 2, bias=False), lr=0.1).param_groups) == 1


def made_by_factory(spec: OptimizerSpec, generator: torch.Generator) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(spec.parameter_groups, lr=spec.lr / 2)


@pytest.mark.parametrize(
    ("choice", "kind", "lr"),
    [
        ("adamw", torch.optim.AdamW, 0.1),
        ("adam", torch.optim.Adam, 0.1),
        ("sgd", torch.optim.SGD, 0.1),
        (torch.optim.Adagrad, torch.optim.Adagrad, 0.1),
        (partial(torch.optim.SGD, momentum=0.5), torch.optim.SGD, 0.1),
        (made_by_factory, torch.optim.RMSprop, 0.05),
    ],
)
def test_every_form_makes_an_optimizer(choice: Any, kind: type, lr: float) -> None:
    optimizer = new_optimizer(nn.Linear(2, 2), choice, lr=0.1, weight_decay=0.01)
    assert type(optimizer) is kind
    assert optimizer.param_groups[0]["lr"] == lr
    assert optimizer.param_groups[0]["weight_decay"] == 0.01


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        (
            torch.optim.SGD([torch.zeros(1)], lr=0.1),
            ValueError,
            "`optimizer` must be made for the network that `fit` builds; got an instance, SGD, which belongs to other "
            "parameters. Pass the class, `torch.optim.SGD`, or a factory.",
        ),
        (
            "adagrad",
            ValueError,
            "`optimizer` must be one of ['adamw', 'adam', 'sgd'], a torch.optim.Optimizer or a factory of one; got 'adagrad'.",
        ),
        (
            3,
            TypeError,
            "`optimizer` must be one of ['adamw', 'adam', 'sgd'], a torch.optim.Optimizer or a factory",
        ),
        (
            lambda spec: None,
            TypeError,
            "A factory of `optimizer` must take two arguments, `factory(spec, generator)`",
        ),
        (
            lambda spec, generator: None,
            TypeError,
            "A factory of `optimizer` must return a torch.optim.Optimizer; got None",
        ),
    ],
)
def test_an_invalid_optimizer_is_rejected(choice: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        new_optimizer(nn.Linear(2, 2), choice, lr=0.1)


def test_set_rates_leaves_biases_without_decay() -> None:
    optimizer = new_optimizer(nn.Linear(2, 2), lr=0.1, weight_decay=0.3)
    set_rates(optimizer, lr=0.2, weight_decay=0.5)
    assert [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups] == [
        (0.2, 0.5),
        (0.2, 0.0),
    ]
