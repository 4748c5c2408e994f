"""The native engine runs layers of torch with the compiled kernels."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from seqclf.kernels import KernelStatus, recurrence, status
from seqclf.nn import _native_engine
from seqclf.nn._native_engine import NativeEngine
from seqclf.sequences import as_sequences

needs_kernels = pytest.mark.skipif(not status().available, reason=status().reason)


@pytest.mark.parametrize(
    ("device", "dtype", "supported"),
    [("cpu", torch.float32, True), ("cpu", torch.float64, False), ("meta", torch.float32, False)],
)
@needs_kernels
def test_only_float32_on_a_cpu_is_supported(device: str, dtype: torch.dtype, supported: bool) -> None:
    assert NativeEngine.supports(torch.empty(1, device=device, dtype=dtype)) is supported


def test_nothing_is_supported_without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = KernelStatus(available=False, reason="no C++ compiler was found")
    monkeypatch.setattr(_native_engine, "status", lambda: missing)
    assert not NativeEngine.supports(torch.empty(1))


@needs_kernels
@pytest.mark.parametrize(
    ("kind", "options", "cell"),
    [
        (nn.RNN, {}, "tanh"),
        (nn.RNN, {"nonlinearity": "relu", "bias": False}, "relu"),
        (nn.GRU, {"bidirectional": True}, "gru"),
        (nn.LSTM, {"bidirectional": True, "bias": False}, "lstm"),
    ],
)
def test_each_layer_is_one_call_with_all_its_weights(kind: Any, options: dict[str, Any], cell: Any) -> None:
    layer = kind(2, 3, **options)
    sequences = as_sequences([torch.ones(3, 2), torch.zeros(1, 2)])
    weights = list(layer.parameters())  # their order is that of the kernels
    both = layer.bidirectional
    expected, _ = recurrence(sequences.values, sequences.offsets, weights, cell=cell, bidirectional=both)
    engine = NativeEngine(sequences)
    states, _ = engine.run_layer(layer, engine.values)
    assert torch.equal(engine.restore_order(states), expected)
