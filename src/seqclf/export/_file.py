"""A recorded graph -> the bytes of an ONNX file; the only module that needs the package onnx."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from seqclf.export._graph import TEXT, Graph, Node, Port


def import_onnx() -> ModuleType:
    """Return the package; if it is missing, raise an error that says how to install it."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            "`to_onnx` needs onnx, which is not installed. Run `pip install 'seqclf[onnx]'`."
        ) from error
    return onnx


def file_bytes(graph: Graph, *, producer_version: str, metadata: Mapping[str, str]) -> bytes:
    """Return the checked model; the same graph gives the same bytes."""
    onnx = import_onnx()
    helper = onnx.helper
    opset = helper.make_opsetid("", graph.opset)
    model = helper.make_model(
        _graph(onnx, graph.only_needed(), "classifier"),
        producer_name="seqclf",
        producer_version=producer_version,
        opset_imports=[opset],
        ir_version=helper.find_min_ir_version_for([opset]),
    )
    helper.set_model_props(model, dict(sorted(metadata.items())))
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _graph(onnx: Any, graph: Graph, name: str) -> Any:
    constants = [
        onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        for name, array in graph.constants.items()
    ]
    nodes = [_node(onnx, node) for node in graph.nodes]
    inputs, outputs = ([_port(onnx, port) for port in ports] for ports in (graph.inputs, graph.outputs))
    return onnx.helper.make_graph(nodes, name, inputs, outputs, constants)


def _node(onnx: Any, node: Node) -> Any:
    attributes = {name: _attribute(onnx, value) for name, value in node.attributes.items()}
    return onnx.helper.make_node(
        node.operator, list(node.inputs), list(node.outputs), name=node.outputs[0], **attributes
    )


def _attribute(onnx: Any, value: Any) -> Any:
    if isinstance(value, Graph):
        return _graph(onnx, value, "body")
    return _code(onnx, value) if isinstance(value, np.dtype) else value


def _port(onnx: Any, port: Port) -> Any:
    return onnx.helper.make_tensor_value_info(port.name, _code(onnx, port.dtype), list(port.shape))


def _code(onnx: Any, dtype: np.dtype[Any]) -> int:
    if dtype == TEXT:
        return int(onnx.TensorProto.STRING)
    return int(onnx.helper.np_dtype_to_tensor_dtype(dtype))
