"""Padded and packed layouts: infer and describe padding, pad and unpad, pack and unpack.

Import the names that users need from `seqclf.sequences`; the others serve `seqclf.sequences.convert`.
"""

from seqclf.sequences.padding._describe_padding import describe_padding
from seqclf.sequences.padding._infer_lengths import infer_lengths
from seqclf.sequences.padding._pack import pack, unpack
from seqclf.sequences.padding._packing_order import PackingOrder, packing_order
from seqclf.sequences.padding._pad import pad
from seqclf.sequences.padding._padded_input import padded_array
from seqclf.sequences.padding._padding_report import FixedWidthCut, PaddingReport, SentinelEvidence
from seqclf.sequences.padding._suspicious_padding import padding_in_list, suspicious_padding
from seqclf.sequences.padding._trailing_padding import as_stored, check_padding_value, trailing_lengths
from seqclf.sequences.padding._unpad import keep_real_steps, unpad, unpad_array

__all__ = [
    "FixedWidthCut",
    "PackingOrder",
    "PaddingReport",
    "SentinelEvidence",
    "as_stored",
    "check_padding_value",
    "describe_padding",
    "infer_lengths",
    "keep_real_steps",
    "pack",
    "packing_order",
    "pad",
    "padding_in_list",
    "padded_array",
    "suspicious_padding",
    "trailing_lengths",
    "unpack",
    "unpad",
    "unpad_array",
]
