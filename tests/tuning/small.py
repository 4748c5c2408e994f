"""An estimator and a space small enough for tests."""

from __future__ import annotations

from typing import Any

from seqclf import GRUClassifier
from seqclf.training import EpochRecord
from seqclf.tuning import Either, IntRange, LogUniform, SweepResult, Uniform

SPACE = {
    "hidden_size": IntRange(4, 12),
    "lr": LogUniform(1e-3, 1e-1),
    "depth": Either([{"num_layers": 1}, {"num_layers": 2, "dropout": Uniform(0.0, 0.3)}]),
}


def small(**parameters: Any) -> GRUClassifier:
    return GRUClassifier(
        **{"hidden_size": 4, "num_layers": 1, "max_epochs": 3, "batch_size": 32, **parameters}
    )


def scores(result: SweepResult) -> list[float | None]:
    return [trial.score for trial in result.trials]


class RaiseInTrial:
    """Raises in the first epoch of the n-th fit only."""

    fits = 0

    def __init__(self, error: BaseException, fit: int) -> None:
        self.error, self.fit = error, fit

    def __deepcopy__(self, memo: object) -> RaiseInTrial:
        return self  # shared by cloned estimators

    def on_epoch_end(self, record: EpochRecord) -> None:
        if record.epoch == 1:
            self.fits += 1
            if self.fits == self.fit:
                raise self.error
