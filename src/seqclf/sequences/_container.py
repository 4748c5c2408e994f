"""`Sequences`: real steps, one sequence after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sequences:
    """Sequences of unequal length without a padded step.

    Parameters
    ----------
    values : torch.Tensor of shape (n_steps, n_features), float32
        Every real step of every sequence, concatenated.
    offsets : torch.Tensor of shape (n_sequences + 1,), int64
        Sequence `i` is `values[offsets[i]:offsets[i + 1]]`; at least one step each.

    Raises
    ------
    InvalidSequenceError
        If shapes, dtypes or offsets do not fit together.

    Notes
    -----
    Indexing with an integer gives one sequence as a tensor; a slice, a boolean mask or an array of indices
    gives `Sequences`. A slice of step 1 shares memory, everything else copies. `shape` is
    `(n_sequences,)`, so that scikit-learn's splitters index it as they index a one-dimensional array.

    Examples
    --------
    >>> import torch
    >>> from seqclf import Sequences
    >>> s = Sequences(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 1, 3]))
    >>> s
    Sequences(2 sequences, 1 feature, lengths 1 to 2, 3 steps)
    >>> s[1]
    tensor([[2.],
            [3.]])
    >>> s[[1, 0]].lengths
    tensor([2, 1])
    """

    values: Tensor
    offsets: Tensor

    def __post_init__(self) -> None:
        _check_layout(self.values, self.offsets)

    @classmethod
    def _trusted(cls, values: Tensor, offsets: Tensor) -> Sequences:
        """Build without checks: for layouts that hold by construction."""
        new = object.__new__(cls)
        object.__setattr__(new, "values", values)
        object.__setattr__(new, "offsets", offsets)
        return new

    @classmethod
    def concatenate(cls, parts: Iterable[Sequences]) -> Sequences:
        """Put several collections one after another.

        Parameters
        ----------
        parts : iterable of Sequences
            At least one; all with the same number of features.

        Returns
        -------
        Sequences

        Examples
        --------
        >>> from seqclf import as_sequences, Sequences
        >>> len(Sequences.concatenate([as_sequences([[1, 2]]), as_sequences([[3], [4, 5]])]))
        3
        """
        parts = list(parts)
        if not parts:
            raise InvalidSequenceError("`parts` must hold at least one `Sequences`; got none.")
        widths = [part.n_features for part in parts]
        for i, width in enumerate(widths):
            if width != widths[0]:
                raise InvalidSequenceError(
                    f"All parts must have the same number of features; got {widths[0]} in parts[0] and "
                    f"{width} in parts[{i}]. Select the same columns in each."
                )
        lengths = torch.cat([part.lengths for part in parts])
        return cls._trusted(torch.cat([part.values for part in parts]), _offsets_of(lengths))

    @property
    def lengths(self) -> Tensor:
        """Number of steps of each sequence: shape (n_sequences,), int64."""
        return self.offsets.diff()

    @property
    def n_features(self) -> int:
        """Number of values at each step."""
        return self.values.shape[1]

    @property
    def shape(self) -> tuple[int]:
        """`(n_sequences,)`: a one-dimensional array of sequences."""
        return (len(self),)

    @property
    def device(self) -> torch.device:
        """Where the values are."""
        return self.values.device

    def with_values(self, values: Tensor) -> Sequences:
        """Return the same sequences with other values at each step.

        Parameters
        ----------
        values : torch.Tensor of shape (n_steps, any)
            One row per real step.

        Returns
        -------
        Sequences
        """
        if values.ndim != 2 or values.shape[0] != self.values.shape[0]:
            raise InvalidSequenceError(
                f"`values` must have shape ({self.values.shape[0]}, n_features), a row per step; "
                f"got {tuple(values.shape)}. Keep one row per step."
            )
        return Sequences._trusted(values, self.offsets)

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Sequences:
        """Return the sequences on another device (itself if they are there already)."""
        return Sequences._trusted(
            self.values.to(device, non_blocking=non_blocking),
            self.offsets.to(device, non_blocking=non_blocking),
        )

    def pin_memory(self) -> Sequences:
        """Return the sequences in page-locked memory, from where a GPU copies without waiting."""
        return Sequences._trusted(self.values.pin_memory(), self.offsets.pin_memory())

    def to_nested(self) -> Tensor:
        """Return a jagged nested tensor of shape (n_sequences, any, n_features) that shares memory with this.

        Returns
        -------
        torch.Tensor
            Nested, `layout=torch.jagged`; gradients flow through it.

        Examples
        --------
        >>> from seqclf.sequences import as_sequences
        >>> nested = as_sequences([[1, 2], [3, 4, 5]]).to_nested()
        >>> [part.shape[0] for part in nested.unbind()]
        [2, 3]
        """
        from seqclf.sequences._interop import to_nested

        return to_nested(self)

    def to_arrow(self) -> pa.LargeListArray:
        """Return an Arrow array of lists that shares memory with this (on the CPU).

        Returns
        -------
        pyarrow.LargeListArray
            list<float> with one feature, else list<fixed_size_list<float>[n_features]>.

        Raises
        ------
        ImportError
            If pyarrow is missing.

        Examples
        --------
        >>> from seqclf.sequences import as_sequences
        >>> as_sequences([[1, 2], [3, 4, 5]]).to_arrow().to_pylist()
        [[1.0, 2.0], [3.0, 4.0, 5.0]]
        """
        from seqclf.sequences._interop import to_arrow

        return to_arrow(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # A tensor is pickled with all the memory it is a view of: a slice would carry the whole collection.
        return Sequences._trusted, (_compact(self.values), _compact(self.offsets))

    def __len__(self) -> int:
        return self.offsets.shape[0] - 1

    def __iter__(self) -> Iterator[Tensor]:
        return iter(torch.tensor_split(self.values, self.offsets[1:-1].cpu()) if len(self) else ())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):  # scikit-learn selects rows by `X[rows, ...]`
            if len(key) != 2 or key[1] is not Ellipsis:
                raise TypeError(
                    f"`Sequences` is indexed by sequence only; got {key!r}. Select features with "
                    "`sequences.with_values(sequences.values[:, columns])`."
                )
            key = key[0]
        if isinstance(key, int | np.integer):
            return self._one(int(key))
        if isinstance(key, slice):
            return self._slice(key)
        return self._take(_as_indices(key, len(self), self.device))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequences):
            return NotImplemented
        other = other.to(self.device)
        return torch.equal(self.offsets, other.offsets) and torch.equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        n, f = len(self), self.n_features
        text = f"{n} sequence{'' if n == 1 else 's'}, {f} feature{'' if f == 1 else 's'}"
        if n:
            lengths = self.lengths
            text += f", lengths {int(lengths.min())} to {int(lengths.max())}, {self.values.shape[0]} steps"
        if self.device.type != "cpu":
            text += f", {self.device}"
        return f"Sequences({text})"

    def _one(self, i: int) -> Tensor:
        n = len(self)
        if not -n <= i < n:
            raise IndexError(f"Index must lie in [{-n}, {n}); got {i}.")
        start, stop = self.offsets[i % n : i % n + 2].tolist()
        return self.values[start:stop]

    def _slice(self, key: slice) -> Sequences:
        start, stop, step = key.indices(len(self))
        if step != 1:
            return self._take(torch.tensor(range(start, stop, step), dtype=torch.int64, device=self.device))
        stop = max(start, stop)
        offsets = self.offsets[start : stop + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        return Sequences._trusted(self.values[first:last], offsets - first)

    def _take(self, indices: Tensor) -> Sequences:
        starts, lengths = self.offsets[:-1][indices], self.lengths[indices]
        offsets = _offsets_of(lengths)
        # Row k of the result is row k + (where its sequence started - where it starts now).
        shift = torch.repeat_interleave(starts - offsets[:-1], lengths)
        rows = shift + torch.arange(shift.shape[0], device=self.device)
        return Sequences._trusted(self.values.index_select(0, rows), offsets)


def _offsets_of(lengths: Tensor) -> Tensor:
    """Return where each sequence of the given length starts, and where the last one ends."""
    return torch.nn.functional.pad(lengths.cumsum(0), (1, 0))


def _compact(tensor: Tensor) -> Tensor:
    """Return the tensor with memory of its own size, for pickling."""
    return tensor.detach().clone() if tensor.untyped_storage().nbytes() > tensor.nbytes else tensor.detach()


def _as_indices(key: Any, n: int, device: torch.device) -> Tensor:
    """Convert a mask or an array of indices to indices in [0, n)."""
    if not isinstance(key, Tensor):
        # A copy: torch refuses negative strides and foreign byte orders, and warns of read-only arrays (joblib's).
        array = np.asarray(key)
        key = torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
    index: Tensor = key.to(device)
    if index.ndim != 1:
        raise IndexError(f"An index must be one-dimensional; got shape {tuple(index.shape)}.")
    if index.numel() == 0 and index.dtype != torch.bool:  # `[]` is an array of floats
        return torch.empty(0, dtype=torch.int64, device=device)
    if index.dtype == torch.bool:
        if index.shape[0] != n:
            raise IndexError(
                f"A mask must have one entry for each of the {n} sequences; got {index.shape[0]}."
            )
        return index.nonzero().squeeze(1)
    if index.dtype.is_floating_point or index.dtype.is_complex:
        raise IndexError(f"An index must hold integers or booleans; got {index.dtype}.")
    index = index.to(torch.int64)
    outside = (index < -n) | (index >= n)
    if bool(outside.any()):
        at = int(outside.nonzero()[0])
        raise IndexError(f"Indices must lie in [{-n}, {n}); got {int(index[at])} at position {at}.")
    return torch.where(index < 0, index + n, index)


def _check_layout(values: Tensor, offsets: Tensor) -> None:
    """Raise unless `values` and `offsets` describe sequences of at least one step."""
    if not isinstance(values, Tensor) or not isinstance(offsets, Tensor):
        raise TypeError(
            f"`values` and `offsets` must be tensors; got {type(values).__name__} and "
            f"{type(offsets).__name__}. Use `as_sequences` to convert arrays and lists."
        )
    if values.ndim != 2 or values.dtype != torch.float32 or values.shape[1] == 0:
        raise InvalidSequenceError(
            "`values` must be float32 of shape (n_steps, n_features); "
            f"got {values.dtype} of shape {tuple(values.shape)}. Use `as_sequences` to convert."
        )
    if offsets.ndim != 1 or offsets.dtype != torch.int64 or offsets.shape[0] == 0:
        raise InvalidSequenceError(
            "`offsets` must be int64 of shape (n_sequences + 1,); "
            f"got {offsets.dtype} of shape {tuple(offsets.shape)}. Use `as_sequences` to convert."
        )
    if int(offsets[0]) != 0 or int(offsets[-1]) != values.shape[0]:
        raise InvalidSequenceError(
            f"`offsets` must run from 0 to the {values.shape[0]} steps; "
            f"got {int(offsets[0])} to {int(offsets[-1])}. Did you drop steps after computing them?"
        )
    empty = (offsets[1:] <= offsets[:-1]).nonzero()  # a difference could overflow
    if empty.numel():
        i = int(empty[0])
        raise InvalidSequenceError(
            "Every sequence must have at least one step; got "
            f"offsets[{i}]={int(offsets[i])} and offsets[{i + 1}]={int(offsets[i + 1])}. "
            "Drop empty sequences."
        )
