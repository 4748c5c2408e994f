"""Do all processes train on the same data, in the same way?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from hashlib import blake2b
from typing import Any

import torch
from torch import Tensor, nn

from seqclf.sequences import LazySequences, Sequences
from seqclf.training._config import TrainingConfig
from seqclf.training._data import LabelledSequences
from seqclf.training._loss import LossFunction
from seqclf.training._processes._connection import Connection
from seqclf.training._processes._group import current_group

_N_COMPARED = 64
"""Sequences whose values are compared; of the others, only the lengths are."""

_SHOWN = 80


def digest(values: Any) -> int:
    """Return a non-negative number below 2**63 that differs for other tensors or strings."""
    data = values.cpu().contiguous().numpy().tobytes() if isinstance(values, Tensor) else str(values).encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") >> 1


def check_same(connection: Connection, facts: Mapping[str, Any], cure: str) -> None:
    """Raise in all processes if one of these facts differs between them, and name the first that differs.

    Parameters
    ----------
    connection : Connection
        The processes.
    facts : mapping of str to Any
        Compared by their text, tensors by their bytes; each process has the same names.
    cure : str
        The end of the message.
    """
    digests = torch.tensor([digest(fact) for fact in facts.values()], dtype=torch.int64, device="cpu")
    differs = (table := connection.rows(digests)) != table[0]
    if not differs.any():
        return
    number = int(differs.any(dim=0).nonzero()[0])
    rank = int(differs[:, number].nonzero()[0])
    name = list(facts)[number]
    shown = _texts(connection, _text(facts[name]))
    raise ValueError(
        f"All processes must train in the same way; got different {name} on ranks {rank} and 0: {shown[rank]} and {shown[0]}. {cure}"
    )


def check_same_in_group(facts: Mapping[str, Any], cure: str) -> None:
    """Raise in all processes of the current group if one of these facts differs between them; alone, do nothing.

    Parameters
    ----------
    facts : mapping of str to Any
        Compared by their text; each process has the same names.
    cure : str
        The end of the message.

    Examples
    --------
    >>> from seqclf.training import check_same_in_group
    >>> check_same_in_group({"`checkpoint`": "None"}, "Pass it in every process, or in none.")
    """
    connection = current_group().connection
    if connection is not None:
        check_same(connection, facts, cure)


def facts_of(
    module: nn.Module,
    loss: LossFunction,
    data: LabelledSequences,
    config: TrainingConfig,
    *,
    n_batches: int,
    validation: LabelledSequences | None,
    optimizer: torch.optim.Optimizer | None,
) -> dict[str, Any]:
    """Return what must be the same in all processes; the data come first, because most else follows from them."""
    facts = _facts_of_data(data, "training samples") | _facts_of_data(validation, "validation samples")
    facts["batches per epoch"] = n_batches
    facts["layers of the network"] = [
        f"{name} {tuple(one.shape)}" for name, one in module.state_dict().items()
    ]
    facts |= {f"`{field.name}`": _described(getattr(config, field.name)) for field in fields(config)}
    facts["`loss`"] = _described(loss)
    facts["steps of the optimizer"] = 0 if optimizer is None else _n_steps(optimizer)
    return facts


def _facts_of_data(data: LabelledSequences | None, name: str) -> dict[str, Any]:
    if data is None:
        return {f"{what}{name}": None for what in ("number of ", "lengths of ", "labels of ", "weights of ")}
    return {
        f"number of {name}": len(data),
        f"lengths of {name}": data.sequences.lengths,
        f"labels of {name}": data.target,
        f"weights of {name}": data.weight,
    }


def check_values(connection: Connection, sequences: Sequences | LazySequences) -> None:
    """Raise if the values of some sequences differ by more than rounding, which may differ between kinds of CPUs."""
    rows = torch.linspace(
        0, len(sequences) - 1, min(_N_COMPARED, len(sequences)), dtype=torch.float64, device="cpu"
    ).long()
    chosen = sequences[rows].to("cpu")
    table = connection.rows(torch.stack([_summary(chosen[i : i + 1]) for i in range(len(rows))]).flatten())
    mean, size = table.view(connection.n_processes, len(rows), 2).unbind(dim=2)
    differs = (mean - mean[0]).abs() > 1e-4 * size[0] + 1e-12
    if differs.any():
        rank, row = differs.nonzero()[0].tolist()
        raise ValueError(
            f"All processes must train on the same samples; got different values in sample {int(rows[row])} on ranks {rank} and 0. "
            "Read the same file in each process, or generate the data from the same seed."
        )


def _summary(sequence: Sequences) -> Tensor:
    """Return a weighted mean of the values, which depends on their order, and the mean of their absolute values: float64."""
    columns = [sequence.values, sequence.static, None if sequence.tokens is None else sequence.tokens.codes]
    flat = torch.cat([one.double().flatten() for one in columns if one is not None]).nan_to_num()
    weights = torch.arange(1, len(flat) + 1, dtype=torch.float64, device="cpu").sin()
    n = max(1, len(flat))
    return torch.stack([(flat * weights).sum() / n, flat.abs().sum() / n])


def _described(value: Any) -> str:
    """Return a text without the addresses of objects, which differ between processes."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def _n_steps(optimizer: torch.optim.Optimizer) -> int:
    return max((int(state.get("step", 0)) for state in optimizer.state.values()), default=0)


def _text(fact: Any) -> str:
    return f"those with checksum {digest(fact):x}" if isinstance(fact, Tensor) else str(fact)


def _texts(connection: Connection, text: str) -> list[str]:
    """Return a short text of each process."""
    data = text.encode("ascii", "replace")[:_SHOWN].ljust(_SHOWN)
    table = connection.rows(torch.tensor(list(data), dtype=torch.int64, device="cpu"))
    return [bytes(row).decode().strip() for row in table.tolist()]
