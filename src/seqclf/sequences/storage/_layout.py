"""Where everything lies in a file of sequences: the header of a safetensors file, written and read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import Tensor

from seqclf.sequences._container import Sequences
from seqclf.sequences._tokens import Vocabularies

FORMAT = 1
_PAGE = 4096
_TYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "U8": torch.uint8}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Number of sequences and steps, and what each step has.

    The values come first, because they are written before their number is known; then zeros up to a multiple of 8 bytes, offsets,
    codes of tokens and static features.
    """

    n_sequences: int
    n_steps: int
    n_features: int
    n_static_features: int
    dtype: torch.dtype
    vocabularies: Vocabularies | None
    feature_names: tuple[str, ...] | None
    static_names: tuple[str, ...] | None

    @classmethod
    def of(cls, sequences: Sequences, *, n_sequences: int, n_steps: int) -> Layout:
        """Return the layout of sequences like these."""
        return cls(
            n_sequences=n_sequences,
            n_steps=n_steps,
            n_features=sequences.n_features,
            n_static_features=sequences.n_static_features,
            dtype=sequences.values.dtype,
            vocabularies=None if sequences.tokens is None else sequences.tokens.vocabularies,
            feature_names=sequences.feature_names,
            static_names=sequences.static_names,
        )

    @property
    def n_filling(self) -> int:
        """Bytes between values and offsets."""
        return -(self.n_steps * self.n_features * self.dtype.itemsize) % 8

    @property
    def tensors(self) -> dict[str, tuple[torch.dtype, Shape]]:
        """The type and shape of each tensor of the file, in order."""
        tensors: dict[str, tuple[torch.dtype, Shape]] = {
            "values": (self.dtype, (self.n_steps, self.n_features))
        }
        if self.n_filling:
            tensors["filling"] = (torch.uint8, (self.n_filling,))
        tensors["offsets"] = (torch.int64, (self.n_sequences + 1,))
        if self.vocabularies is not None:
            tensors["codes"] = (torch.int64, (self.n_steps, len(self.vocabularies)))
        if self.n_static_features:
            tensors["static"] = (torch.float32, (self.n_sequences, self.n_static_features))
        return tensors

    @property
    def header_size(self) -> int:
        """Bytes before the values: enough for the header of any number of sequences and steps."""
        empty = replace(
            self, n_sequences=0, n_steps=0
        )  # as it was when space was left for the header: without filling
        spare = 20 * 5 * len(empty.tensors) + 200  # digits of two sizes and two places of each; filling
        return -(-(len(empty._content()) + spare) // _PAGE) * _PAGE

    @property
    def file_size(self) -> int:
        """Bytes of the whole file."""
        return self.header_size + sum(_n_bytes(*tensor) for tensor in self.tensors.values())

    @classmethod
    def read(cls, header: bytes) -> Layout:
        """Return the layout that a header describes; raise unless it is exactly the header of that layout."""
        content = json.loads(header[8:])
        about = json.loads(content["__metadata__"]["seqclf"])
        if "model" in about:
            raise ValueError("a model, which `seqclf.load` reads")
        if about["format"] != FORMAT:
            raise ValueError(
                f"format {about['format']!r}, where this version of seqclf reads format {FORMAT}"
            )
        columns = about["vocabularies"]
        n_steps, n_features = content["values"]["shape"]
        layout = cls(
            n_sequences=content["offsets"]["shape"][0] - 1,
            n_steps=n_steps,
            n_features=n_features,
            n_static_features=content["static"]["shape"][1] if "static" in content else 0,
            dtype=_TYPES[content["values"]["dtype"]],
            vocabularies=None if columns is None else {name: tuple(tokens) for name, tokens in columns},
            feature_names=tuple(about["feature_names"]) if "feature_names" in about else None,
            static_names=tuple(about["static_names"]) if "static_names" in about else None,
        )
        if layout.header() != header:
            raise ValueError("a header of another program")
        return layout

    def views(self, content: Tensor) -> dict[str, Tensor]:
        """Return the tensors of a file's bytes, (file_size,) uint8, without a copy."""
        views, start = {}, self.header_size
        for name, (dtype, shape) in self.tensors.items():
            end = start + _n_bytes(dtype, shape)
            views[name] = content[start:end].view(dtype).view(shape)
            start = end
        return views

    def header(self) -> bytes:
        """Return the header; safetensors allows spaces after its content."""
        text = self._content().ljust(self.header_size - 8)
        return len(text).to_bytes(8, "little") + text

    def _content(self) -> bytes:
        columns = (
            None
            if self.vocabularies is None
            else [[name, list(tokens)] for name, tokens in self.vocabularies.items()]
        )
        about = {"content": "sequences", "format": FORMAT, "vocabularies": columns}
        for name, names in (("feature_names", self.feature_names), ("static_names", self.static_names)):
            if names is not None:
                about[name] = list(names)
        content: dict[str, Any] = {"__metadata__": {"seqclf": json.dumps(about, sort_keys=True)}}
        start = 0
        for name, (dtype, shape) in self.tensors.items():
            end = start + _n_bytes(dtype, shape)
            content[name] = {"dtype": _NAMES[dtype], "shape": shape, "data_offsets": [start, end]}
            start = end
        return json.dumps(content).encode()


def _n_bytes(dtype: torch.dtype, shape: Shape) -> int:
    return dtype.itemsize * prod(shape)
