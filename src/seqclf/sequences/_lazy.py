"""`LazySequences`: sequences that are computed when they are selected, from others that may lie on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from seqclf.exceptions import InvalidSequenceError
from seqclf.sequences._blocks import STEPS_PER_BLOCK
from seqclf.sequences._container import Sequences
from seqclf.sequences._mapping import is_mapped, note_rows
from seqclf.sequences._tokens import Tokens
from seqclf.sequences._too_large import too_large


@dataclass(frozen=True, slots=True, eq=False)
class LazySequences:
    """Sequences that are computed from others when they are selected; only the selected ones are in memory.

    Estimators use them internally, for data that `open_sequences` leaves on disk.

    Parameters
    ----------
    source : Sequences
        What they are computed from.
    function : callable
        `Sequences` -> as many `Sequences`. Each result must depend on its own sequence only.
    rows : torch.Tensor of shape (n_sequences,), int64, or None, default=None
        Which sequences of the source; None takes all.

    Examples
    --------
    >>> from seqclf.sequences import LazySequences, as_sequences
    >>> doubled = LazySequences(as_sequences([[1, 2], [3]]), lambda batch: batch.with_values(2 * batch.values))
    >>> doubled[[1]].values
    tensor([[6.]])
    """

    source: Sequences
    function: Callable[[Sequences], Sequences]
    rows: Tensor | None = None

    def __len__(self) -> int:
        return len(self.source) if self.rows is None else self.rows.shape[0]

    def __getitem__(self, key: Any) -> Sequences:
        """Compute the sequences that a slice, a mask or an index array selects."""
        selected = self.source[key] if self.rows is None else self.source[self.rows[key]]
        try:
            return self.function(selected)
        except InvalidSequenceError as error:
            if not error.rows:
                raise
            offsets = self.source.offsets
            every = torch.arange(len(self.source), dtype=torch.int64, device=offsets.device)
            numbers = (every if self.rows is None else self.rows)[key]
            raise too_large(self.source, numbers[list(error.rows)].tolist()) from error

    @property
    def n_features(self) -> int:
        """Number of features of each step."""
        return self[:1].n_features

    @property
    def n_static_features(self) -> int:
        """Number of static features of each sequence."""
        return self[:1].n_static_features

    @property
    def tokens(self) -> Tokens | None:
        """The tokens of the first sequence, with the vocabularies of all; None without tokens."""
        return self[:1].tokens

    def selected_tokens(self) -> Tokens | None:
        """Return the tokens of all steps, of which no values are read; None without tokens."""
        source = self.source
        if source.tokens is None or self.rows is None:
            return source.tokens
        no_values = torch.empty(source.values.shape[0], 0, dtype=torch.float32, device="cpu")
        selected: Sequences = Sequences.unchecked(no_values, source.offsets, None, source.tokens)[self.rows]
        return selected.tokens

    @property
    def lengths(self) -> Tensor:
        """Number of steps of each sequence of the source: (n_sequences,), int64."""
        lengths = self.source.lengths
        return lengths if self.rows is None else lengths[self.rows]

    def mapped(self, function: Callable[[Sequences], Sequences]) -> LazySequences:
        """Return lazy sequences that also apply `function`."""
        inner = self.function
        return LazySequences(self.source, lambda batch: function(inner(batch)), self.rows)


def subset(sequences: Sequences | LazySequences, rows: Tensor) -> Sequences | LazySequences:
    """Return some of the sequences in the given order; nothing is read of those on disk, and lazy ones stay lazy.

    Parameters
    ----------
    sequences : Sequences or LazySequences
    rows : torch.Tensor of shape (n_rows,), int64

    Examples
    --------
    >>> import torch
    >>> from seqclf.sequences import as_sequences, subset
    >>> subset(as_sequences([[1, 2], [3]]), torch.tensor([1])).values
    tensor([[3.]])
    """
    if isinstance(sequences, LazySequences):
        kept = rows if sequences.rows is None else sequences.rows[rows]
        return replace(sequences, rows=kept)
    return LazySequences(sequences, _same, rows) if is_mapped(sequences.values) else sequences[rows]


def _same(sequences: Sequences) -> Sequences:
    return sequences


def blocks_of(
    sequences: Sequences | LazySequences, *, n_steps: int | None = None
) -> Iterator[tuple[slice, Sequences]]:
    """Yield the slice and the sequences of each block of about `n_steps` steps, in order.

    Parameters
    ----------
    sequences : Sequences or LazySequences
        At least one.
    n_steps : int or None, default=None
        A longer sequence is a block of its own. None: a million, which takes 8 MB for each feature in float64.

    Examples
    --------
    >>> from seqclf.sequences import as_sequences, blocks_of
    >>> [len(block) for _, block in blocks_of(as_sequences([[1, 2], [3], [4, 5, 6]]), n_steps=3)]
    [2, 1]
    """
    n_steps = STEPS_PER_BLOCK if n_steps is None else n_steps
    ends = sequences.lengths.cumsum(0)
    start = 0
    while start < len(sequences):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(torch.searchsorted(ends, before + n_steps, right=True)))
        block = sequences[start:stop]
        yield slice(start, stop), block
        note_rows(block.values, n_rows=block.values.shape[0], n_places=1)
        start = stop
