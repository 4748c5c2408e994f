"""What runs recurrent layers over ragged sequences?"""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from torch import Tensor

from seqclf._checks import check_choice
from seqclf.kernels import status
from seqclf.nn._native_engine import NativeEngine
from seqclf.nn._packed_engine import PackedEngine
from seqclf.nn._stack import Stack
from seqclf.sequences import Sequences

EngineName = Literal["auto", "native", "packed"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


class Engine(Protocol):
    """Runs layers; the weights stay those of `torch.nn.RNN`, `GRU` or `LSTM`."""

    name: str

    def runs(self, weight: Tensor) -> bool:
        """Tell whether layers of such weights can be run here: by device, type, and what is installed."""
        ...

    def __call__(self, stack: Stack, batch: Sequences) -> Tensor:
        """Return what the stack makes of the batch, one row per step."""
        ...


def choose_engine(name: EngineName, weight: Tensor) -> Engine:
    """Return the engine that `name` asks for; "auto" takes the fastest that can run such weights here."""
    check_choice("engine", name, ENGINES)
    native = NativeEngine()
    if name == "packed" or (name == "auto" and not native.runs(weight)):
        return PackedEngine()
    if not native.runs(weight):
        raise ValueError(
            'engine="native" must find compiled kernels and float32 weights on the CPU; '
            f'got {_what_is_missing(weight)}. Use engine="auto" to run on torch\'s own layers instead.'
        )
    return native


def _what_is_missing(weight: Tensor) -> str:
    if reason := status().reason:
        return f"no kernels ({reason})"
    return f"{weight.dtype} weights on {weight.device}"
