"""What the page on services says of TorchScript and torch.export is true with the installed torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqclf import Sequences, as_sequences
from seqclf.kernels import status
from seqclf.nn import EngineName, LinearHead, MeanPooling, RecurrentEncoder, SequenceNetwork

SEQUENCES = as_sequences([[0.1, 0.2, 0.3], [0.4, 0.5]])
OTHERS = as_sequences([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6]])
needs_kernels = pytest.mark.skipif(not status().available, reason="needs the compiled kernels")


class OfTensors(nn.Module):
    """A network that reads tensors."""

    def __init__(self, engine: EngineName) -> None:
        super().__init__()
        encoder = RecurrentEncoder("gru", 1, 4, engine=engine)
        self.network = SequenceNetwork(encoder, MeanPooling(), LinearHead(4, 2)).eval()

    def forward(self, values: Tensor, offsets: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.network(Sequences.unchecked(values, offsets))
        return logits


def quietly(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function of torch, which warns that it is deprecated, without gradients."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        return function(*arguments, **options)


@pytest.mark.parametrize("engine", ["packed", "auto"])
def test_torchscript_rejects_networks(engine: EngineName) -> None:
    with pytest.raises(RuntimeError):
        quietly(torch.jit.script, OfTensors(engine).network)


def test_a_trace_of_the_packed_engine_fails_for_other_lengths() -> None:
    traced = quietly(torch.jit.trace, OfTensors("packed"), (SEQUENCES.values, SEQUENCES.offsets))
    with pytest.raises(RuntimeError, match="TorchScript interpreter"):
        traced(OTHERS.values, OTHERS.offsets)


@needs_kernels
def test_a_trace_of_the_kernels_holds_their_operator() -> None:
    traced = quietly(torch.jit.trace, OfTensors("native"), (SEQUENCES.values, SEQUENCES.offsets))
    assert "seqclf::recurrence" in str(traced.inlined_graph)


@pytest.mark.parametrize("engine", ["packed", "auto"])
def test_export_takes_no_sequences(engine: EngineName) -> None:
    with pytest.raises(ValueError, match="Unsupported input type"):
        quietly(torch.export.export, OfTensors(engine).network, (SEQUENCES,))


def test_export_fails_with_the_packed_engine() -> None:
    with pytest.raises(Exception, match="data-dependent"):
        quietly(torch.export.export, OfTensors("packed"), (SEQUENCES.values, SEQUENCES.offsets))


@needs_kernels
def test_exported_kernels_keep_their_operator_and_the_number_of_sequences() -> None:
    model, arguments = OfTensors("native"), (SEQUENCES.values, SEQUENCES.offsets)
    program = quietly(torch.export.export, model, arguments)
    assert "seqclf.recurrence" in str(program.graph)
    free = ({0: torch.export.Dim.DYNAMIC}, {0: torch.export.Dim.DYNAMIC})
    with pytest.raises(Exception, match="Constraints violated"):
        quietly(torch.export.export, model, arguments, dynamic_shapes=free)
