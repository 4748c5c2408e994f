"""Runs of a case from an initial state, by the kernels and by torch, with gradients from any of the results."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import pack_sequence, unpack_sequence

from kernels.cases import CELLS, Case, relative_error, weights_of
from seqclf.kernels import RecurrentState, recurrence

TOLERANCE = 1e-5
LENGTHS = (4, 0, 1, 6)
ALL = ("states", "hidden", "memory")
cases = st.builds(
    Case,
    cell=st.sampled_from(CELLS),
    input_size=st.integers(1, 70),
    hidden_size=st.integers(1, 70),
    lengths=st.lists(st.integers(0, 60), min_size=1, max_size=30),
    bias=st.booleans(),
    seed=st.integers(0, 1000),
)


def values_of(case: Case) -> Tensor:
    """Return the steps of a case, too small to saturate a unit: its slope, 1 - h ** 2, would lose digits."""
    return case.values() * 0.5 * min(1.0, math.sqrt(case.hidden_size / case.input_size))


def random_state(case: Case) -> RecurrentState:
    """Return an initial state for a case, as small as its values."""
    shape = (2, len(case.lengths), case.hidden_size * (2 if case.bidirectional else 1))
    hidden, memory = 0.5 * torch.randn(shape, generator=torch.Generator().manual_seed(5))
    if case.cell == "relu":
        hidden = hidden.relu()
    return RecurrentState(hidden.clone(), memory.clone() if case.cell == "lstm" else None)


def run(case: Case, initial: RecurrentState | None, losses: Sequence[str] = ALL) -> dict[str, Tensor]:
    """Return states and final state, and gradients of the sum of random multiples of those in `losses`."""
    weights = [weight.detach().requires_grad_() for weight in weights_of(case.layer())]
    values = values_of(case).requires_grad_()
    state = [] if initial is None else [part.clone().requires_grad_() for part in initial if part is not None]
    given = RecurrentState(*state) if state else None
    states, final = recurrence(
        values, case.offsets(), weights, cell=case.cell, bidirectional=case.bidirectional, initial=given
    )
    results = {"states": states, **parts(final)}
    inputs = {"values": values, **named("initial", state), **named("weight", weights)}
    return results_and_gradients(results, inputs, losses)


def run_torch(case: Case, initial: RecurrentState, losses: Sequence[str] = ALL) -> dict[str, Tensor]:
    """Do the same with torch's packed layer in float64, which cannot hold sequences without steps."""
    layer, values = case.layer().double(), values_of(case).double().requires_grad_()
    state = [part.double().requires_grad_() for part in initial if part is not None]
    full = torch.tensor([length > 0 for length in case.lengths])
    directions = 2 if case.bidirectional else 1
    packed = pack_sequence(
        [one for one in torch.split(values, list(case.lengths)) if len(one)], enforce_sorted=False
    )
    start = [part[full].view(-1, directions, case.hidden_size).transpose(0, 1).contiguous() for part in state]
    data, final = layer(packed, tuple(start) if case.cell == "lstm" else start[0])
    results = {"states": torch.cat(unpack_sequence(data))}
    for name, before, after in zip(ALL[1:], state, final if case.cell == "lstm" else [final], strict=False):
        results[name] = before.clone().index_put((full,), after.transpose(0, 1).flatten(1))
    inputs = {"values": values, **named("initial", state), **named("weight", weights_of(layer))}
    return results_and_gradients(results, inputs, losses)


def results_and_gradients(
    results: dict[str, Tensor], inputs: dict[str, Tensor], losses: Sequence[str]
) -> dict[str, Tensor]:
    random = random_like(results)
    chosen = [name for name in losses if name in results]
    grads = torch.autograd.grad(
        [results[name] for name in chosen],
        list(inputs.values()),
        [random[name] for name in chosen],
        materialize_grads=True,
    )
    detached = {name: tensor.detach() for name, tensor in results.items()}
    return detached | {f"of {name}": grad for name, grad in zip(inputs, grads, strict=True)}


def random_like(results: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the gradients of the loss with respect to the results."""
    generator = torch.Generator().manual_seed(7)
    return {name: torch.randn(one.shape, generator=generator).to(one) for name, one in results.items()}


def named(name: str, tensors: list[Tensor]) -> dict[str, Tensor]:
    return {f"{name} {index}": tensor for index, tensor in enumerate(tensors)}


def parts(state: RecurrentState) -> dict[str, Tensor]:
    """Return the parts of a state by name."""
    both = (("hidden", state.hidden), ("memory", state.memory))
    return {name: part for name, part in both if part is not None}


def assert_close(got: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert got.keys() == expected.keys()
    for name, one in expected.items():
        # A sum over many steps whose terms cancel keeps fewer digits: compare with the size of all gradients too.
        assert relative_error(got[name], one) < 20 * TOLERANCE, name
    everything = [
        torch.cat([result[name].flatten().double() for name in expected if name.startswith("of ")])
        for result in (got, expected)
    ]
    assert relative_error(*everything) < TOLERANCE
