"""User data -> `Sequences`."""

from seqclf.sequences.convert._as_sequences import as_sequences

__all__ = ["as_sequences"]
