"""A traced module as a graph-only `model.onnx` beside its weight files, with the module paths in its names.

A linear layer `X` is a MatMul named `/X/MatMul` on an initializer `X.weight` of [inputs, outputs] (already
transposed), or a Gemm with transB on the original [outputs, inputs].
"""

from __future__ import annotations

import ast
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnx.external_data_helper import set_external_data
from torch import Tensor

from forge.convert.parts import Part

OPSET = 18
EXTERNAL_FROM_BYTES = 1024
OVERHEAD_BYTES = 64
"""Of a small tensor's name and shape, which count towards the limit as well."""
SHARD_BYTES = 240 * 2**20
"""A file of weights stays below 256 MB, which a browser reads and stores in one piece."""
WRAPPER_NAMES = ("unet.", "transformer.", "vae.")
"""Attributes that wrap the real module during export and are no part of the hub's names."""


def trace(part: Part, scratch: Path) -> onnx.ModelProto:
    """The part as a graph whose weights lie in files of `scratch`, which has to stay until it is saved.

    No message holds the weights: protobuf ends at 2 GB, and the larger networks do not.
    """
    tokens = torch.export.Dim("tokens", min=2, max=4096)
    shapes = [{1: tokens} if name in part.any_tokens else None for name in part.inputs]
    plain = patch.object(torch.nn.functional, "scaled_dot_product_attention", _plain_attention)
    part.module.eval()
    with torch.no_grad(), plain:
        program = torch.onnx.export(
            part.module,
            part.examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_shapes=tuple(shapes) if part.any_tokens else None,
            verbose=False,
        )
    scratch.mkdir(parents=True, exist_ok=True)
    file = scratch / f"{part.name}.onnx"
    program.save(file, external_data=True)
    onnx.checker.check_model(str(file))
    model = onnx.load(file, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = str((scratch / entry.value).resolve())
    _name_by_module(model.graph)
    _strip(model)
    return model


def value_of(tensor: onnx.TensorProto) -> np.ndarray:
    """The values of a weight, from the message or from the file of `trace`."""
    if tensor.data_location != onnx.TensorProto.EXTERNAL:
        return numpy_helper.to_array(tensor)
    place = {entry.key: entry.value for entry in tensor.external_data}
    kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    count = int(np.prod(tensor.dims, dtype=np.int64))
    return np.fromfile(place["location"], kind, count, offset=int(place.get("offset", 0))).reshape(tensor.dims)


def save(model: onnx.ModelProto, folder: Path, stem: str = "model", shard_bytes: int = SHARD_BYTES) -> list[Path]:
    """Writes `stem.onnx` and its weight files; every tensor of 1 KB or more goes to one of these. Empties `model`.

    The files are `stem.onnx_data`, `stem.onnx_data_1` and so on, each of `shard_bytes` at most unless a single tensor
    is larger. Returns the weight files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{stem}.onnx*"):
        old.unlink()
    shards: list[Path] = []
    at = 0
    for tensor in model.graph.initializer:
        is_outside = tensor.data_location == onnx.TensorProto.EXTERNAL
        if not is_outside and not tensor.HasField("raw_data"):
            continue
        raw = value_of(tensor).tobytes() if is_outside else tensor.raw_data
        tensor.ClearField("raw_data")
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
        if len(raw) + OVERHEAD_BYTES < EXTERNAL_FROM_BYTES:
            tensor.raw_data = raw
            continue
        if not shards or (at > 0 and at + len(raw) > shard_bytes):
            shards.append(folder / f"{stem}.onnx_data{f'_{len(shards)}' if shards else ''}")
            at = 0
        with shards[-1].open("ab") as file:
            file.write(raw)
        # The helper wants data to be there; none is kept.
        tensor.raw_data = b""
        set_external_data(tensor, location=shards[-1].name, offset=at, length=len(raw))
        tensor.ClearField("raw_data")
        at += len(raw)
    onnx.save_model(model, folder / f"{stem}.onnx")
    return shards


def _plain_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    **_: object,
) -> Tensor:
    """Attention whose trace is MatMul, Softmax, MatMul: the library's own decomposition reads shapes at run time."""
    assert not is_causal and dropout_p == 0.0
    scores = (query * (scale or query.shape[-1] ** -0.5)) @ key.transpose(-1, -2)
    if attn_mask is not None:
        scores = scores + attn_mask
    return scores.softmax(dim=-1) @ value


def _name_by_module(graph: onnx.GraphProto) -> None:
    paths = {node.name: _module_path(node) for node in graph.node}
    initializers = {tensor.name: tensor for tensor in graph.initializer}
    renamed: dict[str, str] = {name: _unwrapped(name) for name in initializers}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in initializers and "." not in node.input[1]:
            renamed[node.input[1]] = f"{paths[node.name]}.weight"
    assert len(set(renamed.values())) == len(renamed), "two initializers would share a name"

    used: dict[str, int] = {}
    for node in graph.node:
        stem = f"{_slashed(paths[node.name])}/{node.op_type}"
        used[stem] = used.get(stem, -1) + 1
        node.name = stem if used[stem] == 0 else f"{stem}_{used[stem]}"
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)
    for tensor in graph.initializer:
        tensor.name = renamed[tensor.name]


def _module_path(node: onnx.NodeProto) -> str:
    """Dotted path of the module that made the node; "" for the outermost."""
    scopes = next((p.value for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"), None)
    names = ast.literal_eval(scopes) if scopes else []
    return _unwrapped(names[-2]) if len(names) > 1 else ""


def _unwrapped(name: str) -> str:
    for wrapper in WRAPPER_NAMES:
        name = name.removeprefix(wrapper)
    return name


def _slashed(path: str) -> str:
    """`down_blocks.0.attn1.to_q` as `/down_blocks.0/attn1/to_q`, as the older exporter names nodes."""
    out = ""
    for step in path.split(".") if path else []:
        out += f".{step}" if step.isdigit() else f"/{step}"
    return out


def _strip(model: onnx.ModelProto) -> None:
    """Drops traces of source files, versions and inferred shapes, so that the bytes depend on the graph only."""
    graph = model.graph
    model.producer_version = ""
    del model.metadata_props[:], graph.metadata_props[:], graph.value_info[:]
    model.doc_string = graph.doc_string = ""
    assert not model.functions
    for item in [*graph.node, *graph.initializer, *graph.input, *graph.output]:
        del item.metadata_props[:]
        item.doc_string = ""
