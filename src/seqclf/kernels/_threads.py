"""The number of threads that the kernels compute on."""

from __future__ import annotations

from functools import cache

import torch
from joblib import cpu_count


def n_threads() -> int:
    """Return torch's number of threads, but at most the processors that this process may use.

    Returns
    -------
    int
        In a container with a quota of two processors on a machine with 64, torch uses 64 threads, and the kernels two.

    Examples
    --------
    >>> import torch
    >>> from seqclf.kernels import n_threads
    >>> 1 <= n_threads() <= torch.get_num_threads()
    True
    """
    return min(torch.get_num_threads(), _processors())


@cache  # reads files, which takes as long as the prediction of a short sequence
def _processors() -> int:
    processors: int = cpu_count()
    return processors
