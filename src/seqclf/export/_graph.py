"""A graph of ONNX operators, recorded one after another; needs no package but NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int | str, ...]
"""Sizes; a name where the size is free."""

INT64 = np.dtype(np.int64)
FLOAT = np.dtype(np.float32)
DOUBLE = np.dtype(np.float64)
BOOL = np.dtype(np.bool_)
TEXT = np.dtype(np.object_)

_AXES_AS_INPUT = {"ReduceSum": 13, "ReduceMax": 18, "ReduceMin": 18}
"""The operator set from which on an operator reads its axes as an input; before, they were an attribute."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operator, and the names of the tensors that it reads and writes."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of the graph."""

    name: str
    dtype: np.dtype[Any]
    shape: Shape


@dataclass(slots=True)
class Graph:
    """Operators in the order of their execution.

    An operator that was recorded before with the same inputs is not recorded again, so parts of a network need not share
    what each of them computes, such as the mask of real steps.
    """

    opset: int
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    _known: dict[Any, tuple[str, ...]] = field(default_factory=dict)

    def input(self, name: str, dtype: np.dtype[Any], shape: Shape) -> str:
        """Declare an input, and return its name."""
        self.inputs.append(Port(name, dtype, shape))
        return name

    def output(self, name: str, tensor: str, dtype: np.dtype[Any], shape: Shape) -> None:
        """Declare a tensor as an output with this name."""
        self.nodes.append(Node("Identity", (tensor,), (name,), {}))
        self.outputs.append(Port(name, dtype, shape))

    def constant(self, value: Any, dtype: Any = None) -> str:
        """Return the name of a constant."""
        array = np.asarray(value, dtype)
        content = tuple(array.ravel().tolist()) if array.dtype == TEXT else array.tobytes()
        key = ("constant", array.dtype.str, array.shape, content)
        if key not in self._known:
            name = f"constant_{len(self.constants)}"
            self.constants[name] = array
            self._known[key] = (name,)
        return self._known[key][0]

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Record an operator with one output, and return the name of that."""
        return self.add_many(operator, inputs, 1, **attributes)[0]

    def add_many(
        self, operator: str, inputs: tuple[str, ...], n_outputs: int, **attributes: Any
    ) -> tuple[str, ...]:
        """Record an operator, and return the names of its outputs."""
        key = (
            operator,
            inputs,
            n_outputs,
            tuple((name, _hashable(attributes[name])) for name in sorted(attributes)),
        )
        if key not in self._known:
            stem = f"{operator}_{len(self.nodes)}"
            outputs = (stem,) if n_outputs == 1 else tuple(f"{stem}_{i}" for i in range(n_outputs))
            self.nodes.append(Node(operator, inputs, outputs, attributes))
            self._known[key] = outputs
        return self._known[key]

    def only_needed(self) -> Graph:
        """Return the graph without operators and constants that no output depends on."""
        needed = {port.name for port in self.outputs}
        nodes = []
        for node in reversed(self.nodes):
            if needed & set(node.outputs):
                nodes.append(node)
                needed.update(node.inputs)
        constants = {name: array for name, array in self.constants.items() if name in needed}
        return replace(self, nodes=nodes[::-1], constants=constants)

    def cast(self, tensor: str, dtype: np.dtype[Any]) -> str:
        """Convert a tensor to another type."""
        return self.add("Cast", tensor, to=dtype)

    def concat(self, tensors: list[str], axis: int) -> str:
        """Concatenate tensors; a single one stays as it is."""
        return tensors[0] if len(tensors) == 1 else self.add("Concat", *tensors, axis=axis)

    def slice(self, tensor: str, start: int, end: int | None, *, axis: int) -> str:
        """Return part of a tensor along one axis."""
        end = np.iinfo(np.int64).max if end is None else end
        return self.add("Slice", tensor, *(self.constant([bound], INT64) for bound in (start, end, axis)))

    def reduce(self, operator: str, tensor: str, axis: int, *, keepdims: bool = False) -> str:
        """Reduce one axis."""
        if self.opset < _AXES_AS_INPUT[operator]:
            return self.add(operator, tensor, axes=(axis,), keepdims=int(keepdims))
        return self.add(operator, tensor, self.constant([axis], INT64), keepdims=int(keepdims))


def _hashable(attribute: Any) -> Any:
    return id(attribute) if isinstance(attribute, Graph) else attribute
