"""Import pyarrow, which is an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_arrow(module: str = "pyarrow") -> Any:
    """Return pyarrow or one of its modules; raise an error that names the extra if it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            "Scoring tables needs pyarrow, which is not installed. Run `pip install 'seqclf[arrow]'`."
        ) from error
