"""The library is loaded once per process; `load_again` lets a test repeat that in a changed environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seqclf.kernels import _library


@pytest.fixture
def load_again(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that loads the library as a new process would, until the test ends."""
    return lambda: monkeypatch.setattr(_library, "_found", _library._load())
