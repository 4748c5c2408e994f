"""Search spaces and hyperparameter sweeps."""

from seqclf.tuning._conversion import sklearn_distributions, suggest, wandb_config
from seqclf.tuning._distributions import Choice, Distribution, Either, IntRange, LogUniform, Space, Uniform
from seqclf.tuning._notebook_spaces import NOTEBOOK_GRU, NOTEBOOK_LSTM
from seqclf.tuning._result import SweepResult
from seqclf.tuning._spaces import resolve
from seqclf.tuning._storage import open_storage
from seqclf.tuning._sweep import PrunerName, sweep
from seqclf.tuning._trial_record import TrialRecord

__all__ = [
    "Choice",
    "Distribution",
    "Either",
    "IntRange",
    "LogUniform",
    "NOTEBOOK_GRU",
    "NOTEBOOK_LSTM",
    "PrunerName",
    "Space",
    "SweepResult",
    "TrialRecord",
    "Uniform",
    "open_storage",
    "resolve",
    "sklearn_distributions",
    "suggest",
    "sweep",
    "wandb_config",
]
