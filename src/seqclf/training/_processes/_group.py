"""The processes that train together."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass, field

from seqclf.training._processes._connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProcessGroup:
    """The processes that train together, and which of them this is; `seqclf.distributed` yields it.

    Attributes
    ----------
    rank : int
        Number of this process, from 0.
    n_processes : int
        Number of processes, over all hosts; 1 for a script that was started without torchrun.

    Examples
    --------
    >>> import seqclf
    >>> with seqclf.distributed() as group:
    ...     print(group)
    ProcessGroup(rank=0, n_processes=1)
    """

    rank: int = 0
    n_processes: int = 1
    connection: Connection | None = field(default=None, repr=False)
    _process: int = field(default_factory=os.getpid, repr=False)

    @property
    def is_main(self) -> bool:
        """Whether this is the process that runs callbacks, and should write files: the first one."""
        return self.rank == 0


_ALONE = ProcessGroup()
_current: ContextVar[ProcessGroup] = ContextVar("seqclf_process_group", default=_ALONE)


def current_group() -> ProcessGroup:
    """Return the group of the innermost `seqclf.distributed` block; outside of one, a group of one process.

    Threads and processes that are started in a block do not belong to its group.

    Examples
    --------
    >>> from seqclf.training import current_group
    >>> current_group().n_processes
    1
    """
    group = _current.get()
    # A forked process must not use the connections of its parent.
    return group if group.connection is None or group._process == os.getpid() else _ALONE
