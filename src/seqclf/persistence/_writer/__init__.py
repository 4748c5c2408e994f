"""Models -> JSON of known names, and tensors."""

from seqclf.persistence._writer._writer import CannotBeSavedError, Writer

__all__ = ["CannotBeSavedError", "Writer"]
