"""torch.compile traces the kernels without a graph break."""

from __future__ import annotations

import torch
from torch import Tensor

from kernels.cases import Case, every_cell, needs_kernels, weights_of
from seqclf.kernels import RecurrentCell, recurrence
from seqclf.nn import LastState, LinearHead, RecurrentEncoder, SequenceNetwork
from seqclf.sequences import as_sequences

pytestmark = needs_kernels


@every_cell
def test_a_compiled_function_gives_the_same_states_and_gradients(cell: RecurrentCell) -> None:
    torch.compiler.reset()
    weights = [
        weight.detach().requires_grad_() for weight in weights_of(Case(cell=cell, bidirectional=True).layer())
    ]

    def squares(values: Tensor, offsets: Tensor, weights: list[Tensor]) -> Tensor:
        return recurrence(values, offsets, weights, cell=cell, bidirectional=True)[0].square().mean(0)

    compiled = torch.compile(squares, fullgraph=True, backend="aot_eager")
    for lengths in ([4, 1, 6], [2, 2], [9, 3, 3, 8, 1]):  # any sizes
        case = Case(cell=cell, lengths=lengths)
        values, offsets = case.values().requires_grad_(), case.offsets()
        results = []
        for function in (compiled, squares):
            out = function(values, offsets, weights)
            results.append([out, *torch.autograd.grad(out.sum(), [values, *weights])])
        torch.testing.assert_close(results[0], results[1])


def test_a_whole_network_can_be_compiled() -> None:
    torch.compiler.reset()
    generator = torch.Generator().manual_seed(0)
    encoder = RecurrentEncoder("gru", 2, 4, num_layers=2, bidirectional=True, generator=generator)
    model = SequenceNetwork(encoder, LastState(bidirectional=True), LinearHead(8, 3, generator=generator))
    assert encoder.engine_ == "native"
    # By default torch does not trace into nn.RNNBase modules, even if they only hold weights.
    with torch._dynamo.config.patch(allow_rnn=True):
        compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
        for lengths in ([3, 1], [2, 7, 4]):
            sequences = as_sequences([torch.randn(n, 2, generator=generator) for n in lengths])
            results = []
            for function in (compiled, model):
                logits: Tensor = function(sequences)
                results.append(
                    [logits, *torch.autograd.grad(logits.square().sum(), list(model.parameters()))]
                )
            torch.testing.assert_close(results[0], results[1])


def test_batches_with_any_number_of_steps_compile_once() -> None:
    torch.compiler.reset()
    weights = [weight.detach() for weight in weights_of(Case(cell="gru").layer())]

    def total(values: Tensor, offsets: Tensor) -> Tensor:
        return recurrence(values, offsets, weights, cell="gru")[0].sum()

    compiled = torch.compile(total, fullgraph=True, backend="aot_eager")
    graphs = torch._dynamo.utils.counters["stats"]
    before = graphs["unique_graphs"]
    for n in range(2, 14):  # more sizes than torch recompiles for before it gives up
        case = Case(cell="gru", lengths=[n, 2])
        compiled(case.values(), case.offsets())
    assert 1 <= graphs["unique_graphs"] - before <= 2
