"""Tensors whose memory the kernels can read."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SEVERAL = (list, tuple)
"""Not `list | tuple`, which `torch.compile` of torch 2.7 cannot trace."""


def check_arguments(**arguments: Tensor | Sequence[Tensor]) -> None:
    """Raise unless all are dense tensors on the CPU, or all on meta. Torch's own errors are unclear.

    For tensors on both, torch would take the meta kernel, which returns uninitialised memory.
    """
    if all(map(_is_dense_on_cpu, arguments.values())):
        return
    named = name_all(**arguments)
    for name, tensor in named:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{name} must be a torch.Tensor; got {type(tensor).__name__}.")
        if not _is_dense(tensor):
            kind, cure = _kind_of(tensor)
            raise ValueError(f"{name} must be a dense tensor; got a {kind} one. {cure}")
    check_device(named)


def check_device(named: list[tuple[str, Tensor]]) -> None:
    """Raise unless all tensors are on the CPU, or all on meta."""
    first, device = named[0][0], named[0][1].device
    for name, tensor in named:
        if tensor.device.type not in ("cpu", "meta"):
            raise ValueError(f"{name} must be on the CPU; got {tensor.device}. Call `.cpu()`.")
        if tensor.device != device:
            raise ValueError(
                f"All tensors must be on one device; got {first} on {device} and {name} on {tensor.device}. "
                "Move them with `.to()`."
            )


def name_all(**arguments: Tensor | Sequence[Tensor]) -> list[tuple[str, Tensor]]:
    """Return each tensor with its name in messages."""
    named: list[tuple[str, Tensor]] = []
    for name, argument in arguments.items():
        if isinstance(argument, SEVERAL):
            named += [(f"{name}[{i}]", one) for i, one in enumerate(argument)]
        else:
            named.append((name, argument))  # type: ignore[arg-type]  # not a sequence
    return named


def _is_dense(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and not tensor.is_nested and not tensor.is_quantized


def _is_dense_on_cpu(argument: Tensor | Sequence[Tensor]) -> bool:
    if isinstance(argument, SEVERAL):
        return all(map(_is_dense_on_cpu, argument))
    return isinstance(argument, Tensor) and argument.is_cpu and _is_dense(argument)


def _kind_of(tensor: Tensor) -> tuple[str, str]:
    """Return what a tensor is if it is not dense, and how to make it dense."""
    if tensor.is_nested:
        return "nested", "Concatenate its sequences and pass their offsets."
    if tensor.is_quantized:
        return "quantized", "Call `.dequantize()`."
    return str(tensor.layout).removeprefix("torch.").lstrip("_"), "Call `.to_dense()`."


def readable(name: str, tensor: Tensor) -> Tensor:
    """Return a tensor or, unless it is contiguous, a copy; raise if its storage is too small for its elements."""
    if tensor.is_contiguous():
        last = tensor.numel() - 1
    else:
        last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    needed = (tensor.storage_offset() + last + 1) * tensor.itemsize if tensor.numel() else 0
    if (found := tensor.untyped_storage().nbytes()) < needed:
        raise ValueError(
            f"The storage of {name} must hold its elements, {needed} bytes; got {found} bytes. Was it resized, as "
            "sharded training does to free memory? Restore it before the call."
        )
    return tensor.contiguous()


def all_readable(name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Return tensors as `readable` does."""
    return [readable(f"{name}[{i}]", tensor) for i, tensor in enumerate(tensors)]
