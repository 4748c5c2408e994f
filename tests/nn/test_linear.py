"""The linear layer of heads, poolings and stems uses the kernels for predictions and torch in training."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from kernels.cases import needs_kernels
from seqclf.kernels import linear
from seqclf.nn._linear import Linear


def new(**options: bool) -> Linear:
    layer = Linear(150, 64, **options)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(0))
    return layer


ROWS = torch.randn(300, 150, generator=torch.Generator().manual_seed(1))


@needs_kernels
@pytest.mark.parametrize("bias", [False, True])
def test_a_prediction_for_a_row_depends_on_that_row_alone(bias: bool) -> None:
    layer = new(bias=bias).eval()
    with torch.no_grad():
        together: Tensor = layer(ROWS)
        assert torch.equal(together, linear(ROWS, layer.weight, layer.bias))
        for n in (1, 2, 7, 97):
            assert torch.equal(layer(ROWS[-n:]), together[-n:])


def test_training_and_gradients_are_those_of_torch() -> None:
    layer = new()
    expected = functional.linear(ROWS, layer.weight, layer.bias)
    for mode in (True, False):
        result: Tensor = layer.train(mode)(ROWS)
        assert torch.equal(result, expected)
        assert result.requires_grad
    with torch.no_grad():
        assert torch.equal(layer.train()(ROWS), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_dtypes_are_left_to_torch(dtype: torch.dtype) -> None:
    layer, rows = new().to(dtype).eval(), ROWS.to(dtype)
    with torch.no_grad():
        assert torch.equal(layer(rows), functional.linear(rows, layer.weight, layer.bias))


def test_other_shapes_are_left_to_torch() -> None:
    layer = new().eval()
    with torch.no_grad():
        for rows in (ROWS[0], ROWS.view(3, 100, 150)):
            assert torch.equal(layer(rows), functional.linear(rows, layer.weight, layer.bias))


def test_it_is_a_linear_layer_of_torch() -> None:
    assert isinstance(new(), nn.Linear)
    assert set(new().state_dict()) == {"weight", "bias"}
