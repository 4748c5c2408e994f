"""Networks: the constructor arguments of each of our modules, and its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from seqclf.nn import (
    AttentionPooling,
    ConcatPooling,
    ConvolutionalStem,
    Dropout,
    LastState,
    Linear,
    LinearHead,
    MaxPooling,
    MeanPooling,
    MLPHead,
    RecurrentEncoder,
    SequenceNetwork,
    TokenEmbedding,
)
from seqclf.persistence._expected_weights import expected_weights
from seqclf.persistence._writer._kinds import Kind


def _recurrent(module: Any) -> dict[str, Any]:
    first = module.layers[0]
    return {
        "cell": first.mode.split("_")[0].lower(),
        "input_size": module.input_size,
        "hidden_size": module.hidden_size,
        "num_layers": len(module.layers),
        "bidirectional": module.bidirectional,
        "dropout": module.dropout.p,
        "residual": module.residual,
        "layer_norm": len(module.norms) > 0,
        "bias": first.bias,
        "nonlinearity": getattr(first, "nonlinearity", "tanh"),
        "engine": module.engine,
        "precision": module.precision,
    }


def _stem(module: Any) -> dict[str, Any]:
    return {
        "input_size": module.input_size,
        "channels": [layer.linear.out_features for layer in module.layers],
        "kernel_size": module.layers[0].kernel_size,
        "strides": [layer.stride for layer in module.layers],
    }


def _embedding(module: Any) -> dict[str, Any]:
    return {
        "n_tokens": module.n_tokens,
        "sizes": [table.embedding_dim for table in module.tables],
    }


def _attention(module: Any) -> dict[str, Any]:
    return {"input_size": module.project.in_features, "attention_size": module.project.out_features}


def _linear_head(module: Any) -> dict[str, Any]:
    linear = module.linear
    return {"input_size": linear.in_features, "n_classes": linear.out_features, "dropout": module.dropout.p}


def _mlp_head(module: Any) -> dict[str, Any]:
    return {
        "input_size": module.hidden.in_features,
        "hidden_size": module.hidden.out_features,
        "n_classes": module.linear.out_features,
        "dropout": module.dropout.p,
    }


def _network(module: Any) -> dict[str, Any]:
    names = ("encoder", "pooling", "head", "stem", "embedding", "static")
    return {name: getattr(module, name) for name in names}


def _attributes(*names: str) -> Callable[[Any], dict[str, Any]]:
    return lambda module: {name: getattr(module, name) for name in names}


def _linear(module: Any) -> dict[str, Any]:
    return _attributes("in_features", "out_features")(module) | {"bias": module.bias is not None}


ARGUMENTS: dict[type[nn.Module], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    AttentionPooling: ("nn.AttentionPooling", _attention),
    ConcatPooling: ("nn.ConcatPooling", lambda module: {"parts": list(module.parts)}),
    ConvolutionalStem: ("nn.ConvolutionalStem", _stem),
    Dropout: ("nn.Dropout", _attributes("p")),
    LastState: ("nn.LastState", _attributes("bidirectional")),
    Linear: ("nn.Linear", _linear),
    LinearHead: ("nn.LinearHead", _linear_head),
    MLPHead: ("nn.MLPHead", _mlp_head),
    MaxPooling: ("nn.MaxPooling", _attributes()),
    MeanPooling: ("nn.MeanPooling", _attributes()),
    RecurrentEncoder: ("nn.RecurrentEncoder", _recurrent),
    SequenceNetwork: ("nn.SequenceNetwork", _network),
    TokenEmbedding: ("nn.TokenEmbedding", _embedding),
    nn.Dropout: ("torch.nn.Dropout", _attributes("p")),
    nn.GELU: ("torch.nn.GELU", _attributes("approximate")),
    nn.Identity: ("torch.nn.Identity", _attributes()),
    nn.LayerNorm: (
        "torch.nn.LayerNorm",
        lambda module: {
            "normalized_shape": list(module.normalized_shape),
            "eps": module.eps,
            "elementwise_affine": module.elementwise_affine,
            "bias": module.bias is not None,
        },
    ),
    nn.Linear: ("torch.nn.Linear", _linear),
    nn.ReLU: ("torch.nn.ReLU", _attributes()),
    nn.Sequential: ("torch.nn.Sequential", lambda module: {"parts": list(module)}),
    nn.Tanh: ("torch.nn.Tanh", _attributes()),
}
"""What rebuilds a module: its name in the file and its constructor arguments."""


def _weights(module: nn.Module) -> Mapping[str, Tensor]:
    """Return the weights of a module without those of children that are written themselves."""
    name, arguments = ARGUMENTS[type(module)]
    state = module.state_dict()
    return {key: state[key] for key, _ in expected_weights(name, arguments(module))}


MODULES = {
    kind: Kind(name=name, fields=arguments, tensors=_weights) for kind, (name, arguments) in ARGUMENTS.items()
}


def has_expected_weights(module: nn.Module) -> bool:
    """Return whether a module of ours has the weights that its class builds; pruning, for example, adds others."""
    name, arguments = ARGUMENTS[type(module)]
    values = arguments(module)
    below = sum(len(one.state_dict()) for one in _children(module))
    state, expected = module.state_dict(), dict(expected_weights(name, values))
    return len(state) == len(expected) + below and all(
        key in state and tuple(state[key].shape) == shape and state[key].dtype == torch.float32
        for key, shape in expected.items()
    )


def _children(module: nn.Module) -> list[nn.Module]:
    """Return the modules among the constructor arguments of a module."""
    values = ARGUMENTS[type(module)][1](module).values()
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if isinstance(one, nn.Module)]


def hook_in(module: nn.Module) -> str | None:
    """Return in words what makes a call differ from the class of a module; None if nothing does."""
    for one in (
        [module] if _children(module) else module.modules()
    ):  # children are written, and checked, themselves
        if one._forward_hooks or one._forward_pre_hooks or "forward" in vars(one):
            return f"a hook, or a `forward` of its own, in {type(one).__name__}"
    return None
