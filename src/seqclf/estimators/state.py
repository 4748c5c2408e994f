"""What a fit learns, as values: for the packages that write it to a file or a graph."""

from seqclf.estimators._automatic import DataSize
from seqclf.estimators._fitted import FittedModel
from seqclf.estimators._input import InputContract
from seqclf.estimators._missing import ScaleAndFill
from seqclf.estimators._network import check_rows, probe, run_probe
from seqclf.estimators._prior import ClassPrior
from seqclf.estimators._scaling import Scaling
from seqclf.estimators._sequence_ensemble import FittedEnsemble
from seqclf.estimators._training_range import TrainingRange

__all__ = [
    "ClassPrior",
    "DataSize",
    "FittedEnsemble",
    "FittedModel",
    "InputContract",
    "ScaleAndFill",
    "Scaling",
    "TrainingRange",
    "check_rows",
    "probe",
    "run_probe",
]
