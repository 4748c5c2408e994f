"""A linear map of windows without a copy of them equals the map of the copied windows."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, func, nn
from torch.autograd import forward_ad, gradcheck, gradgradcheck

from seqclf.nn import Linear
from seqclf.nn._initialization import new_linear
from seqclf.nn._windows import Windows, _has_plain_call, _LinearOfBlocks
from seqclf.sequences import Sequences, as_sequences

# Torch's own.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")

WIDTH = 16  # wide enough that windows are not copied

# torch has no types for these.
prune: Any = nn.utils.prune.l1_unstructured
make_dual: Any = forward_ad.make_dual
unpack_dual: Any = forward_ad.unpack_dual


def ragged(lengths: list[int], n_features: int = WIDTH, dtype: torch.dtype = torch.float32) -> Sequences:
    generator = torch.Generator().manual_seed(0)
    sequences = as_sequences([torch.randn(n, n_features, generator=generator) for n in lengths])
    return sequences.with_values(sequences.values.to(dtype).requires_grad_())


def new_map(size: int, outputs: int = 3) -> Linear:
    return new_linear(size * WIDTH, outputs, torch.Generator().manual_seed(1))


def gradients(result: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    weights = torch.linspace(-1, 1, result.numel(), dtype=result.dtype).view_as(result)
    return list(torch.autograd.grad((result * weights).sum(), inputs, retain_graph=True))


def is_without_copy(result: Tensor) -> bool:
    return type(result.grad_fn).__name__ == f"{_LinearOfBlocks.__name__}Backward"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=6),
    st.sampled_from([1, 3, 9]),
    st.integers(1, 4),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_the_map_and_its_gradients_equal_those_of_copied_windows(
    lengths: list[int], size: int, stride: int, dtype: torch.dtype
) -> None:
    batch, linear = ragged(lengths, dtype=dtype), new_map(size).to(dtype)
    windows = Windows.of(batch, size, stride)
    got, expected = windows.map(linear), linear(windows.copy())
    assert is_without_copy(got)
    torch.testing.assert_close(got, expected)
    inputs = [batch.values, linear.weight, linear.bias]
    for one, other in zip(gradients(got, inputs), gradients(expected, inputs), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_first_and_second_derivatives() -> None:
    linear = new_map(3, outputs=2).double()
    values = ragged([4, 1, 2], dtype=torch.float64)

    def mapped(steps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        windows = Windows.of(values.with_values(steps), 3, 2)
        result: Tensor = _LinearOfBlocks.apply(windows.blocks, weight, bias, windows.firsts)  # type: ignore[no-untyped-call]
        return result

    inputs = (values.values, linear.weight, linear.bias)
    assert gradcheck(mapped, inputs)
    assert gradgradcheck(mapped, inputs)


def test_no_gradient_is_computed_that_is_not_needed() -> None:
    batch, linear = ragged([5, 2]), new_map(9)
    linear.weight.requires_grad_(False)
    result = Windows.of(batch.with_values(batch.values.detach()), 9, 2).map(linear)
    assert is_without_copy(result)
    result.sum().backward()  # type: ignore[no-untyped-call]
    assert linear.weight.grad is None
    assert linear.bias.grad is not None


def test_training_keeps_no_copy_of_the_windows() -> None:
    batch, linear = ragged([400]), new_map(9)
    kept: list[int] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        Windows.of(batch, 9, 1).map(linear)
    assert max(kept) < 2 * batch.values.numel()  # windows hold each step nine times


def hooked(linear: Linear) -> Linear:
    linear.register_forward_hook(lambda layer, args, output: 2 * output)
    return linear


def backward_hooked(linear: Linear) -> Linear:
    def double(layer: nn.Module, inputs: Any, outputs: Any) -> Any:
        return (2 * inputs[0],)

    linear.register_full_backward_hook(double)
    return linear


def replaced(linear: Linear) -> Linear:
    linear.forward = lambda rows: rows @ linear.weight.t()  # type: ignore[method-assign]
    return linear


def old_weight_norm(linear: Linear) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch prefers the new one
        return nn.utils.weight_norm(linear)


OTHER_CALLS: dict[str, Callable[[Linear], Any]] = {
    "a forward hook": hooked,
    "a backward hook": backward_hooked,
    "a `forward` of its own": replaced,
    "an old weight norm": old_weight_norm,
    "a weight norm": nn.utils.parametrizations.weight_norm,
    "pruning": lambda linear: prune(linear, "weight", amount=0.5),
    "no bias": lambda linear: new_linear(linear.in_features, 3, torch.Generator().manual_seed(2), bias=False),
}


@pytest.mark.parametrize("name", OTHER_CALLS)
def test_a_layer_whose_call_does_more_is_called(name: str) -> None:
    batch, linear = ragged([7, 3]), OTHER_CALLS[name](new_map(9))
    windows = Windows.of(batch, 9, 2)
    got, expected = windows.map(linear), linear(windows.copy())
    assert not is_without_copy(got)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(gradients(got, [batch.values]), gradients(expected, [batch.values]))


def test_a_layer_is_called_where_hooks_of_all_modules_exist() -> None:
    linear = new_map(9)
    assert _has_plain_call(linear)
    handle = nn.modules.module.register_module_forward_hook(lambda layer, args, output: None)
    try:
        assert not _has_plain_call(linear)
    finally:
        handle.remove()


def test_predictions_are_those_of_the_layer() -> None:
    windows, linear = Windows.of(ragged([7, 3]), 9, 2), new_map(9).eval()
    with torch.no_grad():
        assert torch.equal(windows.map(linear), linear(windows.copy()))


def test_autocast_is_honoured() -> None:
    windows, linear = Windows.of(ragged([7, 3]), 9, 2), new_map(9)
    with torch.autocast("cpu", torch.bfloat16):
        assert windows.map(linear).dtype == torch.bfloat16


def test_forward_mode_derivatives() -> None:
    batch, linear = ragged([7, 3]), new_map(9)
    direction = torch.ones_like(batch.values)
    with forward_ad.dual_level():
        moved = batch.with_values(make_dual(batch.values, direction))
        got = unpack_dual(Windows.of(moved, 9, 2).map(linear)).tangent
    expected = Windows.of(batch.with_values(direction), 9, 2).map(linear) - linear.bias
    torch.testing.assert_close(got, expected)


@pytest.mark.filterwarnings("ignore:There is a performance drop")  # torch's own, of addmm_
@pytest.mark.parametrize("over", ["weights", "values", "both"])
def test_vmap_gives_what_a_loop_gives(over: str) -> None:
    batch, linear = ragged([7, 3]), new_map(9)
    values = torch.stack([batch.values.detach(), 2 * batch.values.detach()])
    weights = torch.stack([linear.weight.detach(), -linear.weight.detach()])

    def total(values: Tensor, weight: Tensor) -> Tensor:
        mapped = func.functional_call(Mapped(linear), {"linear.weight": weight}, (batch.with_values(values),))
        result: Tensor = mapped.square().sum()
        return result

    gradient = func.grad(total, argnums=(0, 1))
    dims = (None if over == "weights" else 0, None if over == "values" else 0)
    got = func.vmap(gradient, in_dims=dims)(
        values[0] if dims[0] is None else values, weights[0] if dims[1] is None else weights
    )
    expected = [
        gradient(values[0 if dims[0] is None else i], weights[0 if dims[1] is None else i]) for i in range(2)
    ]
    for one, others in zip(got, zip(*expected, strict=True), strict=True):
        torch.testing.assert_close(one, torch.stack(others))


class Mapped(nn.Module):
    def __init__(self, linear: Linear) -> None:
        super().__init__()
        self.linear: nn.Module = linear

    def forward(self, batch: Sequences) -> Tensor:
        return Windows.of(batch, 9, 2).map(self.linear)
