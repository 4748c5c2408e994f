"""Networks under transforms of torch.func, with other dtypes and on other devices: right, or an error with a cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, func, nn
from torch.autograd import functional

from kernels.cases import needs_kernels
from seqclf.nn import (
    AttentionPooling,
    EngineName,
    LastState,
    LinearHead,
    MaxPooling,
    MeanPooling,
    RecurrentEncoder,
    SequenceNetwork,
)
from seqclf.nn._linear import Linear
from seqclf.sequences import Sequences, as_sequences

ENGINES: list[Any] = ["packed", pytest.param("native", marks=needs_kernels)]
every_engine = pytest.mark.parametrize("engine", ENGINES)
# Torch's own.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")


jacobian: Any = functional.jacobian
hessian_of: Any = functional.hessian


def batch() -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(length, 2, generator=generator) for length in (3, 1, 4)])


def network(engine: EngineName, pooling: nn.Module | None = None) -> SequenceNetwork:
    generator = torch.Generator().manual_seed(1)
    encoder = RecurrentEncoder("gru", 2, 3, num_layers=2, engine=engine, generator=generator)
    head = LinearHead(3, 2, generator=generator)
    return SequenceNetwork(encoder, MeanPooling() if pooling is None else pooling, head).eval()


@every_engine
def test_functional_call_uses_the_given_weights(engine: EngineName) -> None:
    model, sequences = network(engine), batch()
    doubled = {name: 2 * parameter.detach() for name, parameter in model.named_parameters()}
    got: Tensor = func.functional_call(model, doubled, (sequences,))
    model.load_state_dict(doubled)
    expected: Tensor = model(sequences)
    torch.testing.assert_close(got, expected)


POOLINGS: dict[str, Callable[[], nn.Module]] = {
    "mean": MeanPooling,
    "last": LastState,
    "max": MaxPooling,
    "attention": lambda: AttentionPooling(3, generator=torch.Generator().manual_seed(2)),
}


@pytest.mark.filterwarnings("ignore:There is a performance drop")  # torch's own, of segment_reduce
@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("pooling", POOLINGS)
@needs_kernels
def test_vmap_over_an_ensemble_gives_what_a_loop_gives(pooling: str, gradients: bool) -> None:
    model, sequences = network("native", POOLINGS[pooling]()), batch()
    members = [{n: scale * p.detach() for n, p in model.named_parameters()} for scale in (1, -1, 2)]
    stacked = {name: torch.stack([member[name] for member in members]) for name in members[0]}

    def logits(weights: dict[str, Tensor], values: Tensor) -> Tensor:
        result: Tensor = func.functional_call(model, weights, (sequences.with_values(values),))
        return result

    with torch.set_grad_enabled(gradients):
        got = func.vmap(logits, in_dims=(0, None))(stacked, sequences.values)
        torch.testing.assert_close(got, torch.stack([logits(one, sequences.values) for one in members]))
        values = torch.stack([sequences.values, 2 * sequences.values])
        got = func.vmap(logits, in_dims=(None, 0))(members[0], values)
        torch.testing.assert_close(got, torch.stack([logits(members[0], one) for one in values]))


UNSUPPORTED: dict[str, Callable[[Any, Tensor], Any]] = {
    "grad": lambda total, values: func.grad(total)(values),
    "jvp": lambda total, values: func.jvp(total, (values,), (values,)),
    "hessian": lambda total, values: func.hessian(total)(values),
    "vmap": lambda total, values: func.vmap(total)(torch.stack([values, values])),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_the_packed_engine_refuses_transforms(name: str) -> None:
    model, sequences = network("packed"), batch()

    def total(values: Tensor) -> Tensor:
        logits: Tensor = model(sequences.with_values(values))
        return logits.square().sum()

    message = (
        "Of the transforms of torch.func, torch's layers on packed sequences support `functional_call` alone; got another. "
        "Use torch.autograd (`grad`, `functional.hessian`), or engine='native' for `vmap`."
    )
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        UNSUPPORTED[name](total, sequences.values)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_the_cures_that_messages_name_work_on_the_packed_engine(pooling: str) -> None:
    model, sequences = network("packed", POOLINGS[pooling]()), batch()
    values, direction = sequences.values, torch.ones_like(sequences.values)

    def total(values: Tensor) -> Tensor:
        logits: Tensor = model(sequences.with_values(values))
        return logits.square().sum()

    def of_states(values: Tensor) -> Tensor:
        states: Sequences = model.encoder(sequences.with_values(values))
        return states.values.square().sum()

    gradient = jacobian(total, values)
    vectorised = jacobian(total, values, vectorize=True)
    torch.testing.assert_close(vectorised, gradient)
    hessian = hessian_of(total, values).flatten(2).flatten(0, 1)
    torch.testing.assert_close(hessian, hessian.T, rtol=1e-4, atol=1e-5)
    assert float(hessian.abs().max()) > 1e-3
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(values, direction)  # type: ignore[no-untyped-call]
        tangent = torch.autograd.forward_ad.unpack_dual(of_states(dual)).tangent  # type: ignore[no-untyped-call]
    expected = (jacobian(of_states, values) * direction).sum()
    torch.testing.assert_close(tangent, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("pooling", POOLINGS)
def test_poolings_can_be_transformed(pooling: str) -> None:
    pool, states = POOLINGS[pooling](), network("packed").encoder(batch())
    values = states.values.detach()

    def total(values: Tensor) -> Tensor:
        summary: Tensor = pool(states.with_values(values))
        return summary.square().sum()

    expected = jacobian(total, values)
    torch.testing.assert_close(func.grad(total)(values), expected)
    both = torch.stack([values, 2 * values])
    torch.testing.assert_close(func.vmap(total)(both), torch.stack([total(one) for one in both]))
    torch.testing.assert_close(func.vmap(func.grad(total))(both)[0], expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("engine", ["auto", "packed"])
def test_networks_of_other_dtypes_run_on_steps_of_that_dtype(engine: EngineName, dtype: torch.dtype) -> None:
    expected: Tensor = network(engine)(batch())
    model, sequences = network(engine).to(dtype), batch()
    message = (
        f"Sequences and weights must have one dtype; got torch.float32 and {dtype}. Call `.float()` on the module, "
        "or convert the steps: `sequences.with_values(sequences.values.to(dtype))`."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        model(sequences)
    logits: Tensor = model(sequences.with_values(sequences.values.to(dtype)))
    assert logits.dtype == dtype
    torch.testing.assert_close(logits.float(), expected, rtol=0.05, atol=0.02)


@every_engine
def test_autocast_converts_steps_of_another_dtype(engine: EngineName) -> None:
    model, sequences = network(engine), batch()
    expected: Tensor = model(sequences)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits: Tensor = model(sequences.with_values(sequences.values.bfloat16()))
    torch.testing.assert_close(logits.float(), expected, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("engine", ["auto", "packed"])
def test_steps_and_weights_on_two_devices_are_refused(engine: EngineName) -> None:
    message = "Sequences and weights must be on one device; got cpu and meta. Move one of them with `.to()`."
    with pytest.raises(ValueError, match=re.escape(message)):
        network(engine).to("meta")(batch())


LINEAR: dict[str, Callable[[Linear, Tensor], Any]] = {
    "vmap": lambda layer, rows: func.vmap(layer)(torch.stack([rows, rows]))[1],
    "jvp": lambda layer, rows: func.jvp(layer, (rows,), (rows,))[0],
    "jvp of the weight": lambda layer, rows: func.jvp(
        lambda weight: func.functional_call(layer, {"weight": weight}, (rows,)),
        (layer.weight.detach(),),
        (torch.ones_like(layer.weight),),
    )[0],
    "functional_call": lambda layer, rows: func.functional_call(
        layer, dict(layer.named_parameters()), (rows,)
    ),
    "sparse rows": lambda layer, rows: layer(rows.to_sparse()),
    "subclass": lambda layer, rows: layer(rows.as_subclass(nn.Buffer)),
    "grad": lambda layer, rows: (
        layer(rows) if func.grad(lambda rows: layer(rows).sum())(rows).shape == rows.shape else None
    ),
}


@pytest.mark.parametrize("name", LINEAR)
def test_predictions_of_linear_layers_work_under_transforms(name: str) -> None:
    layer = Linear(4, 3).eval()
    rows = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(
            LINEAR[name](layer, rows), nn.functional.linear(rows, layer.weight, layer.bias)
        )
