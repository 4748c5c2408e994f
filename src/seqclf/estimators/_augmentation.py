"""The parameter `augmentation`: random changes of training batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor

from seqclf._components import Seam, is_function_of
from seqclf.estimators._targets import Labels
from seqclf.sequences import Sequences
from seqclf.training import TrainingSpec
from seqclf.transforms import (
    BaselineWander,
    Compose,
    Crop,
    Dropout,
    Jitter,
    MagnitudeWarp,
    Scale,
    TimeWarp,
    Transform,
)

AugmentationName = Literal[
    "auto", "baseline_wander", "crop", "distort", "dropout", "jitter", "magnitude_warp", "scale", "time_warp"
]
AugmentationChoice = AugmentationName | Transform | Callable[..., Transform] | None

AUGMENTATION: Seam[TrainingSpec, Any] = Seam(
    parameter="augmentation",
    names={
        "baseline_wander": lambda spec, generator: BaselineWander(),
        "crop": lambda spec, generator: Crop(),
        "distort": lambda spec, generator: Compose(
            [TimeWarp(0.4), MagnitudeWarp(), Scale(0.2), Jitter(0.05)]
        ),
        "dropout": lambda spec, generator: Dropout(),
        "jitter": lambda spec, generator: Jitter(),
        "magnitude_warp": lambda spec, generator: MagnitudeWarp(),
        "scale": lambda spec, generator: Scale(),
        "time_warp": lambda spec, generator: TimeWarp(),
    },
    is_instance=lambda value: is_function_of(value, 3),
    kind="a transform",
)


def build_augmentation(
    choice: AugmentationChoice, spec: TrainingSpec, classes: Labels, generator: torch.Generator
) -> Callable[[Sequences, Tensor], Sequences] | None:
    """Return the function that changes a training batch; the transform receives labels as in `y`."""
    if choice is None:
        return None
    transform: Transform = AUGMENTATION.build(choice, spec, generator)
    return lambda sequences, target: transform(sequences, generator, classes[target.numpy()])
