"""Whether estimators look at samples for mistakes, such as other units, and warn of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_INSPECTED: ContextVar[bool] = ContextVar("seqclf_inspected", default=True)


def is_inspected() -> bool:
    """Return whether to look at samples."""
    return _INSPECTED.get()


@contextmanager
def uninspected() -> Iterator[None]:
    """Return a context for samples that were looked at before, as by an ensemble for its members, or are altered on purpose."""
    token = _INSPECTED.set(False)
    try:
        yield
    finally:
        _INSPECTED.reset(token)
