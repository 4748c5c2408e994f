"""Constructor arguments of a module -> the names and shapes of its weights, without building it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Shapes = Iterator[tuple[str, tuple[int, ...]]]

_GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def expected_weights(name: str, given: Mapping[str, Any]) -> Shapes:
    """Yield the name and the shape of each weight of a module, not of its children.

    A file must hold them all before anything is built, so that no number in it decides how much memory is allocated.
    """
    match name:
        case "nn.RecurrentEncoder":
            yield from _recurrent(given)
        case "nn.ConvolutionalStem":
            yield from _stem(given)
        case "nn.TokenEmbedding":
            for i, (n_codes, size) in enumerate(zip(given["n_tokens"].values(), given["sizes"], strict=True)):
                yield f"tables.{i}.weight", (n_codes, size)
        case "nn.AttentionPooling":
            yield from _linear("project.", given["input_size"], given["attention_size"])
            yield from _linear("score.", given["attention_size"], 1, bias=False)
        case "nn.LinearHead":
            yield from _linear("linear.", given["input_size"], given["n_classes"])
        case "nn.MLPHead":
            yield from _linear("hidden.", given["input_size"], given["hidden_size"])
            yield from _linear("linear.", given["hidden_size"], given["n_classes"])
        case "nn.Linear" | "torch.nn.Linear":
            yield from _linear("", given["in_features"], given["out_features"], bias=given["bias"])
        case "torch.nn.LayerNorm":
            if given["elementwise_affine"]:
                yield "weight", tuple(given["normalized_shape"])
            if given["bias"]:
                yield "bias", tuple(given["normalized_shape"])


def _recurrent(given: Mapping[str, Any]) -> Shapes:
    units, directions = given["hidden_size"], 2 if given["bidirectional"] else 1
    rows = _GATES[given["cell"]] * units
    for depth in range(given["num_layers"]):
        columns = given["input_size"] if depth == 0 else directions * units
        for suffix in ("", "_reverse")[:directions]:
            yield f"layers.{depth}.weight_ih_l0{suffix}", (rows, columns)
            yield f"layers.{depth}.weight_hh_l0{suffix}", (rows, units)
            if given["bias"]:
                yield f"layers.{depth}.bias_ih_l0{suffix}", (rows,)
                yield f"layers.{depth}.bias_hh_l0{suffix}", (rows,)
        if given["layer_norm"]:
            yield f"norms.{depth}.weight", (directions * units,)
            yield f"norms.{depth}.bias", (directions * units,)


def _stem(given: Mapping[str, Any]) -> Shapes:
    inputs = given["input_size"]
    for i, outputs in enumerate(given["channels"]):
        yield from _linear(f"layers.{i}.linear.", given["kernel_size"] * inputs, outputs)
        yield f"layers.{i}.norm.weight", (outputs,)
        yield f"layers.{i}.norm.bias", (outputs,)
        inputs = outputs


def _linear(prefix: str, inputs: int, outputs: int, *, bias: bool = True) -> Shapes:
    yield f"{prefix}weight", (outputs, inputs)
    if bias:
        yield f"{prefix}bias", (outputs,)
