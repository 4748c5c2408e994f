"""Torch generators, independent of torch's global random state."""

from __future__ import annotations

import torch


def as_generator(generator: torch.Generator | None, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a random number generator for the given device.

    Parameters
    ----------
    generator : torch.Generator or None
        Returned as is if it belongs to this type of device; otherwise it seeds a new generator there.
        None: a new generator, seeded by the operating system.
    device : torch.device or str, default="cpu"
        Device on which numbers are drawn.

    Returns
    -------
    torch.Generator

    Notes
    -----
    Torch's global generator is neither read nor changed.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_generator
    >>> generator = torch.Generator().manual_seed(0)
    >>> as_generator(generator) is generator
    True
    """
    if generator is None:
        new = torch.Generator(device)
        new.seed()
        return new
    if generator.device.type == torch.device(device).type:
        return generator
    seed = int(torch.randint(2**31 - 1, (1,), generator=generator, device=generator.device))
    return torch.Generator(device).manual_seed(seed)
