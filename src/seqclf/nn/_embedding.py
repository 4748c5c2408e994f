"""Tokens of each step -> learned features."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from seqclf._checks import check_integer
from seqclf._random import as_generator
from seqclf.nn._initialization import allocate
from seqclf.sequences import Sequences


def embedding_size(n_tokens: int) -> int:
    """Return the default number of features for a column of `n_tokens` codes: `min(50, round(1.6 * n_tokens**0.56))`.

    Examples
    --------
    >>> from seqclf.nn import embedding_size
    >>> [embedding_size(n) for n in (2, 16, 60, 1000)]
    [2, 8, 16, 50]
    """
    return min(50, round(1.6 * math.pow(n_tokens, 0.56)))


class TokenEmbedding(nn.Module):
    """Append a learned vector for each token of a step to its values.

    Parameters
    ----------
    n_tokens : mapping of column to int
        Number of codes of each token column, as in `Sequences.n_tokens`: those of its tokens, and 0 for unknown tokens.
    size : "auto", int, or mapping of column to int, default="auto"
        Features of each token: the same number for all columns, or one for each; those not in the mapping, and "auto", get
        `embedding_size(n)`.
    generator : torch.Generator or None, default=None
        Source of the initial weights; None takes entropy from the system.

    Attributes
    ----------
    tables : torch.nn.ModuleList
        A `torch.nn.Embedding` for each column, in the order of `n_tokens`.
    output_size : int
        Features that are appended to each step.

    Raises
    ------
    ValueError
        If a size is not positive, or is given for a column that does not exist.

    Notes
    -----
    The default size is the rule of fastai [1]_, with a limit of 50 instead of 600: training sets of sequences are small. Initial
    vectors are standard normal, as large as standardised features. That of unknown tokens is 0, the mean of the others: a token
    that training never saw then changes a prediction little. `seqclf.transforms.Dropout` makes some training tokens unknown.

    References
    ----------
    .. [1] J. Howard and S. Gugger, "fastai: A Layered API for Deep Learning", Information 11(2), 2020,
       doi:10.3390/info11020108; `emb_sz_rule` in fastai.tabular.model.

    Examples
    --------
    >>> from seqclf import as_sequences
    >>> from seqclf.nn import TokenEmbedding
    >>> names = as_sequences(["Ada", "Eve"], vocabulary="auto")
    >>> embedding = TokenEmbedding(names.n_tokens)
    >>> embedding(names)
    Sequences(2 sequences, 5 features, lengths 3 to 3, 6 steps)
    """

    def __init__(
        self,
        n_tokens: Mapping[Any, int],
        size: int | str | Mapping[Any, int] = "auto",
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.n_tokens: dict[Any, int] = dict(n_tokens)
        sizes = _sizes(n_tokens, size)
        generator = as_generator(generator)
        self.output_size: int = sum(sizes)
        self.tables: nn.ModuleList = nn.ModuleList(
            _new_table(n_codes, width, generator)
            for n_codes, width in zip(n_tokens.values(), sizes, strict=True)
        )

    def forward(self, batch: Sequences) -> Sequences:
        """Return sequences without tokens, with `output_size` more features."""
        tokens = batch.tokens
        if tokens is None or list(tokens.n_tokens.items()) != list(self.n_tokens.items()):
            raise ValueError(
                f"Sequences must have as many codes in each token column as the embedding, {self.n_tokens!r:.200}; got "
                f"{batch.n_tokens!r:.200}. Was it made for other data?"
            )
        vectors: list[Tensor] = [
            table(tokens.codes[:, column]) for column, table in enumerate(self.tables)
        ]  # (n_steps, size) each
        return Sequences.unchecked(torch.cat([batch.values, *vectors], dim=1), batch.offsets, batch.static)


def _sizes(n_tokens: Mapping[Any, int], size: Any) -> list[int]:
    """Return the size of each column."""
    if not n_tokens:
        raise ValueError("An embedding must have at least one token column; got none.")
    if isinstance(size, Mapping):
        unknown = [name for name in size if name not in n_tokens]
        if unknown:
            raise ValueError(
                f"`embedding` must name token columns, {list(n_tokens)!r:.200}; got {unknown!r:.100}."
            )
        return [
            check_integer(f"embedding[{name!r}]", size[name]) if name in size else embedding_size(n)
            for name, n in n_tokens.items()
        ]
    if isinstance(size, str):
        if size != "auto":
            raise ValueError(f'`embedding` must be "auto", an integer or a dict of columns; got {size!r}.')
        return [embedding_size(n) for n in n_tokens.values()]
    return [check_integer("embedding", size)] * len(n_tokens)


def _new_table(n_codes: int, width: int, generator: torch.Generator) -> nn.Embedding:
    table = allocate(nn.Embedding, n_codes, width)
    nn.init.normal_(table.weight, generator=generator)
    nn.init.zeros_(table.weight[:1].detach())
    return table
