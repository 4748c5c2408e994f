"""Which function writes a class of modules or transformers into a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from torch import nn
from torch.nn.utils.parametrize import type_before_parametrizations

Export = TypeVar("Export", bound=Callable[..., Any])


class Exporters:
    """Functions by class. A subclass is another class, because it may compute something else.

    Parameters
    ----------
    what : str
        What the classes have in common, for the error of an unknown one.
    advice : str
        What to do about it.
    """

    def __init__(self, what: str, advice: str) -> None:
        self._what, self._advice = what, advice
        self._functions: dict[type, Callable[..., Any]] = {}

    def of(self, *classes: type) -> Callable[[Export], Export]:
        """Decorate the function for these classes."""

        def keep(function: Export) -> Export:
            self._functions.update(dict.fromkeys(classes, function))
            return function

        return keep

    def find(self, part: Any, place: str) -> Callable[..., Any]:
        """Return the function for a part of the model; `place` says which one it is."""
        kind = type_before_parametrizations(part) if isinstance(part, nn.Module) else type(part)
        function = self._functions.get(kind)
        if function is None:
            known = sorted(one.__name__ for one in self._functions)
            raise TypeError(
                f"`to_onnx` can export {self._what} of these classes: {', '.join(known)}; got {kind.__name__} as {place}. "
                f"{self._advice}"
            )
        return function


_PREDICT = "or predict with the model itself."
TRANSFORMERS = Exporters(
    "transformers",
    f"Apply it to the samples before the model, in `fit` as well as in the graph's inputs, {_PREDICT}",
)
SEQUENCE_MODULES = Exporters("stems, encoders and embeddings", f"Fit a model with one of these, {_PREDICT}")
POOLINGS = Exporters("poolings", f"Fit a model with one of these, {_PREDICT}")
HEADS = Exporters("heads", f"Fit a model with one of these, {_PREDICT}")
