"""Validation samples that are copies of training samples: their scores say nothing about new samples."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.estimators._sampled import evenly_spread
from seqclf.sequences import LazySequences, Sequences, blocks_of, subset

_Array = NDArray[np.float32] | NDArray[np.float64]

_LEAST_DISTINCT = 10
"""Different values in a sequence from which no other equals it by chance; flat signals, categories and counts repeat."""

_LEAST_SHARE = 0.02
"""Share of copies from which there is a warning. Of nine data sets that were examined, one has copies of training samples in its test
part: PLAID, 5 of 537 (0.9 %)."""


def copies_in_validation(
    validation: Sequences | LazySequences, training: Sequences | LazySequences, *, is_given: bool
) -> str | None:
    """Return a warning if validation samples, given or held out of X, equal training samples."""
    positions = evenly_spread(validation)
    copies = _copies(subset(validation, torch.from_numpy(positions)), training)
    if len(copies) < max(1, _LEAST_SHARE * len(positions)):
        return None
    which = " that were looked at" if len(positions) < len(validation) else ""
    if is_given:
        example = f", such as validation_data[0][{positions[copies[0]]}]"
    else:
        which, example = f"{which}, which early stopping held out of X,", ""
    return (
        f"{len(copies)} of {len(positions)} validation samples{which} are copies of training samples{example}: the model is trained on "
        "them, so their scores say nothing about new samples. Hold out other samples, before any are copied to balance classes; "
        "`sampler='balanced'` balances them without copies."
    )


def _copies(some: Sequences | LazySequences, training: Sequences | LazySequences) -> list[int]:
    """Return the positions of the sequences that have the steps of a training sequence."""
    kept: dict[bytes, list[tuple[int, _Array]]] = defaultdict(list)  # a position and its steps
    for place, block in blocks_of(some):
        for i, key, steps in zip(range(place.start, place.stop), _keys(block), block, strict=True):
            if len(np.unique(values := steps.numpy(force=True))) >= _LEAST_DISTINCT:
                kept[key.tobytes()].append((i, values.copy()))  # a view would keep the whole block
    copies: set[int] = set()
    if not kept:
        return []
    for _, block in blocks_of(training):
        keys = _keys(block)
        alike = np.flatnonzero(np.isin(keys, np.frombuffer(b"".join(kept), dtype=keys.dtype)))
        all_steps = list(block) if len(alike) else []
        for row in alike[np.unique(keys[alike], return_index=True)[1]]:
            steps = all_steps[row].numpy(force=True)
            same = kept[keys[row].tobytes()]
            copies |= {i for i, values in same if np.array_equal(values, steps, equal_nan=True)}
    return sorted(copies)


def _keys(sequences: Sequences) -> NDArray[np.void]:
    """Return the length, the sum, the first and the last value of each sequence as bytes, (n_sequences,)."""
    values = np.nan_to_num(sequences.values.numpy(force=True))
    starts, stops = sequences.offsets[:-1].numpy(force=True), sequences.offsets[1:].numpy(force=True)
    sums = np.add.reduceat(values.sum(axis=1, dtype=np.float64), starts)
    table = np.column_stack([stops - starts, sums, values[starts, :1], values[stops - 1, -1:]]).astype(
        np.float64
    )
    return table.view(np.dtype((np.void, table.itemsize * table.shape[1])))[:, 0]
