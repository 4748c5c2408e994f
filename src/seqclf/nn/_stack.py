"""How layers are put on top of each other, whoever runs them."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from seqclf.nn._dropout import Dropout

RunLayer = Callable[[nn.RNNBase, Tensor], Tensor]
"""An engine's way to run one layer: inputs -> states, row by row."""

Stack = Callable[[RunLayer, Tensor], Tensor]
"""All layers, given a way to run one. What stands between them treats each row alone, so an engine may order rows as it
likes."""


def run_stack(
    layers: nn.ModuleList,
    norms: nn.ModuleList,
    dropout: Dropout,
    *,
    residual: bool,
    run_layer: RunLayer,
    data: Tensor,
) -> Tensor:
    """Return the last layer's states: layers read what the one before says, normalised if there are norms, then with dropout.

    With `residual` a layer adds to what it reads, from the second on, where both are of one width.
    """
    for depth, layer in enumerate(layers):
        assert isinstance(layer, nn.RNNBase)
        inputs = norms[depth - 1](data) if depth and len(norms) else data
        if depth:  # behind the norm, which would make something else of the zeros
            inputs = dropout(inputs)
        states = run_layer(layer, inputs)
        data = data + states if residual and depth else states
    normed: Tensor = norms[-1](data) if len(norms) else data
    return normed
