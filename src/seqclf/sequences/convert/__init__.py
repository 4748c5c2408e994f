"""User data -> `Sequences`."""

from seqclf.sequences.convert._as_sequences import as_sequences
from seqclf.sequences.convert._axes import warn_of_swapped_axes
from seqclf.sequences.convert._column_names import ColumnNames
from seqclf.sequences.convert._long import from_long
from seqclf.sequences.convert._long_batches import from_long_batches
from seqclf.sequences.convert._long_table import LongTable
from seqclf.sequences.convert._most_steps import most_steps
from seqclf.sequences.convert._padded_shape import padded_shape

__all__ = [
    "ColumnNames",
    "LongTable",
    "as_sequences",
    "from_long",
    "from_long_batches",
    "most_steps",
    "padded_shape",
    "warn_of_swapped_axes",
]
