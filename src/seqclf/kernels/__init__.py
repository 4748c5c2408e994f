"""Compiled kernels for CPUs: one recurrent layer over ragged sequences, and linear maps of rows."""

from seqclf.kernels._library import KernelStatus, status
from seqclf.kernels._linear import linear
from seqclf.kernels._operators import RecurrentCell, recurrence

__all__ = ["KernelStatus", "RecurrentCell", "linear", "recurrence", "status"]
