"""List columns -> `Sequences`; probabilities -> the columns of the result."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from seqclf.scoring._arrow import import_arrow
from seqclf.scoring._columns import output_names
from seqclf.sequences import Sequences, as_sequences


def read_sequences(lists: list[Any], static: list[Any], missing: Literal["error", "keep"]) -> Sequences:
    """Return list columns, each of which holds features, as sequences in full precision."""
    features = [as_sequences(column, dtype=None, missing=missing, check_axes=False) for column in lists]
    sequences = features[0]
    if len(features) > 1:
        values = torch.cat([one.values for one in features], dim=1)
        sequences = sequences.with_values(values)
    if static:
        numbers = [np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64) for column in static]
        sequences = sequences.with_static(np.column_stack(numbers))
    return sequences


def predictions_table(
    ids: Any, classes: list[Any], proba: NDArray[np.float64], scored: NDArray[np.bool_]
) -> Any:
    """Return an Arrow table of ids, predictions and probabilities; null in rows that were not scored."""
    pa = import_arrow()
    names = output_names(tuple(ids.column_names), classes)
    place = np.cumsum(scored) - 1  # of each row among those that were scored
    place = np.where(scored, place, 0)
    if not len(proba):
        proba = np.zeros((1, len(classes)))  # what null stands over
    labels = np.array(classes) if isinstance(classes[0], np.generic) else classes  # dates as NumPy has them
    columns = [
        pa.array(labels).take(pa.array(proba.argmax(axis=1)[place], mask=~scored)),
        *(pa.array(of_class[place], mask=~scored) for of_class in proba.T),
    ]
    return pa.Table.from_arrays([*ids.columns, *columns], names=[*ids.column_names, *names])
