"""Modules whose code is not in a file, but passed to `load`."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn


class CustomModules:
    """The modules that the caller passed, each used once.

    Parameters
    ----------
    modules : mapping of str to torch.nn.Module
        By their place in the network.

    Attributes
    ----------
    cure : str
        What to do if a model cannot be built, which a wrong module may cause; "" if none were passed.
    """

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._modules = dict(modules)
        self.cure = (
            "Are `modules` those that the model had, built with the same arguments?" if modules else ""
        )

    def loaded(self, path: str, written_class: str, weights: Mapping[str, Tensor]) -> nn.Module:
        """Return a copy of the module of a place, with the weights of the file."""
        key = key_of(path)
        module = self._copied(key, written_class)
        try:
            module.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(
                f"`modules[{key!r}]` must have the weights of the file, as its {written_class} had; got {type(module).__name__}: "
                f"{' '.join(str(error).split()):.300}. Build it with the arguments that it had."
            ) from error
        return module

    def _copied(self, key: str, written_class: str) -> nn.Module:
        if key not in self._modules:
            raise ValueError(
                f"`modules` must hold the custom module {key!r} of this file, a {written_class}; got {sorted(self._modules)}. Build it "
                f"with the arguments that it had: `seqclf.load(path, modules={{{key!r}: {written_class}(...)}})`."
            )
        given: Any = self._modules.pop(key)
        if not isinstance(given, nn.Module):
            raise TypeError(
                f"`modules[{key!r}]` must be a torch.nn.Module; got {given!r:.80}. Pass an instance of {written_class}."
            )
        name = written_class.rpartition(".")[2]  # of a class inside of a function
        if type(given).__name__ != name:  # without weights, nothing else would tell
            raise TypeError(
                f"`modules[{key!r}]` must be an instance of {name}, as the model had; got one of {type(given).__name__}, which may "
                f"compute something else. If the class was renamed, pass an instance of a subclass that is called {name}."
            )
        try:
            return copy.deepcopy(given)
        except (RuntimeError, TypeError) as error:
            raise TypeError(
                f"`modules[{key!r}]` must be a module that `copy.deepcopy` can copy; got {type(given).__name__}, for which it raised: "
                f"{error!s:.200} A module that holds results of a computation may be copied after a call without gradients."
            ) from error

    def finish(self) -> None:
        """Raise unless every module was used."""
        if self._modules:
            raise ValueError(
                f"`modules` must name custom modules of the file; got {sorted(self._modules)}, which are not. "
                "`seqclf.describe_file` lists them."
            )


def key_of(path: str) -> str:
    """Return the place of a module in the network, as users name it: "encoder", "pooling.parts.1" or "members.0.encoder"."""
    parts = path.split(".")
    place = parts.index("module") if "module" in parts else len(parts) - 1
    member = [f"members.{parts[parts.index('members_') + 1]}"] if "members_" in parts[:place] else []
    return ".".join([*member, *(parts[place + 1 :] or ["network"])])
