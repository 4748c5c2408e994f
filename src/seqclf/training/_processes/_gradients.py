"""Gradients and counts of all processes, summed in one message per step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqclf.training._processes._connection import Connection


def sum_gradients(connection: Connection, module: nn.Module, others: Tensor) -> None:
    """Sum the gradients of a module over all processes, and another tensor with them.

    Parameters
    ----------
    connection : Connection
        The processes.
    module : torch.nn.Module
        A parameter keeps None as its gradient if it has none in any process.
    others : torch.Tensor of shape (n,)
        Replaced by its sum.
    """
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    has_gradient = torch.tensor(
        [float(one.grad is not None) for one in parameters], dtype=torch.float32, device=others.device
    )
    kinds = {(one.device, one.dtype): None for one in parameters}  # a set that keeps the order
    for number, kind in enumerate(kinds):
        group = [one for one in parameters if (one.device, one.dtype) == kind]
        extra = [others.to(*kind), has_gradient.to(*kind)] if number == 0 else []
        sizes = [one.numel() for one in group] + [len(one) for one in extra]
        flat = torch.cat([_flat(one) for one in group] + extra)
        connection.sum(flat)
        pieces = torch.split(flat, sizes)
        if extra:
            others.copy_(pieces[-2])
            has_gradient = pieces[-1].cpu()
        for one, summed in zip(group, pieces, strict=False):
            one.grad = summed.view_as(one)
    for one, n_with in zip(parameters, has_gradient.tolist(), strict=True):
        if n_with == 0:
            one.grad = None


def _flat(parameter: nn.Parameter) -> Tensor:
    """Return the gradient of a parameter, or zeros, as a vector."""
    if parameter.grad is None:
        return torch.zeros(parameter.numel(), dtype=parameter.dtype, device=parameter.device)
    return parameter.grad.reshape(-1)


@torch.no_grad()
def copy_state(connection: Connection, module: nn.Module) -> None:
    """Give the parameters and buffers of a module the values that they have in the first process."""
    tensors = [*module.parameters(), *module.buffers()]
    for device in {one.device: None for one in tensors}:
        group = [one for one in tensors if one.device == device]
        parts = [one.detach().contiguous().reshape(-1).view(torch.uint8) for one in group]
        flat = torch.cat(parts)
        connection.copy_first(flat)
        if connection.rank > 0:
            for one, part in zip(group, torch.split(flat, [len(part) for part in parts]), strict=True):
                one.copy_(part.clone().view(one.dtype).view_as(one))


def copy_generator(connection: Connection, generator: torch.Generator) -> None:
    """Give a generator the state that it has in the first process."""
    state = generator.get_state()
    connection.copy_first(state)
    generator.set_state(state)
