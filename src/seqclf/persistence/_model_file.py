"""The container of a model file."""

from __future__ import annotations

from seqclf._container import Container
from seqclf.exceptions import InvalidModelFileError

MODEL_FILE = Container(
    content="model",
    name="model file",
    writer="`seqclf.save`",
    error=InvalidModelFileError,
    cure="Was it copied in part, or changed? Take the original file, or save the model again.",
)
