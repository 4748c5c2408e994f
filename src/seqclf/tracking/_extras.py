"""Packages that only one tracker needs."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_extra(module: str, *, tracker: str, package: str, extra: str) -> Any:
    """Import what a tracker writes with; say which extra brings it where it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"`{tracker}` needs {package}; it is not installed. Run `pip install 'seqclf[{extra}]'`."
        ) from error
