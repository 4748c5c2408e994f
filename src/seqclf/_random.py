"""Whose random numbers are drawn: never torch's global ones."""

from __future__ import annotations

import torch


def as_generator(generator: torch.Generator | None, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a source of random numbers on a device.

    Parameters
    ----------
    generator : torch.Generator or None
        Returned as it is if it lives on the device; else a new one is seeded from it. None takes entropy from the
        system, and leaves torch's global generator alone.
    device : torch.device or str, default="cpu"
        Where numbers are drawn: torch's generators belong to one kind of device.

    Returns
    -------
    torch.Generator

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_generator
    >>> generator = torch.Generator().manual_seed(0)
    >>> as_generator(generator) is generator
    True
    """
    kind = torch.device(device).type
    if generator is None:
        fresh = torch.Generator(device)
        fresh.seed()
        return fresh
    if generator.device.type == kind:
        return generator
    seed = int(torch.randint(2**31 - 1, (1,), generator=generator, device=generator.device))
    return torch.Generator(device).manual_seed(seed)
