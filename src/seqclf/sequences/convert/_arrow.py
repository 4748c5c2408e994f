"""Arrow list arrays -> `Sequences`."""

from __future__ import annotations

from typing import Any

import torch
import torch.utils.dlpack
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._container import Sequences
from seqclf.sequences._finite import MissingValues
from seqclf.sequences.convert._ragged import from_ragged


def is_arrow(X: Any) -> bool:
    """Return whether `X` is an Arrow array, without importing pyarrow."""
    return type(X).__module__.partition(".")[0] == "pyarrow"


def from_arrow(X: Any, *, missing: MissingValues) -> Sequences:
    """Convert list<number>, or list<list<number>> with inner lists of one size; float32 in one chunk without a copy.

    With `missing="keep"`, null values become NaN. Values may be NaN or infinite.
    """
    import pyarrow as pa

    if isinstance(X, pa.ChunkedArray):
        X = X.combine_chunks()
    if not isinstance(X, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        got = f"type {X.type}" if isinstance(X, pa.Array) else type(X).__name__
        raise TypeError(
            f"Arrow data must be an array of lists, one list per sequence; got {got}. Select the column "
            "that holds them, for example `table['signal']`."
        )
    _refuse_nulls(X, "row")
    steps = X.flatten()  # only those of these sequences, even if X is a slice
    if isinstance(X, pa.FixedSizeListArray):
        offsets = torch.arange(len(X) + 1, device="cpu") * X.type.list_size
    else:
        offsets = torch.tensor(X.offsets.to_numpy(), dtype=torch.int64, device="cpu")
        offsets -= offsets[:1].clone()
    return from_ragged(_values(steps, offsets, missing), offsets)


def _values(steps: Any, offsets: Tensor, missing: MissingValues) -> Tensor:
    """Return the steps of all sequences as (n_steps, n_features)."""
    import pyarrow as pa

    n_features = 1
    if isinstance(steps, pa.ListArray | pa.LargeListArray):
        steps = _fixed_size(steps, offsets)
    if isinstance(steps, pa.FixedSizeListArray):
        n_features = steps.type.list_size
        _refuse_nulls(steps, "step", offsets)
        steps = steps.flatten()
    kind = steps.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        raise InvalidSequenceError(
            f"Every value of X must be a number; got Arrow values of type {kind} in row 0. A list must hold numbers, "
            "or lists with one number per feature."
        )
    if missing == "error":
        _refuse_nulls(steps, "value", offsets, n_features)
    elif steps.null_count and not pa.types.is_floating(kind):
        steps = steps.cast(pa.float64())
    if pa.types.is_float32(kind) and not steps.null_count:
        return torch.utils.dlpack.from_dlpack(steps).reshape(-1, n_features)
    return torch.from_numpy(steps.to_numpy(zero_copy_only=False).copy()).reshape(-1, n_features)


def _fixed_size(steps: Any, offsets: Tensor) -> Any:
    """Return lists of equal size, one per step, as fixed-size lists."""
    import pyarrow as pa

    _refuse_nulls(steps, "step", offsets)
    sizes = torch.tensor(
        steps.value_lengths().to_numpy(zero_copy_only=False), dtype=torch.int64, device="cpu"
    )
    if not len(sizes):
        return steps.flatten()  # `from_ragged` names the row without a step
    wrong = (sizes != sizes[0]).nonzero() if sizes[0] else torch.zeros(1, 1, dtype=torch.int64, device="cpu")
    if wrong.numel():
        at = int(wrong[0])
        row = int(torch.searchsorted(offsets, at, right=True)) - 1
        raise InvalidSequenceError(
            "All steps must have the same number of features, at least one; "
            f"got {int(sizes[0])} in row 0, step 0 and {int(sizes[at])} in row {row}, step {at - int(offsets[row])}. "
            "Fill in the missing features."
        )
    return pa.FixedSizeListArray.from_arrays(steps.flatten(), int(sizes[0]))


def _refuse_nulls(array: Any, what: str, offsets: Tensor | None = None, n_features: int = 1) -> None:
    """Raise if the Arrow array has a null, naming its row."""
    if array.null_count == 0:
        return
    at = array.is_null().index(True).as_py()
    if offsets is not None:
        at = int(torch.searchsorted(offsets, at // n_features, right=True)) - 1
    raise InvalidSequenceError(
        f"X must not hold nulls; got a null {what} in row {at}. "
        "Drop it, or fill it in with `pyarrow.compute.fill_null`."
    )
