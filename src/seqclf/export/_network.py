"""A network in a graph: its parts in the order of `SequenceNetwork.forward`."""

from __future__ import annotations

from dataclasses import replace

from torch import nn
from torch.nn.utils.prune import BasePruningMethod
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

import seqclf.export._convolution
import seqclf.export._embedding  # noqa: F401 - both register what they export
from seqclf.export._graph import Graph
from seqclf.export._pooling import export_pooling
from seqclf.export._recurrence import export_sequences
from seqclf.export._rows import export_head
from seqclf.export._steps import Steps, at_each_step
from seqclf.nn import SequenceNetwork

_WEIGHT_HOOKS = (SpectralNorm, WeightNorm, BasePruningMethod)
"""Forward pre-hooks of torch that compute a weight, and leave the input of the module as it is."""


def export_network(graph: Graph, network: nn.Module, steps: Steps, n_static: int) -> str:
    """Return the name of the logits, (batch, n_classes); all weights must be up to date."""
    if type(network) is not SequenceNetwork:
        raise TypeError(
            f"`to_onnx` can export networks of the class SequenceNetwork; got {type(network).__name__} as the network of the model. "
            "Build it from the modules of `seqclf.nn`, or predict with the model itself."
        )
    _run_weight_hooks(network)
    if network.embedding is not None:
        steps = export_sequences(graph, network.embedding, steps, "`embedding`")
    static = steps.static
    if static is not None and network.static in ("steps", "both"):
        values = graph.concat([steps.values, at_each_step(graph, static, n_static, steps)], 2)
        steps = replace(steps, values=values, width=steps.width + n_static)
    if network.stem is not None:
        steps = export_sequences(graph, network.stem, steps, "`stem`")
    states = export_sequences(graph, network.encoder, steps, "`encoder`")
    summary = export_pooling(graph, network.pooling, states, "`pooling`")
    if static is not None and network.static in ("head", "both"):
        summary = graph.concat([summary, static], 1)
    return export_head(graph, network.head, summary, "`head`")


def _run_weight_hooks(network: nn.Module) -> None:
    """Compute the weights that depend on others, as a call of their module would; raise if a module has other hooks."""
    for name, module in network.named_modules():
        for hook in [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]:
            if isinstance(hook, _WEIGHT_HOOKS):
                hook(module, ())
            else:
                raise TypeError(
                    f"`to_onnx` cannot export hooks; got {hook!r:.100} of {name or 'the network'} ({type(module).__name__}). Remove "
                    "it if it only records values."
                )
