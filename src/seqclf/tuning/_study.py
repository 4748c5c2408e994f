"""What the workers of a sweep share: its configuration and its Optuna study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqclf.tracking import Tracker
from seqclf.tuning._cross_validation import CrossValidation
from seqclf.tuning._distributions import Space
from seqclf.tuning._optuna import quiet_optuna
from seqclf.tuning._spaces import describe

if TYPE_CHECKING:
    import optuna

_IDENTITY = "seqclf:identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepConfig:
    """All that a worker needs to know."""

    space: Space
    validation: CrossValidation
    trackers: Sequence[Tracker]
    pruner: optuna.pruners.BasePruner
    study_name: str
    n_trials: int
    deadline: float | None  # of time.monotonic(), which all processes of a host share
    call: str  # names this call of `sweep`


def open_study(config: SweepConfig, storage: optuna.storages.BaseStorage) -> optuna.Study:
    """Load the study, or create it."""
    import optuna

    from seqclf.tuning._sampler import ReseededTPESampler

    with quiet_optuna():
        return optuna.create_study(
            storage=storage,
            study_name=config.study_name,
            sampler=ReseededTPESampler(config.validation.seed),
            pruner=config.pruner,
            direction="maximize",
            load_if_exists=True,
        )


def check_identity(study: optuna.Study, config: SweepConfig) -> None:
    """Record what the trials of a study have in common; raise if this sweep differs from those before."""
    identity = config.validation.identity() | {"space": describe(dict(config.space))}
    # Read in this order: another process may record the identity and begin a trial in between.
    has_trials = bool(study.get_trials(deepcopy=False))
    known: Mapping[str, str] | None = study.user_attrs.get(_IDENTITY)
    if known is None:
        if study.direction.name != "MAXIMIZE" or has_trials:
            raise ValueError(
                f"`study_name` must be new, or name a study of `sweep`; study {study.study_name!r} is not one. "
                "Choose another name."
            )
        study.set_user_attr(_IDENTITY, identity)
        return
    for name, value in identity.items():
        if known.get(name) != value:
            raise ValueError(
                f"All trials of a study must have the same {name}; study {study.study_name!r} has "
                f"{known.get(name)!r}, this call has {value!r}. Choose another `study_name`, or use the original {name}."
            )
