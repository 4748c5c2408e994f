"""One estimator per cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from seqclf.estimators._architecture import EncoderChoice
from seqclf.estimators._recurrent_classifier import RecurrentClassifier
from seqclf.nn import Nonlinearity


@dataclass(kw_only=True, eq=False, repr=False)
class RNNClassifier(RecurrentClassifier):
    """Classify sequences with a simple recurrent network (Elman 1990, doi:10.1207/s15516709cog1402_1).

    Parameters, attributes and methods are those of `RecurrentClassifier`, with `cell="rnn"` and its own encoder.

    Notes
    -----
    A simple recurrent network forgets fast. It learns sequences of a hundred steps because of two defaults: orthogonal initial
    weights, and a summary over all steps.

    Examples
    --------
    >>> from seqclf import RNNClassifier
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, [1, 1, 0, 0] * 8
    >>> RNNClassifier(hidden_size=8, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    cell: Literal["rnn"] = field(default="rnn", init=False)
    encoder: EncoderChoice = field(default="recurrent", init=False)


@dataclass(kw_only=True, eq=False, repr=False)
class GRUClassifier(RecurrentClassifier):
    """Classify sequences with gated recurrent units (Cho et al. 2014, doi:10.3115/v1/D14-1179).

    Parameters, attributes and methods are those of `RecurrentClassifier`, with `cell="gru"` and its own encoder.

    Notes
    -----
    The reset gate is applied after the recurrent product, as in `torch.nn.GRU`; the paper applies it before.

    Examples
    --------
    >>> from seqclf import GRUClassifier
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, [1, 1, 0, 0] * 8
    >>> GRUClassifier(hidden_size=8, bidirectional=True, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    cell: Literal["gru"] = field(default="gru", init=False)
    encoder: EncoderChoice = field(default="recurrent", init=False)
    nonlinearity: Nonlinearity = field(default="tanh", init=False)


@dataclass(kw_only=True, eq=False, repr=False)
class LSTMClassifier(RecurrentClassifier):
    """Classify sequences with long short-term memory (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735).

    Parameters, attributes and methods are those of `RecurrentClassifier`, with `cell="lstm"` and its own encoder.

    Notes
    -----
    The forget gate's bias starts at 1 (Jozefowicz et al. 2015), unless `init="torch"`.

    Examples
    --------
    >>> from seqclf import LSTMClassifier
    >>> X, y = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1], [0.8, 0.2]] * 8, [1, 1, 0, 0] * 8
    >>> LSTMClassifier(hidden_size=8, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    cell: Literal["lstm"] = field(default="lstm", init=False)
    encoder: EncoderChoice = field(default="recurrent", init=False)
    nonlinearity: Nonlinearity = field(default="tanh", init=False)
