"""Compiled kernels for CPUs: one recurrent layer over ragged sequences, and linear maps of rows."""

from seqclf.kernels._layer import RecurrentState, recurrence
from seqclf.kernels._library import KernelStatus, status
from seqclf.kernels._linear import linear
from seqclf.kernels._operators import RecurrentCell
from seqclf.kernels._precision import Precision, check_precision
from seqclf.kernels._prepared import PreparedLayer, PreparedLinear
from seqclf.kernels._threads import n_threads
from seqclf.kernels._transforms import is_dual, is_of_transform

__all__ = [
    "KernelStatus",
    "Precision",
    "PreparedLayer",
    "PreparedLinear",
    "RecurrentCell",
    "RecurrentState",
    "check_precision",
    "is_dual",
    "is_of_transform",
    "linear",
    "n_threads",
    "recurrence",
    "status",
]
