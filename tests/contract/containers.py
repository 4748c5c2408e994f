"""Every container that holds sequences: a function from samples to what a user would pass."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import awkward
import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pack_sequence

from seqclf import as_sequences, from_long


@dataclass(frozen=True, eq=False)
class Samples:
    """Labelled sequences; a table of them has `width` steps."""

    arrays: list[NDArray[np.float32]]  # each (n_steps, n_features)
    y: NDArray[np.int64]
    width: int

    @property
    def n_features(self) -> int:
        n_features: int = self.arrays[0].shape[1]
        return n_features

    @property
    def lengths(self) -> list[int]:
        return [len(array) for array in self.arrays]

    @property
    def steps(self) -> list[NDArray[np.float32]]:
        """The sequences as users write them: (n_steps,) for one feature."""
        return [array[:, 0] for array in self.arrays] if self.n_features == 1 else self.arrays

    def one(self, i: int) -> Samples:
        return replace(self, arrays=self.arrays[i : i + 1], y=self.y[i : i + 1])

    def table(self, padding: float = 0.0) -> NDArray[np.float32]:
        """Return the padded table, (n_samples, width, n_features)."""
        table = np.full((len(self.arrays), self.width, self.n_features), padding, dtype=np.float32)
        for row, array in zip(table, self.arrays, strict=True):
            row[: len(array)] = array
        return table


@dataclass(frozen=True)
class Container:
    """One way to pass samples."""

    make: Callable[[Samples], Any]
    with_lengths: bool = False  # whether `lengths` are passed too
    strips_zeros: bool = False  # whether zeros at the end are padding
    one_feature: bool = False  # whether it cannot hold several features

    def keywords(self, samples: Samples) -> dict[str, Any]:
        """Return what is passed beside `X`."""
        return {"lengths": samples.lengths} if self.with_lengths else {}


def _long(samples: Samples) -> pd.DataFrame:
    """Return one row per step, in random order."""
    steps = np.concatenate([np.arange(n) for n in samples.lengths])
    columns = {f"x{j}": column for j, column in enumerate(np.concatenate(samples.arrays).T)}
    ids = np.repeat(np.arange(len(samples.arrays)), samples.lengths)
    frame = pd.DataFrame({"beat": ids, "time": steps, **columns})
    return frame.sample(frac=1, random_state=0)


def _grouped(samples: Samples) -> Any:
    """Return the rows of `_long` grouped by sequence, in the order of time."""
    values = [f"x{j}" for j in range(samples.n_features)]
    return _long(samples).sort_values("time").groupby("beat")[values]


def _object_array(samples: Samples) -> NDArray[Any]:
    array = np.empty(len(samples.steps), dtype=object)
    array[:] = [*samples.steps]
    return array


def _cells(samples: Samples, kind: Callable[[NDArray[np.float32]], Any]) -> dict[str, list[Any]]:
    """Return a column of sequences for each feature."""
    return {f"x{j}": [kind(array[:, j]) for array in samples.arrays] for j in range(samples.n_features)}


def _frame_of_cells(samples: Samples, kind: Callable[[NDArray[np.float32]], Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, cells in _cells(samples, kind).items()}
    )


def _lists(samples: Samples) -> list[Any]:
    return [array.tolist() for array in samples.steps]


def _tensors(samples: Samples) -> list[torch.Tensor]:
    return [torch.from_numpy(array.copy()) for array in samples.arrays]


def _memory_mapped(samples: Samples) -> NDArray[np.float32]:
    table = samples.table()
    with tempfile.TemporaryFile() as file:
        mapped: NDArray[np.float32] = np.memmap(file, dtype=table.dtype, mode="w+", shape=table.shape)
    mapped[:] = table
    return mapped


def _columns(samples: Samples) -> list[str]:
    return [f"t{i}" for i in range(samples.width)]


_GARBAGE = float("nan")

CONTAINERS: dict[str, Container] = {
    # Padded tables
    "array 2-D": Container(lambda s: s.table()[..., 0], strips_zeros=True, one_feature=True),
    "array 2-D, lengths": Container(lambda s: s.table(_GARBAGE)[..., 0], with_lengths=True, one_feature=True),
    "array 3-D": Container(lambda s: s.table(), strips_zeros=True),
    "array 3-D, lengths": Container(lambda s: s.table(_GARBAGE), with_lengths=True),
    "array 3-D, column-major": Container(lambda s: np.asfortranarray(s.table()), strips_zeros=True),
    "memory-mapped array": Container(_memory_mapped, strips_zeros=True),
    "tensor 2-D": Container(
        lambda s: torch.from_numpy(s.table()[..., 0]), strips_zeros=True, one_feature=True
    ),
    "tensor 3-D": Container(lambda s: torch.from_numpy(s.table()), strips_zeros=True),
    "tensor 3-D, lengths": Container(lambda s: torch.from_numpy(s.table(_GARBAGE)), with_lengths=True),
    "padded frame": Container(
        lambda s: pd.DataFrame(s.table()[..., 0], columns=_columns(s)), strips_zeros=True, one_feature=True
    ),
    "padded frame, lengths": Container(
        lambda s: pd.DataFrame(s.table(_GARBAGE)[..., 0], columns=_columns(s)),
        with_lengths=True,
        one_feature=True,
    ),
    "padded polars frame": Container(
        lambda s: polars.DataFrame(s.table()[..., 0], schema=_columns(s)), strips_zeros=True, one_feature=True
    ),
    # Lists
    "list": Container(lambda s: list(s.steps)),
    "tuple": Container(lambda s: tuple(s.steps)),
    "tuple of values and lengths": Container(
        lambda s: (np.concatenate(s.arrays), np.array(s.lengths)),
    ),
    "list of columns": Container(lambda s: list(s.arrays)),
    "list of lists": Container(_lists),
    "list of tensors": Container(_tensors),
    "list of frames": Container(lambda s: [pd.DataFrame(array) for array in s.arrays]),
    "list of series": Container(lambda s: [pd.Series(array) for array in s.steps], one_feature=True),
    "list of polars frames": Container(lambda s: [polars.DataFrame(array) for array in s.arrays]),
    "object array": Container(_object_array),
    "object array of numbers": Container(  # of unequal lengths, a list of lists
        lambda s: np.array(_lists(s), dtype=object) if len(set(s.lengths)) == 1 else _object_array(s)
    ),
    "series of arrays": Container(lambda s: pd.Series(list(s.steps))),
    # Tables with one row per step
    "long frame": Container(lambda s: from_long(_long(s), id="beat", time="time", missing="keep").sequences),
    "long polars frame": Container(
        lambda s: from_long(polars.from_pandas(_long(s)), id="beat", time="time", missing="keep").sequences
    ),
    "long Arrow table": Container(
        lambda s: (
            from_long(
                pa.Table.from_pandas(_long(s), preserve_index=False), id="beat", time="time", missing="keep"
            ).sequences
        )
    ),
    "groupby": Container(_grouped),
    # Tables with a sequence in each cell
    "frame of arrays": Container(lambda s: _frame_of_cells(s, np.asarray)),
    "frame of series": Container(lambda s: _frame_of_cells(s, pd.Series)),  # sktime's nested_univ
    "frame of lists": Container(lambda s: _frame_of_cells(s, list)),
    "polars frame of lists": Container(lambda s: polars.DataFrame(_cells(s, lambda column: column.tolist()))),
    "polars series": Container(lambda s: polars.Series(_lists(s))),
    # Ragged
    "Arrow array": Container(lambda s: pa.array(_lists(s))),
    "Arrow array, chunked": Container(
        lambda s: pa.chunked_array(
            [pa.array(_lists(s)[:1]), pa.array(_lists(s)[1:], type=pa.array(_lists(s)).type)]
        )
    ),
    "awkward array": Container(lambda s: awkward.Array(_lists(s))),
    "nested tensor": Container(lambda s: torch.nested.nested_tensor(_tensors(s), layout=torch.jagged)),
    "nested tensor, strided": Container(lambda s: torch.nested.nested_tensor(_tensors(s))),
    "PackedSequence": Container(lambda s: pack_sequence(_tensors(s), enforce_sorted=False)),
    "Sequences": Container(lambda s: as_sequences(s.arrays, missing="keep")),
    "slice of Sequences": Container(lambda s: as_sequences([s.arrays[0], *s.arrays], missing="keep")[1:]),
}
