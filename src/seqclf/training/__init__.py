"""A network and batches in, a fitted network out."""

from seqclf.training._batches import IndexBatches, read_batches
from seqclf.training._callbacks import Callback, FitCallback, ProgressBar, as_callbacks
from seqclf.training._checkpoint import Checkpoint, Stored, read_checkpoint
from seqclf.training._config import TrainingConfig
from seqclf.training._data import LabelledBatch, LabelledSequences
from seqclf.training._history import EpochRecord, History, Scores
from seqclf.training._inference import device_of, run_in_batches, score
from seqclf.training._loop import train
from seqclf.training._loss import LossFunction, loss_divisor, weights_in_loss
from seqclf.training._monitor import Monitor
from seqclf.training._optimizer import OptimizerChoice, OptimizerSpec, new_optimizer, set_rates
from seqclf.training._processes._agreement import check_same_in_group
from seqclf.training._processes._distributed import distributed
from seqclf.training._processes._files import file_of_first
from seqclf.training._processes._group import ProcessGroup, current_group
from seqclf.training._processes._sharing import synchronize_generator
from seqclf.training._schedule import ScheduleChoice, ScheduleSpec
from seqclf.training._spec import TrainingSpec
from seqclf.training._turns import one_at_a_time

__all__ = [
    "Callback",
    "Checkpoint",
    "EpochRecord",
    "FitCallback",
    "History",
    "IndexBatches",
    "LabelledBatch",
    "LabelledSequences",
    "LossFunction",
    "Monitor",
    "OptimizerChoice",
    "OptimizerSpec",
    "ProcessGroup",
    "ProgressBar",
    "ScheduleChoice",
    "ScheduleSpec",
    "Scores",
    "Stored",
    "TrainingConfig",
    "TrainingSpec",
    "as_callbacks",
    "check_same_in_group",
    "current_group",
    "device_of",
    "distributed",
    "file_of_first",
    "loss_divisor",
    "new_optimizer",
    "one_at_a_time",
    "read_batches",
    "read_checkpoint",
    "run_in_batches",
    "score",
    "set_rates",
    "synchronize_generator",
    "train",
    "weights_in_loss",
]
