"""The ONNX graph of recurrent layers of torch and a linear head: what torch's exporter writes for a batch of one sequence.

Differences between the two formats: ONNX orders the gates of a GRU as z, r, h (torch: r, z, n) and those of an LSTM as i, o, f, c
(torch: i, f, g, o), and stacks directions. torch's GRU is the variant `linear_before_reset=1`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, NDArray[np.float32]]
ORDER = {3: ("GRU", (1, 0, 2)), 4: ("LSTM", (0, 3, 1, 2))}
"""Number of gates -> operator of ONNX, and the places of its gates in torch's order."""
OPSET = 17


def graph(weights: Weights) -> bytes:
    """Return a model from `values` (time, 1, features) to `logits` (1, classes)."""
    nodes, constants = [], []
    directions = 2 if "recurrence.weight_ih_l0_reverse" in weights else 1
    layers = sum(name.startswith("recurrence.weight_ih") for name in weights) // directions
    states = "values"
    for layer in range(layers):
        of_layer, arrays = _layer(weights, layer, directions, states)
        nodes += of_layer
        constants += [numpy_helper.from_array(array, name) for name, array in arrays.items()]
        states = f"states{layer}"
    if directions == 1:
        nodes.append(helper.make_node("Squeeze", [f"last{layers - 1}", "first_axis"], ["summary"]))
        constants.append(numpy_helper.from_array(np.array([0]), "first_axis"))
    else:
        nodes.append(helper.make_node("Transpose", [f"last{layers - 1}"], ["turned"], perm=[1, 0, 2]))
        nodes.append(helper.make_node("Flatten", ["turned"], ["summary"], axis=1))
    nodes.append(helper.make_node("Gemm", ["summary", "head", "head_bias"], ["logits"], transB=1))
    constants.append(numpy_helper.from_array(weights["head.weight"], "head"))
    constants.append(numpy_helper.from_array(weights["head.bias"], "head_bias"))
    features, classes = weights["recurrence.weight_ih_l0"].shape[1], len(weights["head.bias"])
    whole = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["time", 1, features])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, classes])],
        constants,
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString()
    return serialised


def _layer(
    weights: Weights, layer: int, directions: int, inputs: str
) -> tuple[list[onnx.NodeProto], dict[str, NDArray[np.generic]]]:
    """Return the nodes and the constants of one layer."""
    suffixes = [f"_l{layer}", f"_l{layer}_reverse"][:directions]
    units = weights[f"recurrence.weight_hh_l{layer}"].shape[1]
    operator, order = ORDER[len(weights[f"recurrence.weight_hh_l{layer}"]) // units]

    def stacked(name: str) -> NDArray[np.float32]:
        return np.stack([_reorder(weights[f"recurrence.{name}{suffix}"], order) for suffix in suffixes])

    names = [f"{name}{layer}" for name in ("input_weights", "state_weights", "biases")]
    arrays: dict[str, NDArray[np.generic]] = dict(
        zip(
            names,
            (
                stacked("weight_ih"),
                stacked("weight_hh"),
                np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1),
            ),
            strict=True,
        )
    )
    attributes = {"linear_before_reset": 1} if operator == "GRU" else {}
    attributes |= {"hidden_size": units}
    direction = "bidirectional" if directions == 2 else "forward"
    node = helper.make_node(
        operator,
        [inputs, *names],
        [f"by_direction{layer}", f"last{layer}"],
        direction=direction,
        **attributes,
    )
    # (time, directions, 1, units) -> (time, 1, directions * units)
    if directions == 1:
        arrays[f"axis{layer}"] = np.array([1])
        squeeze = helper.make_node("Squeeze", [f"by_direction{layer}", f"axis{layer}"], [f"states{layer}"])
        return [node, squeeze], arrays
    arrays[f"shape{layer}"] = np.array([0, 0, -1])
    return [
        node,
        helper.make_node("Transpose", [f"by_direction{layer}"], [f"turned{layer}"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", [f"turned{layer}", f"shape{layer}"], [f"states{layer}"]),
    ], arrays


def _reorder(array: NDArray[np.float32], order: tuple[int, ...]) -> NDArray[np.float32]:
    return np.concatenate([np.split(array, len(order))[gate] for gate in order])
