"""What runs recurrent layers over ragged sequences."""

from __future__ import annotations

import warnings
from typing import ClassVar, Literal, Protocol, get_args
from weakref import WeakSet

from torch import Tensor, nn

from seqclf._checks import check_choice
from seqclf.exceptions import SeqclfWarning
from seqclf.kernels import Precision, RecurrentState, check_precision, status
from seqclf.nn._layers import check_layer, hook_of
from seqclf.nn._native_engine import BFloat16Engine, NativeEngine
from seqclf.nn._packed_engine import PackedEngine
from seqclf.sequences import Sequences

EngineName = Literal["auto", "native", "packed"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


class Engine(Protocol):
    """Runs layers over one batch; the weights stay those of `torch.nn.RNN`, `GRU` or `LSTM`.

    An engine may keep the steps in its own order while the layers run: the operations between layers act on
    each step alone, so the order does not matter there.
    """

    name: str
    precision: ClassVar[Precision]
    values: Tensor
    """The steps of the batch in the engine's order, (n_steps, n_features)."""

    def __init__(self, batch: Sequences) -> None: ...

    @staticmethod
    def supports(weight: Tensor) -> bool:
        """Return whether layers with these weights run here, which depends on device, dtype and installation."""
        ...

    def run_layer(
        self, layer: nn.RNNBase, inputs: Tensor, initial: RecurrentState | None = None
    ) -> tuple[Tensor, RecurrentState]:
        """Return the states of one layer and its final state; `initial` is zeros by default.

        The states, (n_steps, directions * hidden_size), are in the engine's order; initial and final states, (n_sequences,
        directions * hidden_size), in that of the batch.
        """
        ...

    def restore_order(self, states: Tensor) -> Tensor:
        """Return states in the order of the batch."""
        ...


def choose_engine(
    name: EngineName, layers: nn.ModuleList, precision: Precision = "float32", *, strict: bool = True
) -> type[Engine]:
    """Return the engine called `name`; "auto" is the fastest that supports these layers here.

    Where it cannot run, raise if `strict`; otherwise return one that can, with another precision if need be.
    """
    check_choice("engine", name, ENGINES)
    check_choice("precision", precision, get_args(Precision))
    if strict:
        check_precision(precision)
    hooks = [hook_of(check_layer(layer)) for layer in layers]
    found = [hook for hook in hooks if hook is not None]
    hook = found[0] if found else None
    weight = next(layers.parameters())
    on_kernels = name != "packed" and hook is None
    if on_kernels and precision == "bfloat16" and BFloat16Engine.supports(weight):
        return BFloat16Engine
    if strict and precision == "bfloat16":
        raise ValueError(
            'precision="bfloat16" must run on the compiled kernels, with engine "auto" or "native", float32 weights on the CPU, '
            f"and layers without forward hooks or a `forward` of their own; got engine={name!r} and {_missing(weight, hook)}. "
            'Use precision="float32" with the same weights.'
        )
    if on_kernels and NativeEngine.supports(weight):
        return NativeEngine
    if strict and name == "native":
        raise ValueError(
            'engine="native" must find compiled kernels, float32 weights on the CPU, and layers without forward hooks or a `forward` of their own; '
            f'got {_missing(weight, hook)}. Use engine="auto" to run torch\'s own layers instead.'
        )
    return PackedEngine


def warn_of_precision(encoder: nn.Module, engine: type[Engine]) -> None:
    """Warn, once for each encoder, that it falls back to another precision."""
    if encoder in _warned:
        return
    warnings.warn(
        'precision="bfloat16" must run on the compiled kernels, on a processor with AVX-512 BF16; here, predictions run in '
        f"{engine.precision}, on the {engine.name} engine, and differ slightly from those in bfloat16. To accept this, set "
        '`precision = "float32"` of the encoder (`model.module_.encoder` of an estimator).',
        SeqclfWarning,
        stacklevel=3,
    )
    _warned.add(encoder)


_warned: WeakSet[nn.Module] = WeakSet()
"""No attribute of the encoders: it would be pickled with them, and they would not warn on another machine."""


def _missing(weight: Tensor, hook: str | None) -> str:
    if reason := status().reason:
        return f"no kernels ({reason})"
    if hook is not None and NativeEngine.supports(weight):
        return hook
    return f"{weight.dtype} weights on {weight.device}"
