"""The sizes that a network, or one of its components, must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """The sizes that a network component must have, given the data and the preceding components.

    An estimator passes it to the factories of networks, embeddings, encoders, stems, poolings and heads: `factory(spec, generator)`.

    Parameters
    ----------
    n_features : int
        Number of input features: of each step for a network, a stem or an encoder, of each state for a
        pooling, of the pooled summary for a head.
    n_classes : int
        Number of logits that a network or a head must return.
    n_static_features : int, default=0
        Features of the whole sequence, in `Sequences.static`.
    n_tokens : dict of column to int, default={}
        Number of codes of each token column, as in `Sequences.n_tokens`. Empty for components after the embedding.

    Examples
    --------
    >>> from seqclf.nn import LinearHead, NetworkSpec
    >>> def wide_head(spec, generator):
    ...     return LinearHead(spec.n_features, spec.n_classes, dropout=0.5, generator=generator)
    >>> wide_head(NetworkSpec(n_features=4, n_classes=3), None)
    LinearHead(
      (dropout): Dropout(p=0.5)
      (linear): Linear(in_features=4, out_features=3, bias=True)
    )
    """

    n_features: int
    n_classes: int
    n_static_features: int = 0
    n_tokens: Mapping[Any, int] = field(default_factory=dict)
