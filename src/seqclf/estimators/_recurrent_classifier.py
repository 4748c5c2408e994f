"""`RecurrentClassifier`: the estimator with a flat recurrent architecture."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self, get_args

import torch

from seqclf._checks import check_choice
from seqclf.estimators._architecture import Architecture, build_recurrent_network
from seqclf.estimators._automatic import DataSize, automatic_architecture
from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._input import Samples
from seqclf.estimators._network import NetworkChoice
from seqclf.estimators._sequence_classifier import SequenceClassifier
from seqclf.nn import EngineName, NetworkSpec, Precision, RecurrentEncoder, SequenceNetwork

_OF_A_MACHINE = ("engine", "precision")
"""Parameters of the architecture that may change when training resumes, because the weights do not depend on them."""


@dataclass(kw_only=True, eq=False, repr=False)
class RecurrentClassifier(SequenceClassifier, Architecture):
    """Classify sequences of unequal length with a recurrent network that never reads padding.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}, default="gru"
        The recurrence. `RNNClassifier`, `GRUClassifier` and `LSTMClassifier` fix it.
    hidden_size : int, default=64
        Units per layer and direction.
    num_layers : int, default=2
        Recurrent layers.
    bidirectional : bool, default=False
        Whether each layer also reads backwards, from the last real step to the first.
    dropout : float in [0, 1) or "auto", default="auto"
        Probability of zeroing a value between recurrent layers, in training. "auto": 0.2 for fewer than 4,096 samples, else 0.
    residual : bool, default=False
        Whether each layer after the first adds its states to its input instead of replacing it.
    layer_norm : bool, default=False
        Whether each step is normalised over its features after each layer.
    init : {"orthogonal", "identity", "torch"}, default="orthogonal"
        Initial recurrent weights; see `seqclf.nn.RecurrentEncoder`.
    nonlinearity : {"tanh", "relu"}, default="tanh"
        Activation of the cell "rnn".
    engine : {"auto", "native", "packed"}, default="auto"
        What runs the recurrence: compiled kernels (on a CPU) or torch's own layers; "auto" uses the kernels where they are
        available. "native" requires them in training; the fitted model predicts without them, too, as `engine_` says.
    precision : {"float32", "bfloat16"}, default="float32"
        Precision of the factors of the recurrence's matrix products, in training and prediction. "bfloat16" needs a processor
        with AVX-512 BF16 and an `engine` other than "packed"; layers of 128 and more units then take about 60 % of the time. On
        another processor, the fitted model warns once and predicts in float32. See `seqclf.nn.RecurrentEncoder`. Like all
        parameters, it takes effect in the next `fit`; that of a fitted network is `model.module_.encoder.precision`.
    embedding : "auto", int, dict of column to int, torch.nn.Module or factory, default="auto"
        How tokens, of `as_sequences(X, vocabulary=...)` or a `TokenEncoder`, become features: the number of features of each
        token, the same for all columns or one for each; "auto" is `seqclf.nn.embedding_size`, about 1.6 times the number of
        tokens to the power of 0.56. A module maps `Sequences` with tokens to `Sequences` without.
    encoder : {"recurrent"}, torch.nn.Module or factory, default="recurrent"
        Maps `Sequences` to `Sequences` of states. "recurrent" is a `seqclf.nn.RecurrentEncoder` with the parameters above, which
        have no effect on a custom encoder.
    stem : {"auto", "conv"}, torch.nn.Module, factory or None, default="auto"
        Layers before the encoder: "conv" is a `seqclf.nn.ConvolutionalStem` of `hidden_size` channels that
        reduces the steps to a quarter. "auto": "conv" if the median sequence has 64 steps or more; otherwise None.
        Always None with tokens or a custom encoder.
    pooling : {"last", "mean", "max", "attention"}, torch.nn.Module, factory, or tuple of these, default=("last", "mean", "max")
        How the states of a sequence become one summary; a tuple concatenates several.
    head : {"linear", "mlp"}, torch.nn.Module or factory, default="linear"
        Maps summaries to logits.
    head_dropout : float in [0, 1), default=0.0
        Probability of zeroing a value of the summary before the heads "linear" and "mlp", in training.
    static : {"head", "steps", "both"}, default="head"
        Where features of the whole sequence, `as_sequences(X, static=features)`, are appended: to the pooled
        summary, to each step, or to both.
    augmentation : default="auto"
        As in `SequenceClassifier`. "auto": "distort" if the median sequence has 64 steps or more and there are fewer than 4,096
        samples; otherwise None. Always None with tokens, a custom encoder or stem, or `scale=None`.
    lr : default="auto"
        As in `SequenceClassifier`. "auto": 0.002 if the median sequence has 64 steps or more and there are fewer than 4,096
        samples; otherwise 0.004. Always 0.004 with tokens or a custom encoder or stem.
    scale : default="auto"
        As in `SequenceClassifier`. "auto": "views" if the median sequence has 64 steps or more; otherwise "standard". Always
        "standard" with tokens, a custom encoder or stem, or an `augmentation` that cuts prefixes.
    max_epochs, batch_size, optimizer, schedule, weight_decay, gradient_clip, early_stopping, monitor, validation_fraction,
    n_iter_no_change, tol, class_weight, sampler, loss, label_smoothing, prior_correction, missing, padding_value, device,
    callbacks, warm_start, verbose, random_state
        See `SequenceClassifier`, which also documents attributes and errors. A factory of an embedding, encoder,
        stem, pooling or head is called with a `seqclf.nn.NetworkSpec`, which holds the number of its input
        features, and the generator.

    See Also
    --------
    SequenceClassifier : The same with any network.
    seqclf.as_sequences : Accepted types of `X`.

    Examples
    --------
    >>> from seqclf import RecurrentClassifier
    >>> X = [[0.1, 0.9], [0.2, 0.8, 0.9], [0.9, 0.1, 0.2], [0.8, 0.2]] * 8
    >>> y = ["up", "up", "down", "down"] * 8
    >>> model = RecurrentClassifier(cell="lstm", hidden_size=8, random_state=0).fit(X, y)
    >>> model.predict([[0.0, 0.5, 0.9], [0.9, 0.3]])
    array(['up', 'down'], dtype='<U4')

    Features of the whole sequence, such as a person's age, are appended before the head:

    >>> from seqclf import as_sequences
    >>> with_static = as_sequences(X, static=[0.3, 0.5, 0.1, 0.2] * 8)
    >>> RecurrentClassifier(hidden_size=8, random_state=0).fit(with_static, y).score(with_static, y)
    1.0
    """

    network: NetworkChoice = field(default=None, init=False)

    def _architecture(self) -> dict[str, Any]:
        """Return the parameters that shape the network."""
        return super()._architecture() | {
            field.name: getattr(self, field.name)
            for field in fields(Architecture)
            if field.name not in _OF_A_MACHINE
        }

    def _resume(self, known: FittedModel, *samples: Any) -> tuple[Self, FittedModel, Samples[Any]]:
        """Read samples as the first fit did, and train with the engine and precision that the parameters name now."""
        given, model, read = super()._resume(known, *samples)
        encoder = getattr(model.network, "encoder", None)
        if isinstance(self.encoder, str) and isinstance(encoder, RecurrentEncoder):
            check_choice("engine", given.engine, get_args(EngineName))
            check_choice("precision", given.precision, get_args(Precision))
            encoder.engine, encoder.precision = given.engine, given.precision
        return given, model, read

    def _automatic(self, size: DataSize) -> dict[str, Any]:
        """Return a value for each parameter that is "auto"."""
        return super()._automatic(size) | automatic_architecture(self, size)

    def _build_network(self, spec: NetworkSpec, generator: torch.Generator) -> SequenceNetwork:
        """Return a new network, on the CPU."""
        return build_recurrent_network(self, spec, generator)
