"""Import the optional package of a tracker."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_extra(module: str, *, tracker: str, package: str, extra: str) -> Any:
    """Import a module; if it is missing, raise an error that names the extra to install."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"`{tracker}` needs {package}, which is not installed. Run `pip install 'seqclf[{extra}]'`."
        ) from error
