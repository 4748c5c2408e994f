"""The parameter `augmentation`: random changes of training batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor

from seqclf._components import Seam, is_function_of
from seqclf.estimators._scaling import Scaling
from seqclf.estimators._targets import Labels
from seqclf.sequences import LazySequences, Sequences
from seqclf.training import TrainingSpec
from seqclf.transforms import (
    BaselineWander,
    Compose,
    Crop,
    Dropout,
    Jitter,
    MagnitudeWarp,
    RandomApply,
    RandomPrefix,
    Scale,
    TimeWarp,
    Transform,
)

AugmentationName = Literal[
    "auto",
    "baseline_wander",
    "crop",
    "distort",
    "dropout",
    "jitter",
    "magnitude_warp",
    "prefix",
    "scale",
    "time_warp",
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
        "prefix": lambda spec, generator: RandomApply(RandomPrefix()),
        "scale": lambda spec, generator: Scale(),
        "time_warp": lambda spec, generator: TimeWarp(),
    },
    is_instance=lambda value: is_function_of(value, 3),
    kind="a transform",
)


def cuts_prefixes(choice: AugmentationChoice) -> bool:
    """Return whether an augmentation is, or applies, a `RandomPrefix`; what a factory will return is unknown."""
    if isinstance(choice, Compose):
        return any(map(cuts_prefixes, choice.transforms))
    if isinstance(choice, RandomApply):
        return cuts_prefixes(choice.transform)
    return isinstance(choice, RandomPrefix) or (isinstance(choice, str) and choice == "prefix")


def check_scale_of_prefixes(
    choice: AugmentationChoice,
    scaling: Scaling,
    sequences: Sequences | LazySequences,
    scaled: Sequences | LazySequences,
) -> None:
    """Raise if prefixes of the scaled samples differ from scaled prefixes, which predictions of prefixes are made from."""
    if not cuts_prefixes(choice):
        return
    longest = sequences.lengths.topk(min(8, len(sequences))).indices
    raw, whole = sequences[longest], scaled[longest]
    if not torch.equal(raw.lengths, whole.lengths):
        return
    half = (raw.lengths + 1) // 2
    later, trained = scaling.apply(raw.prefixes(half))[:], whole.prefixes(half)
    pairs = [(later.values, trained.values)]
    if later.static is not None and trained.static is not None:
        pairs.append((later.static, trained.static))
    if not all(torch.allclose(*pair, rtol=1e-3, atol=1e-4, equal_nan=True) for pair in pairs):
        raise ValueError(
            "`scale` must not measure whole sequences if `augmentation` cuts prefixes: they would be trained with the mean, the "
            "scale or the length of steps that were cut off, which the prefix of a new sequence does not have. Pass "
            'scale="standard".'
        )


def build_augmentation(
    choice: AugmentationChoice, spec: TrainingSpec, classes: Labels, generator: torch.Generator
) -> Callable[[Sequences, Tensor], Sequences] | None:
    """Return the function that changes a training batch; the transform receives labels as in `y`."""
    if choice is None:
        return None
    transform: Transform = AUGMENTATION.build(choice, spec, generator)
    return lambda sequences, target: transform(sequences, generator, classes[target.numpy()])
