"""Dropout that draws from its own generator."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqclf._checks import check_dropout
from seqclf._random import as_generator


class Dropout(nn.Module):
    """Zero each value with probability `p` in training, and scale the others by `1 / (1 - p)`.

    `torch.nn.Dropout` draws from torch's global generator: training then changes the random numbers of the rest of the program,
    and depends on them. This module draws from `generator`.

    Parameters
    ----------
    p : float in [0, 1), default=0.0
        Probability of a zero.
    generator : torch.Generator or None, default=None
        Source of randomness; None takes that of an estimator's `fit`, or else entropy from the system. On another device, a generator
        that is seeded from it is used.

    References
    ----------
    Srivastava et al., JMLR 15:1929-1958 (2014).

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import Dropout
    >>> Dropout(0.5, generator=torch.Generator().manual_seed(0))(torch.ones(4))
    tensor([0., 0., 2., 0.])
    """

    def __init__(self, p: float = 0.0, *, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.p: float = check_dropout("p", p)
        self.generator = generator

    def forward(self, values: Tensor) -> Tensor:
        """Return values of the same shape."""
        if not self.training or self.p == 0.0:
            return values
        if self.generator is None:
            self.generator = as_generator(None, values.device)
        # A generator of another device is not kept: its state would depend on the steps before this one.
        generator = as_generator(self.generator, values.device)
        keep = torch.empty_like(values).bernoulli_(1.0 - self.p, generator=generator)
        return values * keep / (1.0 - self.p)

    def extra_repr(self) -> str:
        """Show `p`."""
        return f"p={self.p}"
