"""Building a network, and the checks that it must pass before it is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from seqclf._components import Factory, Seam
from seqclf.nn import Dropout, NetworkSpec
from seqclf.sequences import Sequences, Tokens
from seqclf.training import device_of

NetworkChoice = nn.Module | Callable[..., nn.Module] | None
"""A module, or a factory `(NetworkSpec, generator)`; None where the estimator builds its own."""


def module_seam(
    parameter: str, names: dict[str, Factory[NetworkSpec, nn.Module]]
) -> Seam[NetworkSpec, nn.Module]:
    """Return the extension point of a network component: a name, a module, or a factory of one."""
    return Seam(
        parameter=parameter,
        names=names,
        is_instance=lambda value: isinstance(value, nn.Module),
        kind="a torch.nn.Module",
    )


NETWORK = module_seam("network", {})


def build_network(choice: Any, spec: NetworkSpec, generator: torch.Generator) -> nn.Module:
    """Return a network that maps `Sequences` to logits of shape (batch, n_classes)."""
    network = NETWORK.build(choice, spec, generator)
    logits = run_probe("network", network, probe(spec))
    check_rows("network", "logits", logits, spec.n_classes)
    return network


def share_generator(network: nn.Module, generator: torch.Generator) -> None:
    """Let each dropout without a generator draw from that of the fit, so that `random_state` decides what it draws."""
    for module in network.modules():
        if isinstance(module, Dropout) and module.generator is None:
            module.generator = generator


def probe(spec: NetworkSpec) -> Sequences:
    """Return two sequences, of 2 steps and of 1, like those that a component will receive."""
    static = (
        torch.zeros(2, spec.n_static_features, dtype=torch.float32, device="cpu")
        if spec.n_static_features
        else None
    )
    values = torch.zeros(3, spec.n_features, dtype=torch.float32, device="cpu")
    tokens = None
    if spec.n_tokens:
        codes = torch.zeros(3, len(spec.n_tokens), dtype=torch.int64, device="cpu")
        tokens = Tokens(codes, {name: tuple(range(n - 1)) for name, n in spec.n_tokens.items()})
    return Sequences(values, torch.tensor([0, 2, 3], dtype=torch.int64, device="cpu"), static, tokens)


def run_probe(parameter: str, module: nn.Module, batch: Any) -> Any:
    """Return the output of a module for a probe, in evaluation mode, which changes no batch statistics."""
    module.eval()
    with torch.no_grad():
        try:
            return module(batch.to(device_of(module)))
        except Exception as error:
            accepted = "`Sequences`" if isinstance(batch, Sequences) else "pooled summaries"
            raise TypeError(
                f"`{parameter}` must accept {accepted} as its input; {type(module).__name__} raised "
                f"{type(error).__name__}: {error}, for a batch of 2 sequences."
            ) from error


def check_rows(parameter: str, what: str, output: Any, width: int | None) -> Tensor:
    """Return the output for a probe of two sequences; raise unless it has one row for each."""
    expected = f"(batch, {'any' if width is None else width})"
    if not isinstance(output, Tensor):
        raise TypeError(
            f"`{parameter}` must return {what}, a tensor of shape {expected}; got {type(output).__name__}."
        )
    if not output.is_floating_point():
        raise TypeError(f"`{parameter}` must return {what} of a floating-point dtype; got {output.dtype}.")
    if output.ndim != 2 or output.shape[0] != 2 or (width is not None and output.shape[1] != width):
        raise ValueError(
            f"`{parameter}` must return {what} of shape {expected}; got {tuple(output.shape)} for a batch of 2 sequences. "
            "Return one row per sequence."
        )
    return output


def check_sequences(parameter: str, output: Any) -> Sequences:
    """Return the output for a probe of two sequences; raise unless it is one sequence for each."""
    if not isinstance(output, Sequences) or len(output) != 2:
        raise ValueError(
            f"`{parameter}` must return one sequence for each sequence of its input, as `Sequences`; got {output!r} for a "
            "batch of 2 sequences."
        )
    return output
