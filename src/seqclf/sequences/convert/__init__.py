"""User data -> `Sequences`."""

from seqclf.sequences.convert._as_sequences import as_sequences
from seqclf.sequences.convert._axes import warn_of_swapped_axes

__all__ = ["as_sequences", "warn_of_swapped_axes"]
