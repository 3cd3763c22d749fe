"""Writes layers of the encoder as a graph for ONNX Runtime, in eight-bit integers.

Weights use seven of the eight bits (`reduce_range`): a processor without VNNI would otherwise overflow and read another
text than a processor with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from pipeline_encoder.weights import Layer, Matrix

HEADS = 12
WIDTH = 384
EPSILON = 1e-12
MICROSOFT = "com.microsoft"
OPSETS = (helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1))
IR_VERSION = 9


@dataclass(frozen=True, slots=True)
class Tokens:
    """The additions for the matcher: a vector per marker, before layer `first`, and a score per token and class."""

    first: int
    markers: Matrix
    head_w: Matrix
    head_b: Matrix


@dataclass(slots=True)
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    constants: list[onnx.TensorProto] = field(default_factory=list[onnx.TensorProto])

    def constant(self, name: str, values: object, kind: type[np.generic] = np.float32) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, kind)), name))
        return name

    def node(self, op: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [output], domain=domain, **attributes))
        return output


def write_graph(path: Path, embeddings: Layer, layers: Sequence[Layer], tokens: Tokens | None = None) -> None:
    """Write the graph: ids [1, T] (and marks [1, T]) to states [1, T, 384], or to scores [1, T, classes]."""
    graph = _Graph()
    states = _embed(graph, embeddings)
    for at, layer in enumerate(layers):
        if tokens and at == tokens.first:
            marked = graph.node("Gather", [graph.constant("markers", tokens.markers), "marks"], "marked")
            states = graph.node("Add", [states, marked], "with_marks")
        states = _layer(graph, layer, f"l{at}", states)
    inputs, width = ["ids"], WIDTH
    if tokens:
        scores = graph.node("MatMul", [states, graph.constant("head_w", tokens.head_w)], "unbiased")
        states = graph.node("Add", [scores, graph.constant("head_b", tokens.head_b)], "scores")
        inputs, width = ["ids", "marks"], tokens.head_b.shape[0]
    graph.node("Identity", [states], "out")
    _write_in_integers(path, _model(graph, inputs, width))


def _embed(graph: _Graph, embeddings: Layer) -> str:
    word, position = graph.constant("word", embeddings["word"]), graph.constant("pos", embeddings["pos"])
    only_type = graph.constant("type", embeddings["type"][0])
    gain, bias = graph.constant("ln_g", embeddings["ln_g"]), graph.constant("ln_b", embeddings["ln_b"])
    zero, one, two = (graph.constant(f"at{at}", [at], np.int64) for at in range(3))
    words = graph.node("Gather", [word, "ids"], "words")
    length = graph.node("Slice", [graph.node("Shape", ["ids"], "shape"), one, two], "length")
    positions = graph.node("Slice", [position, zero, length, zero], "positions")
    placed = graph.node("Add", [graph.node("Add", [words, positions], "placed"), only_type], "typed")
    return graph.node("LayerNormalization", [placed, gain, bias], "x", axis=-1, epsilon=EPSILON)


def _layer(graph: _Graph, layer: Layer, name: str, states: str) -> str:
    def constant(part: str) -> str:
        return graph.constant(f"{name}_{part}", layer[part])

    qkv_w = graph.constant(f"{name}_qkv_w", np.concatenate([layer["q_w"], layer["k_w"], layer["v_w"]], 1))
    qkv_b = graph.constant(f"{name}_qkv_b", np.concatenate([layer["q_b"], layer["k_b"], layer["v_b"]]))
    attended = graph.node("Attention", [states, qkv_w, qkv_b], f"{name}_a", MICROSOFT, num_heads=HEADS)
    out = graph.node("MatMul", [attended, constant("o_w")], f"{name}_o")
    norm = [constant("ln1_g"), constant("ln1_b"), constant("o_b")]
    mixed = graph.node("SkipLayerNormalization", [out, states, *norm], f"{name}_y", MICROSOFT, epsilon=EPSILON)
    wide = graph.node("MatMul", [mixed, constant("f_w")], f"{name}_f")
    bent = graph.node("BiasGelu", [wide, constant("f_b")], f"{name}_g", MICROSOFT)
    narrow = graph.node("MatMul", [bent, constant("p_w")], f"{name}_p")
    norm = [constant("ln2_g"), constant("ln2_b"), constant("p_b")]
    return graph.node("SkipLayerNormalization", [narrow, mixed, *norm], f"{name}_x", MICROSOFT, epsilon=EPSILON)


def _model(graph: _Graph, inputs: Sequence[str], width: int) -> onnx.ModelProto:
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "T"]) for name in inputs]
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, "T", width])
    body = helper.make_graph(graph.nodes, "encoder", given, [out], graph.constants)
    model = helper.make_model(body, opset_imports=OPSETS)
    model.ir_version = IR_VERSION
    return model


def _write_in_integers(path: Path, model: onnx.ModelProto) -> None:
    with TemporaryDirectory() as folder:
        floats = Path(folder) / "floats.onnx"
        onnx.save(model, floats)
        quantize_dynamic(
            floats,
            path,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Attention", "Gather"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
