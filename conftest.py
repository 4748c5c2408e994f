"""Closes the figures of each test and example when it ends: pyplot keeps them, and warns of more than 20."""

from __future__ import annotations

import sys


def pytest_runtest_teardown() -> None:
    """Close all figures of pyplot, if anything has imported it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
