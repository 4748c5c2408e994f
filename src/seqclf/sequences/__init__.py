"""Input conversion: arrays in, ragged `Sequences` out. No other package knows about padding."""

from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import check_computed, check_finite
from seqclf.sequences._lazy import LazySequences, blocks_of, subset
from seqclf.sequences._mapping import is_mapped
from seqclf.sequences._tokens import Tokens, Vocabularies
from seqclf.sequences._too_large import largest_value, too_large
from seqclf.sequences.convert import (
    ColumnNames,
    LongTable,
    as_sequences,
    from_long,
    from_long_batches,
    most_steps,
    padded_shape,
    warn_of_swapped_axes,
)
from seqclf.sequences.padding import (
    FixedWidthCut,
    PackingOrder,
    PaddingReport,
    SentinelEvidence,
    describe_padding,
    infer_lengths,
    pack,
    packing_order,
    pad,
    padding_in_list,
    suspicious_padding,
    unpack,
    unpad,
)
from seqclf.sequences.storage import SequenceWriter, open_sequences

__all__ = [
    "ColumnNames",
    "FixedWidthCut",
    "LazySequences",
    "LongTable",
    "PackingOrder",
    "PaddingReport",
    "SentinelEvidence",
    "SequenceWriter",
    "Sequences",
    "Tokens",
    "Vocabularies",
    "as_sequences",
    "blocks_of",
    "check_computed",
    "check_finite",
    "describe_padding",
    "from_long",
    "from_long_batches",
    "infer_lengths",
    "is_mapped",
    "largest_value",
    "most_steps",
    "open_sequences",
    "pack",
    "packing_order",
    "pad",
    "padded_shape",
    "padding_in_list",
    "subset",
    "suspicious_padding",
    "too_large",
    "unpack",
    "unpad",
    "warn_of_swapped_axes",
]
