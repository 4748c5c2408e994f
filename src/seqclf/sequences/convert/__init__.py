"""User data -> `Sequences`."""

from seqclf.sequences.convert._as_sequences import as_sequences
from seqclf.sequences.convert._axes import warn_of_swapped_axes
from seqclf.sequences.convert._long import LongTable, from_long

__all__ = ["LongTable", "as_sequences", "from_long", "warn_of_swapped_axes"]
