"""One summary per sequence -> logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqclf._checks import check_dropout, check_integer
from seqclf.nn._dropout import Dropout
from seqclf.nn._initialization import new_linear


class LinearHead(nn.Module):
    """A linear map from summaries to logits.

    Parameters
    ----------
    input_size, n_classes : int
        Features of a summary; number of logits.
    dropout : float in [0, 1), default=0.0
        Probability of zeroing a value of the summary, in training.
    generator : torch.Generator or None, default=None
        Source of the initial weights and of dropout.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import LinearHead
    >>> LinearHead(4, 3)(torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        input_size: int,
        n_classes: int,
        *,
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.dropout: Dropout = Dropout(check_dropout("dropout", dropout), generator=generator)
        input_size, n_classes = check_integer("input_size", input_size), check_integer("n_classes", n_classes)
        self.linear: nn.Linear = new_linear(input_size, n_classes, generator)

    def forward(self, summary: Tensor) -> Tensor:
        """Return logits of shape (batch, n_classes)."""
        logits: Tensor = self.linear(self.dropout(summary))
        return logits


class MLPHead(nn.Module):
    """A perceptron with one hidden layer of rectified units.

    Parameters
    ----------
    input_size, n_classes : int
        Features of a summary; number of logits.
    hidden_size : int, default=64
        Hidden units.
    dropout : float in [0, 1), default=0.0
        Probability of zeroing a value of the summary and of the hidden layer, in training.
    generator : torch.Generator or None, default=None
        Source of the initial weights and of dropout.

    Examples
    --------
    >>> import torch
    >>> from seqclf.nn import MLPHead
    >>> MLPHead(4, 3, hidden_size=8)(torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        input_size: int,
        n_classes: int,
        *,
        hidden_size: int = 64,
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.dropout: Dropout = Dropout(check_dropout("dropout", dropout), generator=generator)
        input_size, n_classes = check_integer("input_size", input_size), check_integer("n_classes", n_classes)
        hidden_size = check_integer("hidden_size", hidden_size)
        self.hidden: nn.Linear = new_linear(input_size, hidden_size, generator)
        self.linear: nn.Linear = new_linear(hidden_size, n_classes, generator)

    def forward(self, summary: Tensor) -> Tensor:
        """Return logits of shape (batch, n_classes)."""
        hidden: Tensor = self.hidden(self.dropout(summary))
        logits: Tensor = self.linear(self.dropout(hidden.relu()))
        return logits
