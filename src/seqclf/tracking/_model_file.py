"""Write a fitted model as a file that `seqclf.load` reads."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from seqclf.evaluation import Report
from seqclf.exceptions import SeqclfWarning
from seqclf.persistence import save

NAME = "model.safetensors"


def write_model(model: Any, folder: Path, report: Report) -> Path | None:
    """Write `model.safetensors` with the scores; return its path, or warn and return None if no file can hold the model."""
    path = folder / NAME
    try:
        save(model, path, report=report)
    except TypeError as error:
        path.unlink(missing_ok=True)  # of an earlier report: it is another model
        warnings.warn(
            f"A logged model must be one that `seqclf.save` can write; the report is logged without it: {error}",
            SeqclfWarning,
            stacklevel=2,
        )
        return None
    return path
