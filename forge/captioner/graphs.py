"""BLIP's parts as ONNX graphs, written by hand from the modules of `transformers`: the starter's captioner and converted
checkpoints take the same way. What goes in and out is in MANIFEST.md.

Positions and masks are inputs, so that no graph computes with shapes; the cache begins with one slot that nobody looks at, so
that no dimension is 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from onnx import TensorProto
from torch import nn
from transformers.activations import GELUActivation
from transformers.models.blip.modeling_blip import BlipVisionModel
from transformers.models.blip.modeling_blip_text import BlipTextAttention, BlipTextEmbeddings, BlipTextLayer, BlipTextLMHeadModel, BlipTextModel

from forge.graph import Graph
from forge.quantize import quantize_rows

SMALL_TABLE = 1 << 21
"""Up to this many elements, a quantised head that is tied to the embeddings reads their table instead of a copy."""
HIDDEN = -1e9
"""What callers add to the scores of a position that must not be looked at."""


def _array(tensor) -> np.ndarray:
    return tensor.detach().float().numpy().copy()


def _activate(g: Graph, x: str, layer: nn.Module, name: str) -> str:
    if isinstance(layer, nn.ReLU):
        return g.op("Relu", [x], f"{name}/Relu")
    if isinstance(layer, (nn.GELU, GELUActivation)):
        return g.op("Gelu", [x], f"{name}/Gelu", domain="com.microsoft")
    raise ValueError(f"A BLIP with the activation {type(layer).__name__} cannot be exported.")


def _add(g: Graph, a: str, b: str, name: str) -> str:
    return g.op("Add", [a, b], name)


def _unit(g: Graph, x: str, width: int, name: str) -> str:
    """Divided by its length, [batch, width]."""
    square = g.op("Mul", [x, x], f"{name}/Mul")
    mean = g.op("ReduceMean", [square], f"{name}/ReduceMean", axes=[-1], keepdims=1)
    length = g.op("Sqrt", [g.op("Mul", [mean, g.constant(f"width_{width}", np.array([width], np.float32))], f"{name}/Mul_1")], f"{name}/Sqrt")
    return g.op("Div", [x, length], f"{name}/Div")


def _first(g: Graph, x: str, width: int, name: str) -> str:
    """The first token's state, [batch, width]."""
    ends = [g.constant(f"index_{n}", np.array([n], np.int64)) for n in (0, 1)]
    return g.reshape(g.op("Slice", [x, ends[0], ends[1], ends[1]], f"{name}/Slice"), [0, width], f"{name}/Reshape")


def vision_graph(vision: BlipVisionModel, projection: nn.Linear | None = None, bits: int = 0) -> Graph:
    g, config = Graph("vision_model", bits), vision.config
    width, side, patch, heads = config.hidden_size, config.image_size, config.patch_size, config.num_attention_heads
    tokens = (side // patch) ** 2 + 1
    pixels = g.input("pixel_values", ["batch", 3, side, side])
    embeddings, at = vision.embeddings, "vision_model.embeddings"
    conv = embeddings.patch_embedding
    x = g.conv_with(pixels, f"{at}.patch_embedding", _array(conv.weight), _array(conv.bias), patch, 0)
    x = g.op("Transpose", [g.reshape(x, [0, width, tokens - 1], "/patches/Reshape")], "/patches/Transpose", perm=[0, 2, 1])
    # The class token in as many rows as there are pictures: one patch, times nothing.
    ends = [g.constant(f"index_{n}", np.array([n], np.int64)) for n in (0, 1)]
    row = g.op("Mul", [g.op("Slice", [x, ends[0], ends[1], ends[1]], "/class/Slice"), g.constant("nothing", np.zeros(1, np.float32))], "/class/Mul")
    row = _add(g, row, g.constant(f"{at}.class_embedding", _array(embeddings.class_embedding)), "/class/Add")
    x = g.op("Concat", [row, x], "/class/Concat", axis=1)
    x = _add(g, x, g.constant(f"{at}.position_embedding", _array(embeddings.position_embedding)), "/positions/Add")
    thirds = g.constant("qkv_widths", np.array([width] * 3, np.int64))
    for n, layer in enumerate(vision.encoder.layers):
        at, base = f"vision_model.encoder.layers.{n}", f"/vision_model/encoder/layers.{n}"
        h = g.layer_norm(x, f"{at}.layer_norm1", layer.layer_norm1)
        q, k, v = g.node("Split", [g.linear(h, f"{at}.self_attn.qkv", layer.self_attn.qkv), thirds], f"{base}/self_attn/Split", 3, axis=-1)
        h = g.linear(g.attention(q, k, v, heads, width, f"{at}.self_attn"), f"{at}.self_attn.projection", layer.self_attn.projection)
        x = _add(g, x, h, f"{base}/Add")
        h = g.linear(g.layer_norm(x, f"{at}.layer_norm2", layer.layer_norm2), f"{at}.mlp.fc1", layer.mlp.fc1)
        h = g.linear(_activate(g, h, layer.mlp.activation_fn, f"{base}/mlp"), f"{at}.mlp.fc2", layer.mlp.fc2)
        x = _add(g, x, h, f"{base}/Add_1")
    x = g.layer_norm(x, "vision_model.post_layernorm", vision.post_layernorm)
    g.output(x, "last_hidden_state", ["batch", tokens, width])
    if projection is not None:
        first = g.linear(_first(g, "last_hidden_state", width, "/first"), "vision_proj", projection)
        g.output(_unit(g, first, projection.out_features, "/vision_proj"), "image_embeds", ["batch", projection.out_features])
    return g


def _words(g: Graph, path: str, embeddings: BlipTextEmbeddings) -> str:
    """The table of word embeddings [words, width], one scale a row where weights are quantised."""
    base, table = f"/{path.replace('.', '/')}", _array(embeddings.word_embeddings.weight)
    if not g.bits or table.size < 8192:
        return g.constant(f"{path}.word_embeddings.weight", table)
    levels, scales = quantize_rows(table)
    names = [g.constant(f"{path}.word_embeddings.weight_Q8", levels), g.constant(f"{path}.word_embeddings.weight_scales", scales)]
    return g.op("DequantizeLinear", names, f"{base}/word_embeddings/DequantizeLinear", axis=0)


def _embed(g: Graph, words: str, ids: str, positions: str, path: str, embeddings: BlipTextEmbeddings) -> str:
    base = f"/{path.replace('.', '/')}"
    x = g.op("Gather", [words, ids], f"{base}/word_embeddings/Gather", axis=0)
    place = g.constant(f"{path}.position_embeddings.weight", _array(embeddings.position_embeddings.weight))
    x = _add(g, x, g.op("Gather", [place, positions], f"{base}/position_embeddings/Gather", axis=0), f"{base}/Add")
    return g.layer_norm(x, f"{path}.LayerNorm", embeddings.LayerNorm)


def _keys(g: Graph, x: str, at: str, attention: BlipTextAttention) -> tuple[str, str]:
    """Keys [batch, heads, size, tokens] and values [batch, heads, tokens, size] of a sequence."""
    own, base = attention.self, "/" + at.replace(".", "/")
    made = []
    for name, layer, order in (("key", own.key, [0, 2, 3, 1]), ("value", own.value, [0, 2, 1, 3])):
        y = g.reshape(g.linear(x, f"{at}.self.{name}", layer), [0, 0, own.num_attention_heads, own.attention_head_size], f"{base}/{name}/Reshape")
        made.append(g.op("Transpose", [y], f"{base}/{name}/Transpose", perm=order))
    return made[0], made[1]


def _attend(g: Graph, x: str, keys: str, values: str, bias: str | None, at: str, attention: BlipTextAttention) -> str:
    """Attention of x to keys and values, its output layer, the residual and the norm after it."""
    own, base = attention.self, "/" + at.replace(".", "/")
    size = own.attention_head_size
    q = g.op("Mul", [g.linear(x, f"{at}.self.query", own.query), g.constant(f"attention_scale_{size}", np.array(size**-0.5, np.float32))], f"{base}/query/Mul")
    q = g.op("Transpose", [g.reshape(q, [0, 0, own.num_attention_heads, size], f"{base}/query/Reshape")], f"{base}/query/Transpose", perm=[0, 2, 1, 3])
    scores = g.op("MatMul", [q, keys], f"{base}/scores/MatMul")
    if bias is not None:
        scores = _add(g, scores, bias, f"{base}/scores/Add")
    seen = g.op("MatMul", [g.op("Softmax", [scores], f"{base}/Softmax", axis=-1), values], f"{base}/values/MatMul")
    seen = g.op("Transpose", [seen], f"{base}/Transpose", perm=[0, 2, 1, 3])
    seen = g.linear(g.reshape(seen, [0, 0, own.all_head_size], f"{base}/Reshape"), f"{at}.output.dense", attention.output.dense)
    return g.layer_norm(_add(g, seen, x, f"{base}/Add"), f"{at}.output.LayerNorm", attention.output.LayerNorm)


def _feed_forward(g: Graph, x: str, at: str, layer: BlipTextLayer) -> str:
    base = "/" + at.replace(".", "/")
    h = g.linear(x, f"{at}.intermediate.dense", layer.intermediate.dense)
    h = g.linear(_activate(g, h, layer.intermediate.intermediate_act_fn, f"{base}/intermediate"), f"{at}.output.dense", layer.output.dense)
    return g.layer_norm(_add(g, h, x, f"{base}/Add"), f"{at}.output.LayerNorm", layer.output.LayerNorm)


def text_encoder_graph(encoder: BlipTextModel, projection: nn.Linear | None = None, matching: nn.Linear | None = None, bits: int = 0) -> Graph:
    g, config = Graph("text_encoder", bits, frozenset({"itm_head"})), encoder.config
    width = config.hidden_size
    ids = g.input("input_ids", ["batch", "tokens"], TensorProto.INT32)
    positions = g.input("position_ids", [1, "tokens"], TensorProto.INT32)
    bias = g.input("attention_bias", ["batch", 1, 1, "tokens"])
    picture = g.input("encoder_hidden_states", ["context_batch", "context", config.encoder_hidden_size])
    cross = g.input("cross", [1])
    alone = g.op("Sub", [g.constant("one", np.ones(1, np.float32)), cross], "/alone/Sub")
    at = "text_encoder.embeddings"
    x = _embed(g, _words(g, at, encoder.embeddings), ids, positions, at, encoder.embeddings)
    for n, layer in enumerate(encoder.encoder.layer):
        at, base = f"text_encoder.encoder.layer.{n}", f"/text_encoder/encoder/layer.{n}"
        x = _attend(g, x, *_keys(g, x, f"{at}.attention", layer.attention), bias, f"{at}.attention", layer.attention)
        looked = _attend(g, x, *_keys(g, picture, f"{at}.crossattention", layer.crossattention), None, f"{at}.crossattention", layer.crossattention)
        x = _add(g, g.op("Mul", [looked, cross], f"{base}/cross/Mul"), g.op("Mul", [x, alone], f"{base}/alone/Mul"), f"{base}/cross/Add")
        x = _feed_forward(g, x, at, layer)
    g.output(x, "last_hidden_state", ["batch", "tokens", width])
    if projection is None or matching is None:
        return g
    first = _first(g, "last_hidden_state", width, "/first")
    embeds = _unit(g, g.linear(first, "text_proj", projection), projection.out_features, "/text_proj")
    fits = g.linear(first, "itm_head", matching)
    g.output(embeds, "text_embeds", ["batch", projection.out_features])
    g.output(fits, "itm_logits", ["batch", 2])
    return g


def context_graph(decoder: BlipTextLMHeadModel, bits: int = 0) -> Graph:
    """Keys and values of what the decoder looks at, once for all its steps."""
    g, config = Graph("text_decoder_context", bits), decoder.config
    states = g.input("encoder_hidden_states", ["context_batch", "context", config.encoder_hidden_size])
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    for n, layer in enumerate(decoder.bert.encoder.layer):
        keys, values = _keys(g, states, f"text_decoder.bert.encoder.layer.{n}.crossattention", layer.crossattention)
        g.output(keys, f"present.{n}.encoder.key", ["context_batch", heads, size, "context"])
        g.output(values, f"present.{n}.encoder.value", ["context_batch", heads, "context", size])
    return g


def decoder_graph(decoder: BlipTextLMHeadModel, bits: int = 0) -> Graph:
    g, config = Graph("text_decoder", bits), decoder.config
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    ids = g.input("input_ids", ["batch", "tokens"], TensorProto.INT32)
    positions = g.input("position_ids", [1, "tokens"], TensorProto.INT32)
    bias = g.input("attention_bias", ["bias_batch", 1, "tokens", "total"])
    caches = []
    for n in range(config.num_hidden_layers):
        caches.append({
            "key": g.input(f"past_key_values.{n}.decoder.key", ["batch", heads, size, "past"]),
            "value": g.input(f"past_key_values.{n}.decoder.value", ["batch", heads, "past", size]),
            "context_key": g.input(f"past_key_values.{n}.encoder.key", ["context_batch", heads, size, "context"]),
            "context_value": g.input(f"past_key_values.{n}.encoder.value", ["context_batch", heads, "context", size]),
        })
    at = "text_decoder.bert.embeddings"
    words = _words(g, at, decoder.bert.embeddings)
    x = _embed(g, words, ids, positions, at, decoder.bert.embeddings)
    presents = []
    for n, (layer, cache) in enumerate(zip(decoder.bert.encoder.layer, caches, strict=True)):
        at = f"text_decoder.bert.encoder.layer.{n}"
        base = f"/text_decoder/bert/encoder/layer.{n}"
        keys, values = _keys(g, x, f"{at}.attention", layer.attention)
        keys = g.op("Concat", [cache["key"], keys], f"{base}/key/Concat", axis=3)
        values = g.op("Concat", [cache["value"], values], f"{base}/value/Concat", axis=2)
        presents.append((keys, values))
        x = _attend(g, x, keys, values, bias, f"{at}.attention", layer.attention)
        x = _attend(g, x, cache["context_key"], cache["context_value"], None, f"{at}.crossattention", layer.crossattention)
        x = _feed_forward(g, x, at, layer)
    head, at = decoder.cls.predictions, "text_decoder.cls.predictions"
    x = _activate(g, g.linear(x, f"{at}.transform.dense", head.transform.dense), head.transform.transform_act_fn, "/text_decoder/cls/predictions/transform")
    x = g.layer_norm(x, f"{at}.transform.LayerNorm", head.transform.LayerNorm)
    table = decoder.bert.embeddings.word_embeddings.weight
    if g.bits and 8192 <= table.numel() <= SMALL_TABLE and torch.equal(head.decoder.weight, table):
        turned = g.op("Transpose", [words], "/text_decoder/cls/predictions/decoder/Transpose", perm=[1, 0])
        logits = g.op("MatMul", [x, turned], "/text_decoder/cls/predictions/decoder/MatMul")
        logits = _add(g, logits, g.constant(f"{at}.decoder.bias", _array(head.decoder.bias)), "/text_decoder/cls/predictions/decoder/Add")
    else:
        logits = g.linear(x, f"{at}.decoder", head.decoder)
    g.output(logits, "logits", ["batch", "tokens", config.vocab_size])
    for n, (keys, values) in enumerate(presents):
        g.output(keys, f"present.{n}.decoder.key", ["batch", heads, size, "total"])
        g.output(values, f"present.{n}.decoder.value", ["batch", heads, "total", size])
    return g


GraphOf = Callable[[int], Graph]


def parts_of(*, vision: BlipVisionModel, encoder: BlipTextModel | None = None, decoder: BlipTextLMHeadModel | None = None,
             vision_proj: nn.Linear | None = None, text_proj: nn.Linear | None = None, itm_head: nn.Linear | None = None) -> dict[str, GraphOf]:
    """Name -> its graph for a number of bits (0: as it is). Of a checkpoint of one task, only that task's parts."""
    parts: dict[str, GraphOf] = {"vision_model": lambda bits: vision_graph(vision, vision_proj, bits)}
    if encoder is not None:
        parts["text_encoder"] = lambda bits: text_encoder_graph(encoder, text_proj, itm_head, bits)
    if decoder is not None:
        parts["text_decoder_context"] = lambda bits: context_graph(decoder, bits)
        parts["text_decoder"] = lambda bits: decoder_graph(decoder, bits)
    return parts
