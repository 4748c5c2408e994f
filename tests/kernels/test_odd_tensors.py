"""Tensors that are not plain, dense, in memory and on the CPU: read right, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from kernels.cases import needs_kernels
from seqclf.kernels import linear, recurrence

pytestmark = needs_kernels
Change = Callable[[Tensor], Any]

GENERATOR = torch.Generator().manual_seed(0)
VALUES = torch.randn(4, 2, generator=GENERATOR)
OFFSETS = torch.tensor([0, 3, 4])
WEIGHTS = [torch.randn(shape, generator=GENERATOR) for shape in ((9, 2), (9, 3), (9,), (9,))]


def run_recurrence(name: str, change: Change) -> Tensor:
    """Run the kernel with one argument changed."""
    weights = [change(weight) if name == f"weights[{i}]" else weight for i, weight in enumerate(WEIGHTS)]
    values = change(VALUES) if name == "values" else VALUES
    offsets = change(OFFSETS) if name == "offsets" else OFFSETS
    return recurrence(values, offsets, weights, cell="gru")[0]


def run_linear(name: str, change: Change) -> Tensor:
    """Run the kernel with one argument changed."""
    arguments = {"rows": VALUES, "weight": WEIGHTS[0], "bias": WEIGHTS[2]}
    return linear(**arguments | {name: change(arguments[name])})


def argument_of(name: str) -> tuple[Callable[[str, Change], Tensor], str]:
    return (run_linear if name in ("rows", "weight", "bias") else run_recurrence), name


every_argument = pytest.mark.parametrize(
    ("run", "name"),
    [
        argument_of(name)
        for name in ("values", "offsets", "weights[0]", "weights[3]", "rows", "weight", "bias")
    ],
)
every_matrix = pytest.mark.parametrize(
    ("run", "name"), [argument_of(name) for name in ("values", "weights[1]", "rows", "weight")]
)


def with_storage(size: int) -> Change:
    def change(tensor: Tensor) -> Tensor:
        tensor = tensor.clone()
        tensor.untyped_storage().resize_(size)
        return tensor

    return change


@pytest.mark.parametrize("size", [0, 4])
@every_argument
def test_a_storage_that_is_too_small_is_refused(run: Any, name: str, size: int) -> None:
    message = rf"The storage of {re.escape(name)} must hold its elements, \d+ bytes; got {size} bytes\. Was it resized"
    with pytest.raises(ValueError, match=message):
        run(name, with_storage(size))


def test_a_view_of_a_freed_storage_is_refused() -> None:
    message = "The storage of values must hold its elements, 64 bytes; got 0 bytes."

    def change(tensor: Tensor) -> Tensor:
        view = torch.stack([tensor, tensor], dim=1)[:, 1]
        view.untyped_storage().resize_(0)
        return view

    with pytest.raises(ValueError, match=re.escape(message)):
        run_recurrence("values", change)


@pytest.mark.parametrize(
    "name", ["grad_states", "grad_final", "states", "saved", "values", "offsets", "weights[0]"]
)
def test_the_backward_pass_refuses_a_freed_storage(name: str) -> None:
    values, weights = VALUES.clone(), [weight.clone() for weight in WEIGHTS]
    states, final, saved = torch.ops.seqclf.recurrence(
        values, OFFSETS, weights, [], "gru", False, "float32", True
    )
    tensors = {
        "grad_states": torch.ones_like(states),
        "grad_final": torch.ones_like(final[0]),
        "states": states,
        "saved": saved,
        "values": values,
        "offsets": OFFSETS,
        "weights[0]": weights[0],
    }
    tensors[name] = with_storage(0)(tensors[name])
    weights[0] = tensors.pop("weights[0]")
    grad_states, grad_final, *rest = tensors.values()
    with pytest.raises(ValueError, match=re.escape(f"The storage of {name} must hold its elements")):
        torch.ops.seqclf.recurrence_backward(
            grad_states, [grad_final], *rest, weights, [], "gru", False, "float32", True
        )


@every_argument
def test_tensors_on_two_devices_are_refused(run: Any, name: str) -> None:
    first = "rows" if run is run_linear else "values"
    other = {"values": "offsets", "rows": "weight"}.get(name, name)
    devices = ("meta", "cpu") if name == first else ("cpu", "meta")
    message = (
        f"All tensors must be on one device; got {first} on {devices[0]} and {other} on {devices[1]}. "
        "Move them with `.to()`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        run(name, lambda tensor: tensor.to("meta"))


@pytest.mark.parametrize("position", range(3))
def test_the_operators_refuse_two_devices_too(position: int) -> None:
    arguments: list[Any] = [VALUES, OFFSETS, WEIGHTS]
    moved = WEIGHTS[1].to("meta") if position == 2 else arguments[position].to("meta")
    arguments[position] = [WEIGHTS[0], moved, *WEIGHTS[2:]] if position == 2 else moved
    with pytest.raises(ValueError, match="All tensors must be on one device"):
        torch.ops.seqclf.recurrence(*arguments, [], "gru", False, "float32", False)


def test_the_backward_operator_refuses_two_devices_too() -> None:
    states, _, saved = torch.ops.seqclf.recurrence(
        VALUES, OFFSETS, WEIGHTS, [], "gru", False, "float32", True
    )
    rest: Any = (VALUES, OFFSETS, WEIGHTS, [], "gru", False, "float32", True)
    with pytest.raises(ValueError, match=re.escape("got values on cpu and gradients[0] on meta")):
        torch.ops.seqclf.recurrence_backward(states.to("meta"), [None], states, saved, *rest)


def test_all_on_meta_gives_the_shape() -> None:
    weights = [weight.to("meta") for weight in WEIGHTS]
    states, final = recurrence(VALUES.to("meta"), OFFSETS.to("meta"), weights, cell="gru")
    assert (states.device.type, states.shape, final.hidden.shape) == ("meta", (4, 3), (2, 3))
    assert linear(VALUES.to("meta"), weights[0]).shape == (4, 9)


def test_shapes_are_checked_on_meta_too() -> None:
    weights = [weight.to("meta") for weight in (*WEIGHTS[:3], WEIGHTS[3][:5])]
    with pytest.raises(ValueError, match=re.escape("weights[3] of cell 'gru' must be float32 of shape (9,)")):
        recurrence(VALUES.to("meta"), OFFSETS.to("meta"), weights, cell="gru")
    with pytest.raises(ValueError, match=re.escape("weight must be float32 of shape (n_outputs, 2)")):
        linear(VALUES.to("meta"), weights[1])


NOT_DENSE: dict[str, tuple[Change, str]] = {
    "sparse": (Tensor.to_sparse, "got a sparse_coo one. Call `.to_dense()`."),
    "rows of a sparse matrix": (Tensor.to_sparse_csr, "got a sparse_csr one. Call `.to_dense()`."),
    "mkldnn": (lambda tensor: tensor.to_mkldnn(), "got a mkldnn one. Call `.to_dense()`."),
    "nested": (
        lambda tensor: torch.nested.nested_tensor([tensor, tensor], layout=torch.jagged),
        "got a nested one. Concatenate its sequences and pass their offsets.",
    ),
    "nested, strided": (
        lambda tensor: torch.nested.nested_tensor([tensor, tensor]),
        "got a nested one. Concatenate its sequences and pass their offsets.",
    ),
    "quantized": (
        lambda tensor: torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8),
        "got a quantized one. Call `.dequantize()`.",
    ),
}


@pytest.mark.filterwarnings(
    "ignore:Sparse", "ignore:The PyTorch API of nested", "ignore:.*quantize_per_tensor"
)
@pytest.mark.parametrize("kind", NOT_DENSE)
@every_matrix
def test_tensors_without_dense_elements_are_refused(run: Any, name: str, kind: str) -> None:
    change, message = NOT_DENSE[kind]
    with pytest.raises(ValueError, match=re.escape(f"{name} must be a dense tensor; {message}")):
        run(name, change)


@every_argument
def test_what_is_not_a_tensor_is_refused(run: Any, name: str) -> None:
    for change, kind in ((Tensor.numpy, "ndarray"), (lambda _: 1, "int")):
        with pytest.raises(TypeError, match=re.escape(name) + rf".* must be a torch.Tensor; got {kind}"):
            run(name, change)


class Subclass(Tensor):
    """A subclass that changes nothing."""


def negated_view(tensor: Tensor) -> Tensor:
    """Return the same numbers, of which memory holds the opposite."""
    view = torch.complex(torch.zeros_like(tensor), -tensor).conj().imag
    assert view.is_neg()
    return view


RIGHT: dict[str, Change] = {
    "lazily negated": negated_view,
    "subclass": lambda tensor: tensor.as_subclass(Subclass),
    "parameter": nn.Parameter,
    "mirrored": lambda tensor: tensor.flip(0).flip(0).T.contiguous().T,
    "part of a larger tensor": lambda tensor: torch.cat([tensor, tensor])[len(tensor) :],
    "read-only memory": lambda tensor: torch.frombuffer(tensor.numpy().tobytes(), dtype=tensor.dtype).view(
        tensor.shape
    ),
}


@pytest.mark.filterwarnings("ignore:The given buffer is not writable")
@pytest.mark.parametrize("kind", RIGHT)
@every_matrix
def test_unusual_tensors_give_the_results_of_plain_ones(run: Any, name: str, kind: str) -> None:
    expected = run(name, lambda tensor: tensor)
    got = run(name, RIGHT[kind])
    assert torch.equal(got.detach().as_subclass(Tensor), expected)
