"""Input conversion: arrays in, ragged `Sequences` out. No other package knows about padding."""

from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import check_finite
from seqclf.sequences._tokens import Tokens, Vocabularies
from seqclf.sequences.convert import (
    ColumnNames,
    LongTable,
    as_sequences,
    from_long,
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
    suspicious_padding,
    unpack,
    unpad,
)

__all__ = [
    "ColumnNames",
    "FixedWidthCut",
    "LongTable",
    "PackingOrder",
    "PaddingReport",
    "SentinelEvidence",
    "Sequences",
    "Tokens",
    "Vocabularies",
    "as_sequences",
    "check_finite",
    "describe_padding",
    "from_long",
    "infer_lengths",
    "pack",
    "packing_order",
    "pad",
    "padded_shape",
    "suspicious_padding",
    "unpack",
    "unpad",
    "warn_of_swapped_axes",
]
