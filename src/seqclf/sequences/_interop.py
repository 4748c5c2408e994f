"""`Sequences` <-> other libraries' ragged layouts: packed, jagged nested, Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.utils.dlpack
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import check_finite
from seqclf.sequences._packing import unpack

if TYPE_CHECKING:
    import pyarrow as pa


def sequences_of_packed(packed: PackedSequence) -> Sequences:
    """Convert a packed sequence, as float32."""
    if packed.data.is_complex():
        raise InvalidSequenceError(
            f"Complex data not supported: every value must be real; got {packed.data.dtype}. "
            "Pass the real and the imaginary part as two features."
        )
    unpacked = unpack(packed)
    return _checked(unpacked.values.detach(), unpacked.offsets)


def sequences_of_nested(nested: Any) -> Sequences:
    """Convert a nested tensor of shape (n, *) or (n, *, n_features); jagged float32 without a copy."""
    if nested.layout is not torch.jagged:  # the older layout has no public offsets
        nested = torch.nested.nested_tensor(list(nested.detach().unbind()), layout=torch.jagged)
    unequal = [axis for axis, size in enumerate(nested.shape) if not isinstance(size, int)]
    if nested.ndim not in (2, 3) or unequal != [1]:
        raise InvalidSequenceError(
            "A nested tensor must have shape (n_samples, *) or (n_samples, *, n_features), with * the "
            f"unequal number of steps; got {tuple(nested.shape)}. Transpose or flatten the other axes."
        )
    if nested.lengths() is not None:  # a view with holes between its sequences
        nested = nested.contiguous()
    values, offsets = nested.values().detach(), nested.offsets().to(torch.int64)
    return _checked(values.reshape(values.shape[0], -1), offsets)


def to_nested(sequences: Sequences) -> Tensor:
    """See `Sequences.to_nested`."""
    nested: Tensor = torch.nested.nested_tensor_from_jagged(sequences.values, sequences.offsets)
    return nested


def is_arrow(X: Any) -> bool:
    """Return whether `X` is an Arrow array, without importing pyarrow."""
    return type(X).__module__.partition(".")[0] == "pyarrow"


def sequences_of_arrow(X: Any) -> Sequences:
    """Convert list<number> or list<fixed_size_list<number>>, without a copy if it is float32 in one chunk."""
    import pyarrow as pa

    if isinstance(X, pa.ChunkedArray):
        X = X.combine_chunks()
    if not isinstance(X, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        got = f"type {X.type}" if isinstance(X, pa.Array) else type(X).__name__
        raise TypeError(
            f"Arrow data must be an array of lists, one list for each sequence; got {got}. Select the column "
            "that holds them: `table['signal']`."
        )
    _refuse_nulls(X, "row")
    steps = X.flatten()  # of these sequences alone, also when X is a slice
    if isinstance(X, pa.FixedSizeListArray):
        offsets = torch.arange(len(X) + 1) * X.type.list_size
    else:
        offsets = torch.tensor(X.offsets.to_numpy(), dtype=torch.int64)
        offsets -= offsets[:1].clone()
    return _checked(_arrow_values(steps, offsets), offsets)


def _arrow_values(steps: Any, offsets: Tensor) -> Tensor:
    """Return the steps of all sequences as (n_steps, n_features)."""
    import pyarrow as pa

    n_features = 1
    if isinstance(steps, pa.FixedSizeListArray):
        n_features = steps.type.list_size
        _refuse_nulls(steps, "step", offsets)
        steps = steps.flatten()
    kind = steps.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        raise InvalidSequenceError(
            f"Every value must be a number; got Arrow values of type {kind} in row 0. Lists hold numbers, "
            "or lists of fixed size, one number for each feature."
        )
    _refuse_nulls(steps, "value", offsets, n_features)
    if pa.types.is_float32(kind):
        return torch.utils.dlpack.from_dlpack(steps).reshape(-1, n_features)
    return torch.tensor(steps.to_numpy(zero_copy_only=False)).reshape(-1, n_features)


def _refuse_nulls(array: Any, what: str, offsets: Tensor | None = None, n_features: int = 1) -> None:
    """Raise if the Arrow array has a null, naming the row it lies in."""
    if array.null_count == 0:
        return
    at = array.is_null().index(True).as_py()
    if offsets is not None:
        at = int(torch.searchsorted(offsets, at // n_features, right=True)) - 1
    raise InvalidSequenceError(
        f"Every sequence, step and value must be there; got a null {what} in row {at}. "
        "Drop it, or fill it in with `pyarrow.compute.fill_null`."
    )


def to_arrow(sequences: Sequences) -> pa.LargeListArray:
    """See `Sequences.to_arrow`."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError("`to_arrow` needs pyarrow: `pip install 'seqclf[arrow]'`.") from error
    flat = sequences.values.detach().cpu().contiguous().flatten().numpy()
    steps = pa.array(flat)  # shares numpy's memory
    if sequences.n_features > 1:
        steps = pa.FixedSizeListArray.from_arrays(steps, sequences.n_features)
    return pa.LargeListArray.from_arrays(pa.array(sequences.offsets.cpu().numpy()), steps)


def _checked(values: Tensor, offsets: Tensor) -> Sequences:
    """Return `Sequences` of what another library calls ragged, or raise if it is not fit."""
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
    single = values.to(torch.float32)
    check_finite(single, offsets, lambda row, step, feature: values[int(offsets[row]) + step, feature].item())
    return Sequences(single, offsets)
