"""Ctrl-C waits for the batch at hand; a second one does not, and other handlers stay."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from seqclf.training._interrupt import DeferredInterrupt


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Handle Ctrl-C as Python does: processes in the background of a shell ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def handler() -> Any:
    return signal.getsignal(signal.SIGINT)


def test_the_first_interrupt_waits_and_the_second_does_not() -> None:
    with DeferredInterrupt() as interrupt:
        before = interrupt.is_requested
        press()
        assert (before, interrupt.is_requested) == (False, True)
        with pytest.raises(KeyboardInterrupt):
            press()
    assert handler() is signal.default_int_handler
    with interrupt:
        after = interrupt.is_requested
    assert not after


def test_the_handler_returns_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), DeferredInterrupt():
        raise ZeroDivisionError
    assert handler() is signal.default_int_handler


@pytest.mark.parametrize("own", [signal.SIG_IGN, lambda number, frame: None])
def test_a_handler_of_the_program_stays(own: Any) -> None:
    signal.signal(signal.SIGINT, own)
    try:
        with DeferredInterrupt():
            assert handler() is own
        assert handler() is own
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_other_threads_leave_signals_alone() -> None:
    found = []

    def run() -> None:
        with DeferredInterrupt():
            found.append(handler())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
