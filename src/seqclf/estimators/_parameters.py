"""The parameters that every estimator has: fields without logic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from seqclf.estimators._augmentation import AugmentationChoice
from seqclf.estimators._balancing import LossChoice, SamplerChoice
from seqclf.estimators._missing import MissingChoice
from seqclf.estimators._network import NetworkChoice
from seqclf.estimators._scaling import ScaleChoice
from seqclf.estimators._targets import ClassWeight
from seqclf.training import Callback, Monitor, OptimizerChoice, ScheduleChoice


@dataclass(kw_only=True, eq=False, repr=False)
class Parameters:
    """The parameters of `SequenceClassifier`, which documents them."""

    network: NetworkChoice
    max_epochs: int | Literal["auto"] = "auto"
    batch_size: int | Literal["auto"] = "auto"
    optimizer: OptimizerChoice = "adamw"
    lr: float | Literal["auto"] = "auto"
    schedule: ScheduleChoice = "one_cycle"
    weight_decay: float = 1e-2
    gradient_clip: float | None = 1.0
    early_stopping: bool = False
    monitor: Monitor = "valid_loss"
    validation_fraction: float = 0.1
    n_iter_no_change: int = 5
    tol: float = 1e-4
    class_weight: ClassWeight = None
    sampler: SamplerChoice = None
    loss: LossChoice = "cross_entropy"
    label_smoothing: float = 0.0
    prior_correction: bool = False
    augmentation: AugmentationChoice = "auto"
    scale: ScaleChoice = "auto"
    missing: MissingChoice = "error"
    padding_value: float | None = 0.0
    device: str = "auto"
    callbacks: Sequence[Callback] | Callback | None = ()
    warm_start: bool = False
    verbose: bool = False
    random_state: int | np.random.RandomState | None = None

    if TYPE_CHECKING:  # scikit-learn, which defines these, has no types

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...
