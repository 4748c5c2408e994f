"""Reader of format version 1: JSON of known names, and tensors -> models."""

from seqclf.persistence._format_1._describe import describe
from seqclf.persistence._format_1._read import read_model

__all__ = ["describe", "read_model"]
