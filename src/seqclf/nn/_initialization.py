"""Initial weights of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

from seqclf._random import as_generator
from seqclf.nn._linear import Linear

Initialization = Literal["orthogonal", "identity", "torch"]
INITIALIZATIONS: tuple[Initialization, ...] = get_args(Initialization)


def _fill_identity(gate: Tensor) -> Tensor:
    """Like `nn.init.eye_`, which fails under a default device of torch."""
    return gate.zero_().fill_diagonal_(1.0)


Layer = TypeVar("Layer", bound=nn.Module)


def initialize_layer(layer: nn.RNNBase, scheme: Initialization, generator: torch.Generator | None) -> None:
    """Fill the weights of one recurrent layer in place.

    "orthogonal": each gate's recurrent matrix orthogonal (Saxe et al. 2014, arXiv:1312.6120), input weights Xavier
    (Glorot & Bengio 2010), biases 0, the LSTM's forget bias 1 (Jozefowicz et al. 2015). "identity": recurrent matrices
    the identity (Le et al. 2015, arXiv:1504.00941), the rest as for "orthogonal". "torch": uniform in 1 / sqrt(hidden_size).
    """
    if scheme == "torch":
        bound = layer.hidden_size**-0.5
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
        return
    recurrent: Callable[[Tensor], Tensor] = (
        _fill_identity
        if scheme == "identity"
        else lambda gate: nn.init.orthogonal_(gate, generator=generator)
    )
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_hh"):
            # torch stacks the matrices of the gates; each of them is made orthogonal.
            for gate in torch.split(parameter.detach(), layer.hidden_size):
                recurrent(gate)
        elif name.startswith("weight_ih"):
            for gate in torch.split(parameter.detach(), layer.hidden_size):
                nn.init.xavier_uniform_(gate, generator=generator)
        else:
            nn.init.zeros_(parameter)
            if isinstance(layer, nn.LSTM) and name.startswith("bias_ih"):
                # Gate order i, f, g, o. Only one of the two biases, since torch adds them.
                nn.init.ones_(parameter.detach()[layer.hidden_size : 2 * layer.hidden_size])


def allocate(kind: Callable[..., Layer], inputs: int, outputs: int, **options: Any) -> Layer:
    """Return an uninitialised layer on the CPU, float32 as `Sequences` are, whatever torch's defaults.

    It is built on the meta device, because torch's own initialisation would draw from the global generator.
    """
    try:
        return kind(inputs, outputs, device="meta", dtype=torch.float32, **options).to_empty(device="cpu")
    except (RuntimeError, MemoryError) as error:
        raise ValueError(
            f"A layer must fit into memory; got one of {inputs} inputs and {outputs} outputs, for which torch raised: "
            f"{error}. Choose smaller sizes, such as `hidden_size`."
        ) from error


def initialize_linear(layer: nn.Linear, generator: torch.Generator | None) -> None:
    """Fill a linear layer in place: Xavier weights, biases 0."""
    nn.init.xavier_uniform_(layer.weight, generator=generator)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def new_linear(inputs: int, outputs: int, generator: torch.Generator | None, *, bias: bool = True) -> Linear:
    """Return an initialised linear layer without drawing from torch's global generator."""
    layer = allocate(Linear, inputs, outputs, bias=bias)
    initialize_linear(layer, as_generator(generator))
    return layer
