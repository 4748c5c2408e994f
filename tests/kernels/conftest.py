"""The library is found once per process; here it may be looked for again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seqclf.kernels import _library


@pytest.fixture
def found_anew() -> Iterator[None]:
    """Forget what was found, before the test and after it."""
    _library._load.cache_clear()
    yield
    _library._load.cache_clear()
