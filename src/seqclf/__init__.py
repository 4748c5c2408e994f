"""Recurrent classifiers for sequences of unequal length. They never read padding."""

# Imported here, before imports are deeply nested: at some stack depths CPython 3.11 takes 0.2 s longer for it, measured with
# `python -m benchmarks.import_time`; the cause was not proven.
import sklearn as _sklearn  # noqa: F401

from seqclf._random import as_generator
from seqclf._versions import VERSION as _VERSION
from seqclf.estimators import (
    GRUClassifier,
    LSTMClassifier,
    RecurrentClassifier,
    RNNClassifier,
    SequenceClassifier,
    SequenceEnsemble,
)
from seqclf.exceptions import (
    InvalidCheckpointError,
    InvalidModelFileError,
    InvalidSequenceError,
    ProcessFailedError,
    SeqclfWarning,
    TrainingDivergedError,
)
from seqclf.persistence import describe_file, load, save
from seqclf.scoring import score_table
from seqclf.sequences import (
    Sequences,
    as_sequences,
    describe_padding,
    from_long,
    from_long_batches,
    infer_lengths,
    pack,
    pad,
    unpack,
    unpad,
)
from seqclf.training import distributed
from seqclf.transforms import Differences, MinMax, TokenEncoder, ZScore

__version__ = _VERSION

__all__ = [
    "Differences",
    "GRUClassifier",
    "InvalidCheckpointError",
    "InvalidModelFileError",
    "InvalidSequenceError",
    "LSTMClassifier",
    "MinMax",
    "ProcessFailedError",
    "RNNClassifier",
    "RecurrentClassifier",
    "SeqclfWarning",
    "SequenceClassifier",
    "SequenceEnsemble",
    "Sequences",
    "TokenEncoder",
    "TrainingDivergedError",
    "ZScore",
    "as_generator",
    "as_sequences",
    "describe_file",
    "describe_padding",
    "distributed",
    "from_long",
    "from_long_batches",
    "infer_lengths",
    "load",
    "pack",
    "pad",
    "save",
    "score_table",
    "unpack",
    "unpad",
]
