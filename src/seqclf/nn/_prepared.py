"""A copy of a network for many short predictions."""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import nn

from seqclf.nn._encoder import RecurrentEncoder
from seqclf.nn._linear import Linear

Module = TypeVar("Module", bound=nn.Module)


def prepared(module: Module) -> Module:
    """Return a copy in evaluation mode whose weights have been packed for the kernels once, not in each call.

    Parameters
    ----------
    module : torch.nn.Module
        A network or one of its components.

    Returns
    -------
    torch.nn.Module
        It must not be trained, moved or changed. Its predictions are bitwise identical, and faster for a few steps: one step through
        two GRU layers of 64 units took a third of the time.

    Examples
    --------
    >>> import torch
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork, prepared
    >>> network = SequenceNetwork(RecurrentEncoder("lstm", 1, 8), MeanPooling(), LinearHead(8, 3)).eval()
    >>> one = as_sequences([[0.1, 0.2]])
    >>> with torch.no_grad():
    ...     torch.equal(prepared(network)(one), network(one))
    True
    """
    own = copy.deepcopy(module).eval().requires_grad_(False)
    for part in own.modules():
        if isinstance(part, RecurrentEncoder | Linear):
            part.prepare()
    return own
