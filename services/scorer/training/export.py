"""Trained encoder weights come in; one int8 ONNX file that scores one text per run goes out."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

Weights = Mapping[str, NDArray[np.float32]]
HEADS = 12
# The graph names ONNX Runtime's fused operators itself, where they are faster than what they stand for.
FUSED = "com.microsoft"


def export(weights: Weights, layers: int, narrow_after: Sequence[int], path: Path) -> None:
    """Write the int8 model: input `ids` [1, tokens], output `logits` [1, heads]. No padding, no mask: one text per run.

    Weights are per-channel int8 of 7 bits (`reduce_range`): without VNNI the 8-bit kernels saturate, and 7 bits give the same
    integers on every processor. Activations are scaled per run, which is why a run holds one text.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(graph(weights, layers, narrow_after), plain)
        quantize_dynamic(
            plain,
            path,
            op_types_to_quantize=["MatMul", "Attention", "Gather"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def graph(weights: Weights, layers: int, narrow_after: Sequence[int]) -> onnx.ModelProto:
    """The float model."""
    nodes = [
        helper.make_node("Gather", ["emb", "ids"], ["words"]),
        helper.make_node("Shape", ["ids"], ["length"], start=1, end=2),
        helper.make_node("Slice", ["pos", "zero", "length", "zero"], ["places"]),
        helper.make_node("Add", ["words", "places"], ["sum"]),
        helper.make_node("LayerNormalization", ["sum", "norm.g", "norm.b"], ["x0"], epsilon=1e-12),
    ]
    for number in range(layers):
        if number in narrow_after:
            nodes += _narrow(number)
        nodes += _layer(number, f"n{number}" if number in narrow_after else f"x{number}")
    nodes += [
        helper.make_node("ReduceMean", [f"x{layers}", "one"], ["mean"], keepdims=0),
        helper.make_node("ReduceMax", [f"x{layers}", "one"], ["most"], keepdims=0),
        helper.make_node("Concat", ["mean", "most"], ["both"], axis=1),
        helper.make_node("Gemm", ["both", "head.w", "head.b"], ["logits"]),
    ]
    wanted = {name for node in nodes for name in node.input} & set(weights)
    constants = {name: weights[name] for name in sorted(wanted)}
    initializers = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()]
    initializers += [
        numpy_helper.from_array(np.array([0], np.int64), "zero"),
        numpy_helper.from_array(np.array([1], np.int64), "one"),
    ]
    outputs = weights["head.b"].shape[0]
    made = helper.make_graph(
        nodes,
        "violence",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, outputs])],
        initializers,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9)


def _narrow(n: int) -> list[onnx.NodeProto]:
    """Pairs of neighbouring positions averaged; a last one without a partner stays as it is."""
    return [
        helper.make_node("Unsqueeze", [f"x{n}", "one"], [f"wide{n}"]),
        helper.make_node(
            "AveragePool",
            [f"wide{n}"],
            [f"pooled{n}"],
            kernel_shape=[2, 1],
            strides=[2, 1],
            ceil_mode=1,
            name=f"pool{n}",
        ),
        helper.make_node("Squeeze", [f"pooled{n}", "one"], [f"n{n}"]),
    ]


def _layer(n: int, x: str) -> list[onnx.NodeProto]:
    w = f"layer{n}."
    attention = helper.make_node(
        "Attention", [x, w + "qkv.w", w + "qkv.b"], [w + "a"], domain=FUSED, num_heads=HEADS, name=w + "att"
    )
    return [
        attention,
        *_dense(w + "a", w + "out", w + "o"),
        *_normed(w + "o", x, w + "norm1", w + "y"),
        *_dense(w + "y", w + "up", w + "u"),
        helper.make_node("Gelu", [w + "u"], [w + "g"], domain=FUSED),
        *_dense(w + "g", w + "down", w + "d"),
        *_normed(w + "d", w + "y", w + "norm2", f"x{n + 1}"),
    ]


def _dense(x: str, name: str, y: str) -> list[onnx.NodeProto]:
    """Quantised, the bias is added within the product."""
    return [
        helper.make_node("MatMul", [x, name + ".w"], [name + ".product"], name=name),
        helper.make_node("Add", [name + ".product", name + ".b"], [y]),
    ]


def _normed(x: str, skipped: str, name: str, y: str) -> list[onnx.NodeProto]:
    """Two plain operators: the one that does both takes five times as long on a processor (see `Transformer`)."""
    return [
        helper.make_node("Add", [x, skipped], [name + ".sum"]),
        helper.make_node("LayerNormalization", [name + ".sum", name + ".g", name + ".b"], [y], epsilon=1e-12),
    ]


def weights_of(state: Mapping[str, NDArray[np.float32]], layers: int) -> dict[str, NDArray[np.float32]]:
    """The trained state by the names of the graph: matrices are multiplied from the right there."""
    names = {"qkv": "qkv", "out": "out", "up": "up", "down": "down"}
    made = {
        "emb": state["emb.weight"],
        "pos": state["pos"],
        "norm.g": state["norm.weight"],
        "norm.b": state["norm.bias"],
    }
    made |= {"head.w": state["head.weight"].T, "head.b": state["head.bias"]}
    for n in range(layers):
        for ours, theirs in names.items():
            made[f"layer{n}.{ours}.w"] = state[f"layers.{n}.{theirs}.weight"].T
            made[f"layer{n}.{ours}.b"] = state[f"layers.{n}.{theirs}.bias"]
        for norm in ("norm1", "norm2"):
            made[f"layer{n}.{norm}.g"] = state[f"layers.{n}.{norm}.weight"]
            made[f"layer{n}.{norm}.b"] = state[f"layers.{n}.{norm}.bias"]
    return made
