"""A network as ONNX, built layer by layer: the few kinds of layers of ``architectures`` and no others.

Pictures are (n, height, width, channels) at the input and (n, channels, height, width) inside, as ONNX has
them; they are turned back before they are flattened.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from covid_desktop.core.export import INPUT, OUTPUT
from covid_desktop.errors import ModelError

OPSET, IR_VERSION = 17, 8
"""Of 2022: what was made since then reads them."""

_ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid"}


def write_onnx(model: keras.Model, path: Path) -> None:
    """Write the network, weights included. Raises OSError, ModelError for a layer it does not know."""
    path.write_bytes(to_onnx(model).SerializeToString())
    onnx.checker.check_model(path, full_check=True)


def onnx_scores(path: Path, pixels: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Scores (n,) of n pictures (height, width, channels), by ONNX's reference implementation."""
    evaluator = ReferenceEvaluator(str(path), new_ops=[MaxPool])
    # One at a time: it copies every picture once for each weight of a filter.
    scores = [evaluator.run([OUTPUT], {INPUT: image[None].astype(np.float32)}) for image in pixels]
    return np.concatenate([found for (found,) in scores])[:, 0]


def to_onnx(model: keras.Model) -> onnx.ModelProto:
    """The network from "pixels" (n, height, width, channels) to "score" (n, 1), both float32."""
    graph = _Graph()
    names: dict[int, str] = {}
    for layer in model.layers:
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        names[id(layer.output)] = graph.add(layer, [names[id(one)] for one in inputs])
    shape = ["n", *model.input_shape[1:]]
    made = helper.make_graph(
        graph.nodes,
        model.name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", 1])],
        graph.weights,
    )
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(made, opset_imports=opset, ir_version=IR_VERSION, producer_name="covid-desktop")


class MaxPool(OpRun):  # type: ignore[misc]
    """Of windows that do not overlap, as ours; ONNX's own takes ten times as long as all other nodes."""

    op_domain = ""

    def _run(self, x: Any, kernel_shape: Any = None, strides: Any = None, **_: Any) -> tuple[NDArray[Any]]:
        rows, columns = strides
        if tuple(kernel_shape) != (rows, columns):
            raise NotImplementedError("windows that overlap")
        height, width = x.shape[2] // rows, x.shape[3] // columns
        windows = x[:, :, : height * rows, : width * columns]
        return (windows.reshape(*x.shape[:2], height, rows, width, columns).max(axis=(3, 5)),)


class _Graph:
    """Nodes and weights so far. What a layer gives is called as the layer is."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, layer: keras.Layer, inputs: Sequence[str]) -> str:
        """The name of what the layer gives for ``inputs``. Raises ModelError."""
        for kind, translate in _LAYERS.items():
            if type(layer) is kind:
                return translate(self, layer, *inputs)
        raise ModelError(f"A layer of the kind {type(layer).__name__} cannot be exported as ONNX.")

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def weight(self, name: str, values: Any) -> str:
        array = np.ascontiguousarray(values, np.float32)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def activated(self, layer: keras.Layer, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node, and one of its activation where it has one."""
        activation = layer.activation.__name__
        if activation == "linear":
            return self.node(operator, inputs, layer.name, **attributes)
        before = self.node(operator, inputs, f"{layer.name}_linear", **attributes)
        if activation == "relu6":
            limits = [self.weight(f"{layer.name}_{limit}", limit) for limit in (0, 6)]
            return self.node("Clip", [before, *limits], layer.name)
        return self.node(_ACTIVATIONS[activation], [before], layer.name)


def _pixels(graph: _Graph, _: keras.Layer) -> str:
    return graph.node("Transpose", [INPUT], f"{INPUT}_by_channel", perm=[0, 3, 1, 2])


def _rescaling(graph: _Graph, layer: keras.Layer, x: str) -> str:
    scale = graph.weight(f"{layer.name}_scale", layer.scale)
    offset = graph.weight(f"{layer.name}_offset", layer.offset)
    return graph.node("Add", [graph.node("Mul", [x, scale], f"{layer.name}_scaled"), offset], layer.name)


def _convolution(graph: _Graph, layer: keras.Layer, x: str) -> str:
    kernel, bias = layer.get_weights()  # kernel (height, width, in, out), depthwise (height, width, in, 1)
    is_depthwise = type(layer) is layers.DepthwiseConv2D
    axes = (2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1)
    weights = [
        graph.weight(f"{layer.name}_kernel", kernel.transpose(axes)),
        graph.weight(f"{layer.name}_bias", bias),
    ]
    return graph.activated(
        layer,
        "Conv",
        [x, *weights],
        kernel_shape=kernel.shape[:2],
        strides=layer.strides,
        auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
        group=kernel.shape[2] if is_depthwise else 1,
    )


def _pooling(graph: _Graph, layer: keras.Layer, x: str) -> str:
    return graph.node("MaxPool", [x], layer.name, kernel_shape=layer.pool_size, strides=layer.strides)


def _mean(graph: _Graph, layer: keras.Layer, x: str) -> str:
    return graph.node("Flatten", [graph.node("GlobalAveragePool", [x], f"{layer.name}_means")], layer.name)


def _flatten(graph: _Graph, layer: keras.Layer, x: str) -> str:
    by_pixel = graph.node("Transpose", [x], f"{layer.name}_by_pixel", perm=[0, 2, 3, 1])
    return graph.node("Flatten", [by_pixel], layer.name)


def _standardization(graph: _Graph, layer: keras.Layer, x: str) -> str:
    """Of features (n, features), by a batch normalization without scale and centre."""
    mean, variance = layer.get_weights()
    centred = [x, graph.weight(f"{layer.name}_mean", mean)]
    spread = graph.weight(f"{layer.name}_spread", np.sqrt(variance + np.float32(layer.epsilon)))
    return graph.node("Div", [graph.node("Sub", centred, f"{layer.name}_centred"), spread], layer.name)


def _dense(graph: _Graph, layer: keras.Layer, x: str) -> str:
    kernel, bias = layer.get_weights()
    weights = [graph.weight(f"{layer.name}_kernel", kernel), graph.weight(f"{layer.name}_bias", bias)]
    return graph.activated(layer, "Gemm", [x, *weights])


_LAYERS: dict[type, Callable[..., str]] = {
    layers.InputLayer: _pixels,
    layers.Rescaling: _rescaling,
    layers.Conv2D: _convolution,
    layers.DepthwiseConv2D: _convolution,
    layers.Add: lambda graph, layer, *inputs: graph.node("Add", inputs, layer.name),
    layers.MaxPooling2D: _pooling,
    layers.GlobalAveragePooling2D: _mean,
    layers.Flatten: _flatten,
    layers.BatchNormalization: _standardization,
    layers.Dense: _dense,
    layers.Dropout: lambda _graph, _layer, x: x,
}
