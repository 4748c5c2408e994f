"""A TPE sampler that can resume. Imports Optuna: import this module only where a study is opened."""

from __future__ import annotations

import optuna

from seqclf.tuning._optuna import no_experimental_warnings

_STRIDE = 0x9E3779B1
"""Spreads the seeds of consecutive trials over all 32 bits."""


class ReseededTPESampler(optuna.samplers.TPESampler):
    """TPE whose draws are a function of the seed, the number of the trial and the trials before it.

    A sweep that resumes therefore draws what an uninterrupted one would have drawn, and processes that start together draw
    different trials. Optuna's own `reseed_rng` takes the new seed from the operating system.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._restart(seed)

    def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Start again with the seed of this trial."""
        self._restart((self._seed + _STRIDE * (trial.number + 1)) % 2**32)
        super().before_trial(study, trial)

    def _restart(self, seed: int) -> None:
        with no_experimental_warnings():  # for `constant_liar`, before Optuna 5
            # `constant_liar` keeps away from the values that other processes are trying.
            super().__init__(seed=seed, constant_liar=True)
