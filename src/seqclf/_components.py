"""A component given as a name, an instance or a factory -> the component."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import torch

Spec = TypeVar("Spec")
Component = TypeVar("Component")

Factory = Callable[[Spec, torch.Generator], Component]
"""`factory(spec, generator)`: called once per `fit`, with what is known by then and the source of randomness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam(Generic[Spec, Component]):
    """An extension point: a parameter that takes a component by name, as an instance or as a factory.

    Attributes
    ----------
    parameter : str
        Name of the parameter, for messages.
    names : mapping of str to factory
        What each name stands for.
    is_instance : callable
        Whether a value is itself a component.
    kind : str
        What a component is, in words: "a torch.nn.Module".
    """

    parameter: str
    names: Mapping[str, Factory[Spec, Component]]
    is_instance: Callable[[Any], bool]
    kind: str

    def check(self, choice: Any) -> None:
        """Raise unless `choice` is a known name, an instance or something that can be called as a factory."""
        if isinstance(choice, str):
            if choice not in self.names:
                raise ValueError(f"`{self.parameter}` must be {self._accepted()}; got {choice!r}.")
        elif not self.is_instance(choice) and not callable(choice):
            raise TypeError(
                f"`{self.parameter}` must be {self._accepted()}; got {choice!r}. "
                "A factory is called as `factory(spec, generator)`."
            )

    def build(self, choice: Any, spec: Spec, generator: torch.Generator) -> Component:
        """Return the component; an instance is copied, so that `fit` never changes a parameter of the estimator."""
        self.check(choice)
        if isinstance(choice, str):
            return self.names[choice](spec, generator)
        if self.is_instance(choice):
            copied: Component = copy.deepcopy(choice)
            return copied
        made: Component = call_factory(self.parameter, choice, spec, generator)
        if not self.is_instance(made):
            raise TypeError(
                f"A factory of `{self.parameter}` must return {self.kind}; got {made!r:.80} from {choice!r:.80}."
            )
        return made

    def _accepted(self) -> str:
        names = f"one of {list(self.names)}, " if self.names else ""
        return f"{names}{self.kind} or a factory of one"


def call_factory(parameter: str, factory: Callable[..., Any], spec: Any, generator: torch.Generator) -> Any:
    """Call `factory(spec, generator)`; a class whose constructor needs no argument is called without."""
    kind = factory.func if isinstance(factory, partial) else factory
    if isinstance(kind, type) and accepts(factory, 0):
        return factory()
    if not accepts(factory, 2):
        raise TypeError(
            f"A factory of `{parameter}` must take two arguments, `factory(spec, generator)`; got {factory!r:.80} with "
            f"the signature {inspect.signature(factory)}. Wrap it: `lambda spec, generator: ...`."
        )
    return factory(spec, generator)


def accepts(function: Callable[..., Any], n_arguments: int) -> bool:
    """Return whether a callable can be called with this many positional arguments; True if its signature is unknown."""
    try:
        inspect.signature(function).bind(*[None] * n_arguments)
    except TypeError:
        return False
    except ValueError:  # built in, without a signature
        return True
    return True


def is_function_of(value: Any, n_arguments: int) -> bool:
    """Return whether a value is a component that is called with `n_arguments`: an object, or a function that takes as many.

    Classes are factories, and so are functions of two arguments.
    """
    if isinstance(value, type) or not callable(value):
        return False
    if inspect.isroutine(value) or isinstance(value, partial):
        return accepts(value, n_arguments)
    return True
