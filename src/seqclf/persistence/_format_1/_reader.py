"""`Reader`: JSON of known names, and tensors -> values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqclf._omitted import Omitted
from seqclf._pickling import PackedGenerator
from seqclf.exceptions import InvalidModelFileError
from seqclf.persistence._format_1._arrays import read_array, read_scalar
from seqclf.persistence._format_1._checks import CURE, TEXT, a, integer, invalid, items, one_of
from seqclf.persistence._format_1._custom_modules import CustomModules
from seqclf.persistence._format_1._kinds import Kind

PLAIN: dict[str, tuple[str, ...]] = {
    "array": ("dtype", "shape", "values"),
    "bytes": ("hex",),
    "custom": ("class",),
    "dict": ("items",),
    "float": ("value",),
    "generator": ("device",),
    "omitted": ("parameter", "what"),
    "random state": ("rest",),
    "scalar": ("dtype", "value"),
    "tensor": (),
    "tuple": ("items",),
}
"""The fields of values that are not objects of seqclf."""

DEVICES = ("cpu", "cuda", "mps", "xpu")
"""Types of device that a model may have been on; others count as the CPU."""


class Reader:
    """Builds values from the parts of a file, and remembers which were used.

    Parameters
    ----------
    tensors : dict of str to torch.Tensor
        All tensors of the file, by the path of their place in the JSON.
    kinds : mapping of str to Kind
        What each name stands for.
    modules : mapping of str to torch.nn.Module
        Custom modules, by their place in the network.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], kinds: Mapping[str, Kind], modules: Mapping[str, nn.Module]
    ) -> None:
        self._tensors, self._kinds, self._modules = dict(tensors), kinds, CustomModules(modules)

    def value(self, written: Any, path: str) -> Any:
        """Return the value of a part of the JSON."""
        if isinstance(written, list):
            return [self.value(one, f"{path}.{i}") for i, one in enumerate(written)]
        if not isinstance(written, dict):
            return written
        name = written.get("is")
        given = {key: one for key, one in written.items() if key != "is"}
        if isinstance(name, str) and name in PLAIN:
            _check_names(path, given, PLAIN[name], ())
            return self._plain(name, given, path)
        if isinstance(name, str) and name in self._kinds:
            return self._object(name, given, path)
        return invalid(
            f"{path}.is",
            "be the name of something that this version of seqclf can build",
            f"{name!r:.100}",
            "Was it written by a later version? `seqclf.describe_file` tells which.",
        )

    def finish(self) -> None:
        """Raise unless everything in the file, and every module of the caller, was used."""
        if self._tensors:
            name = sorted(self._tensors)[0]
            invalid(
                name, "not be there: nothing in the model refers to it", f"{len(self._tensors)} such tensors"
            )
        self._modules.finish()

    def take(self, path: str) -> Tensor:
        """Return the tensor of a path; each is read once."""
        if path not in self._tensors:
            invalid(path, "be a tensor of the file", "none")
        return self._tensors.pop(path)

    def _object(self, name: str, given: dict[str, Any], path: str) -> Any:
        kind = self._kinds[name]
        _check_names(path, given, tuple(kind.fields), tuple(kind.learned))
        fields = {}
        for field, must in {**kind.fields, **kind.learned}.items():
            if field in given:
                fields[field] = self.value(given[field], f"{path}.{field}")
                must.check(fields[field], f"{path}.{field}")
        weights = {}
        try:
            for weight, shape in kind.weights(name, fields):
                weights[weight] = self.take(f"{path}.{weight}")
                _check_weight(weights[weight], shape, f"{path}.{weight}")
            return kind.build(weights, **fields) if weights else kind.build(**fields)
        except InvalidModelFileError:
            raise
        except Exception as error:  # constructors check their arguments in many ways
            found = f"{type(error).__name__}: {error!s:.200}".rstrip(".")
            return invalid(path, f"describe a valid {name}", found, self._modules.cure or CURE)

    def _plain(self, name: str, given: dict[str, Any], path: str) -> Any:
        match name:
            case "tensor":
                return self.take(path)
            case "tuple" | "dict":
                a(list).check(given["items"], f"{path}.items")
                return (
                    tuple(self.value(given["items"], path))
                    if name == "tuple"
                    else self._dict(given["items"], path)
                )
            case "float":
                one_of("nan", "inf", "-inf").check(given["value"], path)
                return float(given["value"])
            case "array":
                values = self.value(given["values"], path)
                return read_array(given["dtype"], given["shape"], values, path)
            case "scalar":
                return read_scalar(given["dtype"], self.value(given["value"], path), path)
            case "bytes":
                return _bytes(given["hex"], path)
            case "omitted":
                for key in ("parameter", "what"):
                    TEXT.check(given[key], f"{path}.{key}")
                return Omitted(given["parameter"], given["what"])
            case "generator":
                return self._generator(given["device"], path)
            case "random state":
                return self._random_state(given["rest"], path)
            case _:
                return self._custom(given["class"], path)

    def _dict(self, pairs: list[Any], path: str) -> dict[Any, Any]:
        items(a(list)).check(pairs, path)
        read: dict[Any, Any] = {}
        for i, pair in enumerate(pairs):
            if len(pair) != 2:
                invalid(f"{path}.{i}", "be a key and a value", f"{pair!r:.80}")
            key = self.value(pair[0], f"{path}.key{i}")
            try:
                known = key in read
            except TypeError:
                invalid(f"{path}.key{i}", "be a key of a dict", f"{key!r:.80}")
            if known:
                invalid(f"{path}.key{i}", "be different from the other keys", f"{key!r:.80}")
            read[key] = self.value(pair[1], f"{path}.{i}")
        return read

    def _generator(self, device: Any, path: str) -> torch.Generator:
        TEXT.check(device, f"{path}.device")
        state = self.take(path)
        if state.dtype != torch.uint8 or state.ndim != 1:
            invalid(path, "be the state of a random generator, bytes", f"{state.dtype}, {state.ndim} axes")
        packed = PackedGenerator(device=device, state=state.numpy())
        try:
            return packed.unpack() if device in DEVICES else packed.seeded()
        except (RuntimeError, TypeError) as error:
            invalid(path, "be the state of a random generator", f"{error!s:.100}")

    def _random_state(self, rest: Any, path: str) -> np.random.RandomState:
        keys = self.take(path)
        try:
            if keys.shape != (624,):
                raise ValueError(f"{tuple(keys.shape)} instead of 624 numbers")
            place, has_gauss, cached = rest
            integer(0, 624).check(place, f"{path}.rest")
            state = np.random.RandomState()
            state.set_state(
                ("MT19937", keys.numpy().astype(np.uint32), int(place), int(has_gauss), float(cached))
            )
        except (TypeError, ValueError, OverflowError) as error:
            invalid(path, "be the state of a RandomState", f"{error!s:.100}")
        return state

    def _custom(self, written_class: Any, path: str) -> nn.Module:
        TEXT.check(written_class, f"{path}.class")
        names = [name for name in self._tensors if name.startswith(f"{path}.")]
        weights = {name.removeprefix(f"{path}."): self._tensors.pop(name) for name in names}
        return self._modules.loaded(path, written_class, weights)


def _check_names(path: str, given: dict[str, Any], fields: tuple[str, ...], learned: tuple[str, ...]) -> None:
    """Raise unless all fields are there, all or none of what is learned, and nothing else."""
    expected = {*fields, *learned} if set(learned) & set(given) else set(fields)
    if missing := sorted(expected - set(given)):
        invalid(path, f"have {missing}", f"only {sorted(given)!r:.200}")
    if unknown := sorted(set(given) - expected):
        invalid(path, f"have no other names than {sorted(expected)!r:.300}", f"{unknown!r:.100}")


def _check_weight(weight: Tensor, shape: tuple[int, ...], path: str) -> None:
    if tuple(weight.shape) != shape or weight.dtype != torch.float32:
        invalid(
            path,
            f"be a tensor of torch.float32 and shape {shape}",
            f"{weight.dtype} of shape {tuple(weight.shape)}",
        )


def _bytes(text: Any, path: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        invalid(path, "be hexadecimal digits", f"{text!r:.80}")
