"""Arrays in, ragged out: the only room that knows that padding exists."""

from seqclf.sequences._container import Sequences
from seqclf.sequences._conversion import as_sequences
from seqclf.sequences._describe_padding import describe_padding
from seqclf.sequences._packing import PackingOrder, pack, packing_order, unpack
from seqclf.sequences._padded import pad, unpad
from seqclf.sequences._padding import infer_lengths
from seqclf.sequences._padding_report import FixedWidthCut, PaddingReport, SentinelEvidence
from seqclf.sequences._static import add_static_features

__all__ = [
    "FixedWidthCut",
    "PackingOrder",
    "PaddingReport",
    "SentinelEvidence",
    "Sequences",
    "add_static_features",
    "as_sequences",
    "describe_padding",
    "infer_lengths",
    "pack",
    "packing_order",
    "pad",
    "unpack",
    "unpad",
]
