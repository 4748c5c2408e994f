"""Every tensor may be a view, of any strides and offset: states and gradients are bitwise those of tensors with their own memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from kernels.cases import CELLS, Case, needs_kernels, same_bits, weights_of
from kernels.state_cases import parts, random_state
from seqclf.kernels import RecurrentState, linear, recurrence

pytestmark = needs_kernels

View = Callable[[Tensor], Tensor]
VIEWS: dict[str, View] = {
    "all of its memory": lambda tensor: tensor,
    "without its first element": lambda tensor: torch.cat([tensor.flatten()[:1], tensor.flatten()])[1:].view(
        tensor.shape
    ),
    "every second row": lambda tensor: tensor.repeat_interleave(2, dim=0)[::2],
    "columns of a wider one": lambda tensor: torch.cat([tensor, tensor], dim=-1)[..., : tensor.shape[-1]],
    "columns before rows": lambda tensor: tensor.movedim(0, -1).contiguous().movedim(-1, 0),
    "negated when it is read": lambda tensor: (
        torch.complex(torch.zeros_like(tensor), -tensor).conj().imag if tensor.is_floating_point() else tensor
    ),
}
views = st.sampled_from(list(VIEWS)).map(VIEWS.__getitem__)
sizes = st.one_of(st.integers(1, 40), st.sampled_from([63, 64, 65, 130]))
cases = st.builds(
    Case,
    cell=st.sampled_from(CELLS),
    input_size=sizes,
    hidden_size=sizes,
    lengths=st.lists(st.integers(0, 9), max_size=12),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    seed=st.integers(0, 1000),
)


def results(case: Case, view: Callable[[], View]) -> dict[str, Tensor]:
    """Return states and gradients; each tensor goes through another view."""
    leaves = {"values": case.values(), **dict(case.layer().named_parameters()), **parts(random_state(case))}
    leaves = {name: leaf.detach().requires_grad_() for name, leaf in leaves.items()}
    values, *rest = (view()(leaf) for leaf in leaves.values())
    n_weights = len(weights_of(case.layer()))
    states, final = recurrence(
        values,
        view()(case.offsets()),
        rest[:n_weights],
        cell=case.cell,
        bidirectional=case.bidirectional,
        initial=RecurrentState(*rest[n_weights:]),
    )
    generator = torch.Generator().manual_seed(case.seed)
    outputs = {"states": states, **{f"final {name}": part for name, part in parts(final).items()}}
    of_outputs = [view()(torch.randn(output.shape, generator=generator)) for output in outputs.values()]
    grads = torch.autograd.grad(list(outputs.values()), list(leaves.values()), of_outputs)
    return {name: output.detach() for name, output in outputs.items()} | {
        f"gradient of {name}": grad for name, grad in zip(leaves, grads, strict=True)
    }


@settings(deadline=None, max_examples=60)
@given(cases, st.data())
def test_a_layer_reads_views(case: Case, data: st.DataObject) -> None:
    expected = results(case, lambda: VIEWS["all of its memory"])
    assert same_bits(results(case, lambda: data.draw(views)), expected)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 200), sizes, sizes, views, views, views)
def test_a_linear_map_reads_views(
    n_rows: int, inputs: int, outputs: int, of_rows: View, of_weight: View, of_bias: View
) -> None:
    generator = torch.Generator().manual_seed(n_rows)
    rows, weight, bias = (
        torch.randn(shape, generator=generator) for shape in [(n_rows, inputs), (outputs, inputs), (outputs,)]
    )
    assert torch.equal(linear(of_rows(rows), of_weight(weight), of_bias(bias)), linear(rows, weight, bias))
