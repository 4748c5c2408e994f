"""The convolutional stem equals torch's convolution of one sequence at a time."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from seqclf.nn import ConvolutionalStem
from seqclf.sequences import Sequences, as_sequences

lengths_strategy = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def ragged(lengths: list[int], n_features: int = 2) -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(n, n_features, generator=generator) for n in lengths])


def new_stem(**options: Any) -> ConvolutionalStem:
    defaults: dict[str, Any] = {"input_size": 2, "channels": 3, "generator": torch.Generator().manual_seed(1)}
    return ConvolutionalStem(**defaults | options)


def one_by_one(stem: ConvolutionalStem, sequences: Sequences) -> list[Tensor]:
    """Convolve each sequence separately with `torch.nn.functional.conv1d`, which pads with zeros."""
    outputs = []
    for steps in sequences:
        for layer in stem.layers:
            linear, norm = cast(nn.Linear, layer.linear), cast(nn.LayerNorm, layer.norm)
            size, stride = cast(int, layer.kernel_size), cast(int, layer.stride)
            weight = linear.weight.view(len(linear.weight), size, -1).transpose(
                1, 2
            )  # (outputs, inputs, window)
            moved = nn.functional.conv1d(steps.T[None], weight, linear.bias, stride=stride, padding=size // 2)
            steps = norm(moved[0].T).relu()
        outputs.append(steps)
    return outputs


def test_a_tiny_case_by_hand() -> None:
    stem = new_stem(input_size=1, channels=2, kernel_size=3, strides=(2,))
    first = cast(nn.Linear, stem.layers[0].linear)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0, 10.0, 100.0], [0.0, 0.0, 0.0]]))
    stem.layers[0].norm = nn.Identity()
    states: Sequences = stem(as_sequences([[1, 2, 3, 4, 5], [6], [7, 8]]))
    # Windows around steps 0, 2 and 4: (0, 1, 2), (2, 3, 4), (4, 5, 0).
    assert states.values[:, 0].tolist() == [210.0, 432.0, 54.0, 60.0, 870.0]
    assert states.lengths.tolist() == [3, 1, 1]


def test_static_features_are_kept() -> None:
    sequences = ragged([5, 1, 2]).with_static([1.0, 2.0, 3.0])
    states: Sequences = new_stem()(sequences)
    assert states.static is sequences.static


@settings(deadline=None, max_examples=50)
@given(lengths_strategy, st.sampled_from([1, 3, 7]), st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_each_sequence_is_convolved_alone(lengths: list[int], kernel_size: int, strides: list[int]) -> None:
    sequences = ragged(lengths)
    stem = new_stem(kernel_size=kernel_size, strides=strides)
    together: Sequences = stem(sequences)
    expected = one_by_one(stem, sequences)
    assert together.lengths.tolist() == [len(steps) for steps in expected]
    torch.testing.assert_close(together.values, torch.cat(expected), rtol=1e-4, atol=1e-5)


def test_gradients_equal_those_of_one_sequence_at_a_time() -> None:
    sequences, stem = ragged([5, 1, 12, 2]), new_stem(kernel_size=5, strides=(2, 3))
    gradients = []
    for run in (lambda s: stem(s).values, lambda s: torch.cat(one_by_one(stem, s))):
        inputs = sequences.values.clone().requires_grad_()
        stem.zero_grad()
        run(sequences.with_values(inputs)).square().sum().backward()
        gradients.append([inputs.grad, *(p.grad.clone() for p in stem.parameters() if p.grad is not None)])
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-5)


def test_initial_weights_depend_on_the_generator_alone() -> None:
    before = torch.get_rng_state()
    first, again, other = (
        new_stem(generator=torch.Generator().manual_seed(seed)).state_dict() for seed in (0, 0, 1)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first["layers.0.linear.weight"], again["layers.0.linear.weight"])
    assert not torch.equal(first["layers.0.linear.weight"], other["layers.0.linear.weight"])


def test_each_layer_can_have_its_own_width() -> None:
    stem = new_stem(channels=(4, 5), strides=(1, 2))
    assert stem.output_size == 5
    assert stem(ragged([3, 2])).values.shape == (3, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_size": 0}, "`input_size` must be at least 1; got 0."),
        ({"channels": 0}, "`channels[0]` must be at least 1; got 0."),
        ({"strides": (2, 0)}, "`strides[1]` must be at least 1; got 0."),
        ({"kernel_size": 4}, "`kernel_size` must be odd, so that a window has a centre; got 4."),
        (
            {"strides": ()},
            "`strides` must hold at least one stride, and `channels` one number for each; got 0 str",
        ),
        ({"channels": (4, 5), "strides": (2,)}, "got 1 strides and 2 channels."),
    ],
)
def test_invalid_options_are_rejected(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        new_stem(**options)


@pytest.mark.parametrize(("input_size", "noun"), [(1, "1 feature at"), (3, "3 features at")])
def test_another_number_of_features_is_rejected(input_size: int, noun: str) -> None:
    message = f"Sequences must have {noun} each step; got 2. Was the stem made for other data?"
    with pytest.raises(ValueError, match=re.escape(message)):
        new_stem(input_size=input_size)(ragged([3]))
