"""Callbacks of a fit: notified of its start, its epochs and its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from seqclf.training import Callback, EpochRecord, FitCallback, ProgressBar


@contextmanager
def notified_of_fit(
    callbacks: Sequence[Callback], name: str, parameters: Mapping[str, Any]
) -> Iterator[None]:
    """Notify each `FitCallback` of the start and the end of a fit."""
    with ExitStack() as stack:  # whatever one of them raises, the others are notified of the end
        for callback in callbacks:
            if isinstance(callback, FitCallback):
                callback.on_fit_start(name, dict(parameters))
                stack.push(partial(_notify_end, callback))
        yield


def _notify_end(
    callback: FitCallback, kind: type[BaseException] | None, error: BaseException | None, traceback: object
) -> None:
    """Notify one callback of the end; called as the exit of a `with` block."""
    callback.on_fit_end(error)


def numbered_from(callbacks: Sequence[Callback], n_before: int) -> tuple[Callback, ...]:
    """Return callbacks for a `partial_fit`, whose epoch follows `n_before` others."""
    return tuple(_Renumbered(callback, n_before) for callback in callbacks)


@contextmanager
def progress_bar(
    max_epochs: int, title: str, *, n_done: int = 0, shown: bool
) -> Iterator[tuple[Callback, ...]]:
    """Yield a progress bar, or nothing; `n_done` epochs were trained before."""
    if not shown:
        yield ()
        return
    with ProgressBar(max_epochs, title=title, n_done=n_done) as bar:
        yield (bar,)


@dataclass(frozen=True, slots=True)
class _Renumbered:
    """Forwards epochs with their number over the whole training."""

    callback: Callback
    n_before: int

    def on_epoch_end(self, record: EpochRecord) -> bool | None:
        return self.callback.on_epoch_end(replace(record, epoch=record.epoch + self.n_before))
