"""What a network, or a part of one, must fit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """The sizes that the data, and the parts before, dictate to a network or one of its parts.

    An estimator passes it to the factories of networks, encoders, stems, poolings and heads: `factory(spec, generator)`.

    Parameters
    ----------
    n_features : int
        Features that come in: of each step for a network, a stem or an encoder, of each state for a pooling, of the pooled
        summary for a head.
    n_classes : int
        Logits that must come out of a network or a head.
    n_static_features : int, default=0
        Features of the whole sequence, in `Sequences.static`.

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
