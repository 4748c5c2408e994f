"""Values and offsets of another library -> `Sequences`."""

from __future__ import annotations

from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._precision import storage_type


def from_ragged(values: Tensor, offsets: Tensor) -> Sequences:
    """Convert ragged data of any real dtype, or raise naming the row that is not valid; values may be NaN or infinite."""
    if values.is_complex():
        raise InvalidSequenceError(
            f"Complex data not supported: every value must be real; got {values.dtype}. "
            "Pass the real and the imaginary part as two features."
        )
    if offsets.shape[0] == 1:
        raise InvalidSequenceError(
            "Found array with 0 sample(s) while a minimum of 1 is required; got no sequence. "
            "Was everything filtered out?"
        )
    empty = (offsets.diff() < 1).nonzero()
    if empty.numel():
        raise InvalidSequenceError(
            f"Every sequence must have at least one step; got none in row {int(empty[0])}. "
            "Drop empty sequences."
        )
    return Sequences(values.to(storage_type(values.dtype)), offsets)
