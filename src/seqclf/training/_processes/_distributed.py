"""`distributed`: a block in which `fit` trains on all processes that torchrun has started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch

from seqclf._checks import check_positive
from seqclf.exceptions import ProcessFailedError
from seqclf.training._processes._connection import Connection
from seqclf.training._processes._ends import Ends
from seqclf.training._processes._group import ProcessGroup, _current, current_group
from seqclf.training._processes._meeting import meet

if TYPE_CHECKING:
    from torch._C._distributed_c10d import Store

_NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_PATIENCE = 30.0
"""Seconds that a failed process waits until the others have read its message: torchrun kills them when it ends.

The others wait a tenth of it: a process that was killed never leaves the block."""


@contextmanager
def distributed(*, timeout: float = 600.0) -> Iterator[ProcessGroup]:
    """Train one model on all processes that `torchrun` has started, on one or several hosts; alone, do nothing.

    Inside the block, `fit` and `partial_fit` divide each batch among the processes. All of them must run the block with the same
    data and parameters, and all get the same model.

    Parameters
    ----------
    timeout : float, default=600
        Seconds that a process waits for the others before it raises an error, for example while the first one runs a callback or
        another one still reads its data. If a process is killed, the others raise at once; the timeout is for hosts that lose their
        power or network.

    Yields
    ------
    ProcessGroup
        Has `rank`, `n_processes`, and `is_main`, which is True in one process: the one that should write files.

    Raises
    ------
    ProcessFailedError
        In all other processes, if one fails, with its message, or if one is killed or does not respond in time.
    ValueError
        If the environment is incomplete, or there are more processes than GPUs.
    RuntimeError
        Inside another `distributed` block, or if this build of torch has no `torch.distributed`.

    Notes
    -----
    `batch_size` is the size of the whole batch, over all processes, so their number does not change the training. Weights trained by one
    process and by N processes agree to rounding; two runs with N processes on equal hosts agree bitwise. Dropout and augmentation draw
    different numbers in each process.

    Tensors on a CPU are sent with gloo, those on GPUs with nccl. Each process uses one GPU of its host, which "cuda" and "auto"
    as `device` mean. If the script has called `torch.distributed.init_process_group` itself, that group is used.

    `predict` and `score` run in the process that calls them, on all samples that it passes.

    Examples
    --------
    A script for ``torchrun --nnodes=2 --nproc-per-node=4 train.py``, ``python train.py`` and a notebook:

    >>> import seqclf
    >>> X, y = [[0.1, 0.9], [0.9, 0.1]] * 8, [1, 0] * 8
    >>> with seqclf.distributed() as group:
    ...     model = seqclf.GRUClassifier(hidden_size=4, random_state=0).fit(X, y)
    ...     if group.is_main:
    ...         print(model.predict([[0.2, 0.8]]))
    [1]
    """
    timeout = check_positive("timeout", timeout)
    if current_group().connection is not None:
        raise RuntimeError(
            "`distributed` must not be called inside another `distributed` block. Remove the inner one."
        )
    if not _is_one_of_several():
        yield ProcessGroup()
        return
    with _device_of_rank(), _torch_group(timedelta(seconds=timeout)) as (torch_group, close, store):
        import torch.distributed as dist

        rank, n_processes = dist.get_rank(), dist.get_world_size()
        ends = Ends(store, rank, n_processes)
        connection = Connection(torch_group, rank=rank, n_processes=n_processes, ends=ends)
        group = ProcessGroup(rank=rank, n_processes=n_processes, connection=connection)
        token = _current.set(group)
        try:
            yield group
        except BaseException as error:
            normal = isinstance(error, SystemExit) and not error.code
            ends.report(None if normal else error)
            close()  # processes that wait for this one raise now
            patience = _PATIENCE if not isinstance(error, ProcessFailedError) else _PATIENCE / 10
            ends.wait(min(timeout, patience), for_failure=False)
            raise
        finally:
            _current.reset(token)
        ends.report(None)
        failure = ends.wait(timeout, for_failure=True)
        close()
        if failure is not None:
            raise ProcessFailedError(failure)


def _is_one_of_several() -> bool:
    """Return whether this process is one of several; raise if the variables that say so are incomplete."""
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        return dist.get_world_size() > 1
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return False
    missing = [name for name in _NEEDED if name not in os.environ]
    if missing:
        raise ValueError(
            f"The environment of one of several processes must hold {', '.join(_NEEDED)}; got WORLD_SIZE={os.environ['WORLD_SIZE']} "
            f"without {', '.join(missing)}. Start the script with torchrun, or unset WORLD_SIZE to train in one process."
        )
    if not dist.is_available():
        raise RuntimeError(
            f"Training on several processes needs a torch with `torch.distributed`; {torch.__version__} has none. Install another "
            "build of torch, or train in one process."
        )
    return True


@contextmanager
def _torch_group(timeout: timedelta) -> Iterator[tuple[Any, Any, Store | None]]:
    """Yield torch's group of all processes, the function that closes it, and a store for messages, if there is one."""
    import torch.distributed as dist

    # The functions of this module take the group that exists when it is imported as their default value. The first optimizer
    # imports it: with a group by then, that group could never be closed, and the others would not notice that this process ended.
    import torch.distributed.nn
    from torch.distributed.rendezvous import rendezvous

    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    store = None
    if all(name in os.environ for name in _NEEDED):
        shared, rank, n_processes = next(rendezvous("env://", timeout=timeout))
        store = meet(shared, rank, n_processes, timeout=timeout.total_seconds())
    if dist.is_initialized():
        group = dist.new_group(backend=backend, timeout=timeout)
    else:
        assert store is not None
        dist.init_process_group(
            backend,
            store=store,
            rank=rank,
            world_size=n_processes,
            timeout=timeout,
        )
        group = None
    is_open = True

    def close() -> None:
        nonlocal is_open
        if is_open:
            is_open = False
            dist.destroy_process_group(group)

    try:
        yield group, close, store
    finally:
        close()


@contextmanager
def _device_of_rank() -> Iterator[None]:
    """Make the GPU of this process the current one, which "cuda" means."""
    if not torch.cuda.is_available():
        yield
        return
    local, n_devices = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if local >= n_devices:
        raise ValueError(
            f"There must be a GPU for each process of a host; got {n_devices} GPUs and a process with LOCAL_RANK={local}. Start "
            f'torchrun with --nproc-per-node={n_devices}, or set CUDA_VISIBLE_DEVICES="" to train on CPUs.'
        )
    with torch.cuda.device(local):
        yield
