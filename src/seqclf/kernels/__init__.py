"""The compiled recurrence: one recurrent layer over ragged sequences, on a CPU."""

from seqclf.kernels._library import KernelStatus, status
from seqclf.kernels._operators import RecurrentCell, recurrence

__all__ = ["KernelStatus", "RecurrentCell", "recurrence", "status"]
