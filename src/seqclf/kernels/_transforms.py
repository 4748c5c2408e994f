"""The operators under transforms of torch.func."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual


def is_dual(tensor: Tensor) -> bool:
    """Return whether a tensor carries a forward-mode derivative, which torch would drop silently.

    Parameters
    ----------
    tensor : Tensor
        Any tensor.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import is_dual
    >>> is_dual(torch.ones(2))
    False
    """
    return unpack_dual(tensor).tangent is not None  # type: ignore[no-untyped-call]


def is_of_transform(error: RuntimeError) -> bool:
    """Return whether torch raised an error because a transform of torch.func does not support an operator.

    Parameters
    ----------
    error : RuntimeError
        Raised by an operator of torch or of this package.

    Examples
    --------
    >>> from seqclf.kernels import is_of_transform
    >>> is_of_transform(RuntimeError("Batching rule not implemented for aten::gru"))
    True
    """
    return any(hint in str(error) for hint in ("functorch", "Batching rule", "that doesn't have storage"))


def one_by_one(operator: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Return the rule of `torch.vmap` for an operator: one call for each element, stacked along the first axis."""

    def rule(info: Any, in_dims: tuple[Any, ...], *args: Any) -> tuple[Any, Any]:
        outputs = [
            operator(*(_element(arg, dim, i) for arg, dim in zip(args, in_dims, strict=True)))
            for i in range(info.batch_size)
        ]
        return _stack(outputs), _zeros(outputs[0])

    return rule


def _element(arg: Any, dim: Any, i: int) -> Any:
    if isinstance(arg, list | tuple) and dim is not None:
        return [_element(one, of_one, i) for one, of_one in zip(arg, dim, strict=True)]
    return arg if dim is None else arg.select(dim, i)


def _stack(outputs: list[Any]) -> Any:
    if isinstance(outputs[0], Tensor):
        return torch.stack(outputs)
    return type(outputs[0])(_stack(list(parts)) for parts in zip(*outputs, strict=True))


def _zeros(output: Any) -> Any:
    """Return the batch axis of each tensor: the first."""
    return 0 if isinstance(output, Tensor) else type(output)(map(_zeros, output))
