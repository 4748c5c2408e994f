"""What a classifier is told, and what it learns: fields without logic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.estimators._assembly import HeadChoice, PoolingChoice, StemChoice
from seqclf.estimators._data import Door
from seqclf.estimators._imbalance import LossName, MakeSampler, SamplerName
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._targets import ClassWeight, Labels
from seqclf.nn import Cell, EngineName, Initialization, Loss, Nonlinearity, SequenceNetwork
from seqclf.training import Callback, History, Schedule
from seqclf.transforms import Transform


@dataclass(kw_only=True, eq=False, repr=False)
class Parameters:
    """The options of `RecurrentClassifier`, which explains them."""

    cell: Cell = "gru"
    hidden_size: int = 64
    num_layers: int = 2
    bidirectional: bool = False
    dropout: float = 0.0
    residual: bool = False
    layer_norm: bool = False
    stem: StemChoice = None
    pooling: PoolingChoice = ("last", "mean", "max")
    head: HeadChoice = "linear"
    init: Initialization = "orthogonal"
    nonlinearity: Nonlinearity = "tanh"
    max_epochs: int | Literal["auto"] = "auto"
    batch_size: int = 128
    lr: float = 4e-3
    schedule: Schedule = "one_cycle"
    weight_decay: float = 1e-2
    gradient_clip: float | None = 1.0
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 5
    tol: float = 1e-4
    class_weight: ClassWeight = None
    sampler: SamplerName | MakeSampler | None = None
    loss: LossName | Loss = "cross_entropy"
    label_smoothing: float = 0.0
    prior_correction: bool = False
    augmentation: Transform | None = None
    padding_value: float | None = 0.0
    device: str = "auto"
    engine: EngineName = "auto"
    callbacks: Sequence[Callback] = ()
    warm_start: bool = False
    verbose: bool = False
    random_state: int | np.random.RandomState | None = None


class Fitted:
    """What `fit` learns: declared beside the dataclass, so that they are no parameters."""

    classes_: Labels
    n_features_in_: int
    class_prior_: NDArray[np.float64]
    module_: SequenceNetwork
    history_: History
    n_epochs_: int
    engine_: str
    _generator: torch.Generator
    _optimizer: torch.optim.Optimizer | None
    _prior: ClassPrior
    _door: Door
