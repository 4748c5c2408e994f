"""The compiled recurrence: one recurrent layer over ragged rows, on a CPU at the speed of the machine."""

from seqclf.kernels._library import KernelStatus, status
from seqclf.kernels._operators import RecurrentCell, recurrence

# Loaded here, not at the first call: a forked child must see that its parent's threads are not there.
status()

__all__ = ["KernelStatus", "RecurrentCell", "recurrence", "status"]
