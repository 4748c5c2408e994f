"""Parameters of a network -> the optimizer that updates them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch
from torch import nn
from torch.optim import Optimizer

from seqclf._checks import check_not_negative, check_positive
from seqclf._components import Factory, Seam

OptimizerName = Literal["adamw", "adam", "sgd"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptimizerSpec:
    """The argument of an optimizer factory.

    Parameters
    ----------
    parameter_groups : list of dict
        For the first argument of a torch optimizer: the matrices with `weight_decay`, biases and norms without.
    lr, weight_decay : float
        As in `TrainingConfig`.

    Examples
    --------
    >>> import torch
    >>> from seqclf import GRUClassifier
    >>> def nesterov(spec, generator):
    ...     return torch.optim.SGD(spec.parameter_groups, lr=spec.lr, momentum=0.9, nesterov=True)
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> GRUClassifier(hidden_size=4, optimizer=nesterov, lr=0.1, max_epochs=20, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    parameter_groups: list[dict[str, Any]]
    lr: float
    weight_decay: float


OptimizerChoice = OptimizerName | Callable[..., Optimizer]
"""A name, a class of `torch.optim` (or a `partial` of one), or a factory `(OptimizerSpec, generator)`."""


def _torch_factory(optimizer: Callable[..., Optimizer]) -> Factory[OptimizerSpec, Optimizer]:
    """Return a factory that calls an optimizer class of torch with torch's arguments."""
    return lambda spec, generator: optimizer(spec.parameter_groups, lr=spec.lr)


# Fused: one pass over each parameter instead of ten small operators.
OPTIMIZER: Seam[OptimizerSpec, Optimizer] = Seam(
    parameter="optimizer",
    names={
        "adamw": _torch_factory(partial(torch.optim.AdamW, fused=True)),
        "adam": _torch_factory(partial(torch.optim.Adam, fused=True)),
        "sgd": _torch_factory(partial(torch.optim.SGD, momentum=0.9, fused=True)),
    },
    is_instance=lambda value: isinstance(value, Optimizer),
    kind="a torch.optim.Optimizer",
)


def new_optimizer(
    module: nn.Module,
    optimizer: OptimizerChoice = "adamw",
    *,
    lr: float,
    weight_decay: float = 0.0,
    generator: torch.Generator | None = None,
) -> Optimizer:
    """Return the optimizer of a module, with weight decay on matrices only.

    Parameters
    ----------
    module : torch.nn.Module
        Module whose parameters are trained.
    optimizer : {"adamw", "adam", "sgd"}, a class of torch.optim, or a factory, default="adamw"
        A class, or a `functools.partial` of one, is called with the parameter groups and `lr`; a factory with an
        `OptimizerSpec` and the generator.
    lr : float
        Learning rate.
    weight_decay : float, default=0.0
        Of matrices; biases and norms are not decayed.
    generator : torch.Generator or None, default=None
        Passed to a factory.

    Returns
    -------
    torch.optim.Optimizer

    Raises
    ------
    ValueError
        If an instance is given: it belongs to the parameters of another network.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import new_optimizer
    >>> optimizer = new_optimizer(torch.nn.Linear(2, 2), lr=0.1, weight_decay=0.01)
    >>> [group["weight_decay"] for group in optimizer.param_groups]
    [0.01, 0.0]
    """
    given: Any = optimizer
    if isinstance(given, Optimizer):
        name = type(given).__name__
        raise ValueError(
            f"`optimizer` must be made for the network that `fit` builds; got an instance, {name}, which belongs to other "
            f"parameters. Pass the class, `torch.optim.{name}`, or a factory."
        )
    lr, weight_decay = check_positive("lr", lr), check_not_negative("weight_decay", weight_decay)
    if not any(True for _ in module.parameters()):
        raise ValueError(f"A network must have parameters to train; got none in {type(module).__name__}.")
    matrices = [p for p in module.parameters() if p.ndim > 1]
    vectors = [p for p in module.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    spec = OptimizerSpec(
        parameter_groups=[group for group in groups if group["params"]], lr=lr, weight_decay=weight_decay
    )
    choice = _torch_factory(given) if _is_torch_class(given) else given
    return OPTIMIZER.build(choice, spec, torch.Generator("cpu") if generator is None else generator)


def set_rates(optimizer: Optimizer, *, lr: float, weight_decay: float) -> None:
    """Change the rates of an optimizer of `new_optimizer` in place; its moments are kept.

    Examples
    --------
    >>> import torch
    >>> from seqclf.training import new_optimizer, set_rates
    >>> optimizer = new_optimizer(torch.nn.Linear(2, 2), lr=0.1)
    >>> set_rates(optimizer, lr=0.01, weight_decay=0.5)
    >>> [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
    [(0.01, 0.5), (0.01, 0.0)]
    """
    lr, weight_decay = check_positive("lr", lr), check_not_negative("weight_decay", weight_decay)
    for group in optimizer.param_groups:
        group["lr"] = lr
        if any(parameter.ndim > 1 for parameter in group["params"]):
            group["weight_decay"] = weight_decay


def _is_torch_class(choice: Any) -> bool:
    """Return whether a value is a class of torch's optimizers, or a `partial` of one."""
    kind = choice.func if isinstance(choice, partial) else choice
    return isinstance(kind, type) and issubclass(kind, Optimizer)
