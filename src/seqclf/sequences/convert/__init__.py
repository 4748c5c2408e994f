"""User data -> `Sequences`."""

from seqclf.sequences.convert._as_sequences import as_sequences
from seqclf.sequences.convert._axes import warn_of_swapped_axes
from seqclf.sequences.convert._cells import holds_cells
from seqclf.sequences.convert._column_names import ColumnNames
from seqclf.sequences.convert._long import LongTable, from_long

__all__ = ["ColumnNames", "LongTable", "as_sequences", "from_long", "holds_cells", "warn_of_swapped_axes"]
