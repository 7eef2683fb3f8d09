"""The four nets as ONNX graphs. Each function mirrors one `forward`; parity tests compare them with torch."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto
from torch import nn

from forge.autoencoder import Decoder, Encoder, ResBlock
from forge.denoiser import Denoiser
from forge.denoiser import ResBlock as DenoiserResBlock
from forge.graph import Graph
from forge.text_encoder import TextEncoder

KEEP_TEXT: frozenset[str] = frozenset()
KEEP_DENOISER = frozenset({"conv_in", "conv_out", "time_proj", "text_pool.score", "proj_out", "steer.linear"})
KEEP_ENCODER = frozenset({"conv_in", "conv_out", "shortcut"})
KEEP_DECODER = frozenset({"conv_in", "conv_out", "shortcut"})
"""First, last and time layers are the sensitive ones (QuEST, arXiv 2402.03666): they stay fp32."""


def text_encoder_graph(net: TextEncoder, bits: int = 0) -> Graph:
    g, shape = Graph("text_encoder", bits, KEEP_TEXT), net.shape
    model, width = net.text_model, shape.width
    ids = g.input("input_ids", ["batch", shape.window], TensorProto.INT32)
    path = "text_model.embeddings"
    table = model.embeddings.token_embedding.weight.detach().numpy()
    if bits:
        from forge.quantize import quantize_rows

        levels, scales = quantize_rows(table)
        names = [g.constant(f"{path}.token_embedding.weight_Q8", levels), g.constant(f"{path}.token_embedding.weight_scales", scales)]
        embedding = g.op("DequantizeLinear", names, "/text_model/embeddings/token_embedding/DequantizeLinear", axis=0)
    else:
        embedding = g.constant(f"{path}.token_embedding.weight", table)
    x = g.op("Gather", [embedding, ids], "/text_model/embeddings/token_embedding/Gather", axis=0)
    position = model.embeddings.position_embedding.detach().numpy()
    x = g.op("Add", [x, g.constant(f"{path}.position_embedding", position)], "/text_model/embeddings/Add")
    for n, layer in enumerate(model.encoder.layers):
        at = f"text_model.encoder.layers.{n}"
        h = g.layer_norm(x, f"{at}.layer_norm1", layer.layer_norm1)
        q, k, v = (g.linear(h, f"{at}.self_attn.{p}", getattr(layer.self_attn, p)) for p in ("q_proj", "k_proj", "v_proj"))
        h = g.linear(g.attention(q, k, v, shape.heads, width, f"{at}.self_attn"), f"{at}.self_attn.out_proj", layer.self_attn.out_proj)
        x = g.op("Add", [x, h], f"/text_model/encoder/layers.{n}/Add")
        h = g.layer_norm(x, f"{at}.layer_norm2", layer.layer_norm2)
        h = g.op("Relu", [g.linear(h, f"{at}.mlp.fc1", layer.mlp.fc1)], f"/text_model/encoder/layers.{n}/mlp/Relu")
        x = g.op("Add", [x, g.linear(h, f"{at}.mlp.fc2", layer.mlp.fc2)], f"/text_model/encoder/layers.{n}/Add_1")
    x = g.layer_norm(x, "text_model.final_layer_norm", model.final_layer_norm)
    g.output(x, "last_hidden_state", ["batch", shape.window, width])
    return g


def denoiser_graph(net: Denoiser, bits: int = 0) -> Graph:
    g, shape = Graph("transformer", bits, KEEP_DENOISER), net.shape
    c, d, cond = shape.channels, shape.width, shape.condition
    sample = g.input("sample", ["batch", shape.latent, "latent_height", "latent_width"])
    timestep = g.input("timestep", ["batch"])
    text = g.input("encoder_hidden_states", ["batch", "text_tokens", shape.text_width])

    frequencies = g.constant("time_frequencies", net.frequencies.numpy() / 1000)
    angle = g.op("Mul", [g.reshape(timestep, [-1, 1], "/time/Reshape"), frequencies], "/time/Mul")
    waves = g.op("Concat", [g.op("Sin", [angle], "/time/Sin"), g.op("Cos", [angle], "/time/Cos")], "/time/Concat", axis=1)
    time = g.linear(waves, "time_proj", net.time_proj)

    pool = net.text_pool
    score = g.op("Transpose", [g.linear(text, "text_pool.score", pool.score)], "/text_pool/Transpose", perm=[0, 2, 1])
    score = g.reshape(g.op("Softmax", [score], "/text_pool/Softmax", axis=-1), [0, 0, 1, -1], "/text_pool/Reshape")
    value = g.reshape(g.linear(text, "text_pool.value", pool.value), [0, 0, pool.heads, pool.size], "/text_pool/Reshape_1")
    value = g.op("Transpose", [value], "/text_pool/Transpose_1", perm=[0, 2, 1, 3])
    pooled = g.reshape(g.op("MatMul", [score, value], "/text_pool/MatMul"), [0, cond], "/text_pool/Reshape_2")

    means = g.reshape(g.op("ReduceMean", [sample], "/steer/ReduceMean", axes=[2, 3]), [0, -1], "/steer/Reshape")
    sides = g.op("MatMul", [means, g.constant("steer.chosen", net.steer.chosen.numpy())], "/steer/MatMul")
    sides = g.op("Sigmoid", [g.op("Sub", [sides, g.constant("steer.cuts", net.steer.cuts.numpy())], "/steer/Sub")], "/steer/Sigmoid")
    fade = g.op("Mul", [g.reshape(timestep, [-1, 1], "/steer/Reshape_1"), g.constant("steer_slope", np.array(0.01, np.float32))], "/steer/Mul")
    fade = g.op("Relu", [g.op("Sub", [fade, g.constant("steer_start", np.array(9, np.float32))], "/steer/Sub_1")], "/steer/Relu")
    steer = g.linear(g.op("Mul", [sides, fade], "/steer/Mul_1"), "steer.linear", net.steer.linear)

    known = g.op("Add", [pooled, steer], "/condition/Add")
    condition = g.silu(g.op("Add", [time, known], "/condition/Add_1"), "/condition")
    modulation = g.reshape(g.linear(condition, "adaln_single", net.adaln_single), [0, 6, d], "/adaln_single/Reshape")

    def res_block(x: str, path: str, block: DenoiserResBlock) -> str:
        base = "/" + path.replace("_blocks.", "_blocks.", 1)
        h = g.silu(g.group_norm(x, f"{path}.norm1", block.norm1), f"{base}/silu1")
        h = g.conv(h, f"{path}.conv1", block.conv1)
        t = g.reshape(g.linear(condition, f"{path}.time_emb_proj", block.time_emb_proj), [0, c, 1, 1], f"{base}/Reshape")
        h = g.op("Add", [h, t], f"{base}/Add")
        h = g.silu(g.group_norm(h, f"{path}.norm2", block.norm2), f"{base}/silu2")
        h = g.conv(h, f"{path}.conv2", block.conv2)
        skip = x if isinstance(block.conv_shortcut, nn.Identity) else g.conv(x, f"{path}.conv_shortcut", block.conv_shortcut)
        return g.op("Add", [skip, h], f"{base}/Add_1")

    x, skips = g.conv(sample, "conv_in", net.conv_in), []
    for n, block in enumerate(net.down_blocks):
        x = res_block(x, f"down_blocks.{n}", block)
        skips.append(x)
    grid = g.conv(x, "proj_in", net.proj_in)
    # The centre of the table of positions, cut to the grid: starts = (table - grid) / 2.
    bounds = [g.constant(f"axis_{n}", np.array([n], np.int64)) for n in (2, 4)]
    extent = g.op("Slice", [g.op("Shape", [grid], "/pos_embed/Shape"), *bounds], "/pos_embed/Slice")
    table = g.constant("pos_embed_sides", np.array([shape.positions] * 2, np.int64))
    starts = g.op("Div", [g.op("Sub", [table, extent], "/pos_embed/Sub"), g.constant("two", np.array([2, 2], np.int64))], "/pos_embed/Div")
    ends = g.op("Add", [starts, extent], "/pos_embed/Add")
    position = g.op("Slice", [g.constant("pos_embed", net.pos_embed.detach().numpy()), starts, ends, g.constant("axes_2_3", np.array([2, 3], np.int64))],
                    "/pos_embed/Slice_1")
    x = g.op("Add", [grid, position], "/pos_embed/Add_1")
    x = g.op("Transpose", [g.reshape(x, [0, d, -1], "/proj_in/Reshape")], "/proj_in/Transpose", perm=[0, 2, 1])
    for n, block in enumerate(net.transformer_blocks):
        x = _transformer_block(g, x, text, modulation, f"transformer_blocks.{n}", block, shape.heads, d)
    x = g.reshape_like(g.op("Transpose", [x], "/proj_out/Transpose", perm=[0, 2, 1]), grid, "/proj_out/Reshape")
    x = g.op("DepthToSpace", [g.conv(x, "proj_out", net.proj_out)], "/shuffle/DepthToSpace", blocksize=2, mode="CRD")
    for n, block in enumerate(net.up_blocks):
        x = res_block(g.op("Concat", [x, skips.pop()], f"/up_blocks.{n}/Concat", axis=1), f"up_blocks.{n}", block)
    g.output(g.conv(x, "conv_out", net.conv_out), "out_sample", ["batch", shape.latent, "latent_height", "latent_width"])
    return g


def _transformer_block(g: Graph, x: str, text: str, modulation: str, path: str, block: nn.Module, heads: int, width: int) -> str:
    base = "/" + path
    # "1 + scale" is folded into the table: entries 0 and 3 are the two scales.
    table = block.scale_shift_table.detach().numpy() + np.array([1, 0, 0, 1, 0, 0], np.float32)[None, :, None]
    m = g.op("Add", [modulation, g.constant(f"{path}.scale_shift_table", table)], f"{base}/Add")
    scale1, shift1, gate1, scale2, shift2, gate2 = g.node("Split", [m], f"{base}/Split", outputs=6, axis=1)

    def attention(h: str, context: str, name: str) -> str:
        at, layer = f"{path}.{name}", getattr(block, name)
        q, k, v = g.linear(h, f"{at}.to_q", layer.to_q), g.linear(context, f"{at}.to_k", layer.to_k), g.linear(context, f"{at}.to_v", layer.to_v)
        return g.linear(g.attention(q, k, v, heads, width, at), f"{at}.to_out.0", layer.to_out[0])

    h = g.layer_norm(x, f"{path}.norm1", block.norm1)
    h = g.op("Add", [g.op("Mul", [h, scale1], f"{base}/Mul"), shift1], f"{base}/Add_1")
    x = g.op("Add", [x, g.op("Mul", [gate1, attention(h, h, "attn1")], f"{base}/Mul_1")], f"{base}/Add_2")
    x = g.op("Add", [x, attention(g.layer_norm(x, f"{path}.norm2", block.norm2), text, "attn2")], f"{base}/Add_3")
    h = g.layer_norm(x, f"{path}.norm3", block.norm3)
    h = g.op("Add", [g.op("Mul", [h, scale2], f"{base}/Mul_2"), shift2], f"{base}/Add_4")
    h = g.op("Relu", [g.linear(h, f"{path}.ff.net.0.proj", block.ff.net[0].proj)], f"{base}/ff/Relu")
    h = g.linear(h, f"{path}.ff.net.2", block.ff.net[2])
    return g.op("Add", [x, g.op("Mul", [gate2, h], f"{base}/Mul_3")], f"{base}/Add_5")


def _autoencoder_res_block(g: Graph, x: str, path: str, block: ResBlock) -> str:
    h = g.conv(g.silu(x, f"/{path}/silu1"), f"{path}.conv1", block.conv1)
    h = g.conv(g.silu(h, f"/{path}/silu2"), f"{path}.conv2", block.conv2)
    return g.op("Add", [x, h], f"/{path}/Add")


def _autoencoder_stack(g: Graph, x: str, path: str, stack: nn.Sequential) -> str:
    for n, layer in enumerate(stack):
        at = f"{path}.{n}"
        if isinstance(layer, ResBlock):
            x = _autoencoder_res_block(g, x, at, layer)
        elif isinstance(layer, nn.PixelShuffle):
            x = g.op("DepthToSpace", [x], f"/{at}/DepthToSpace", blocksize=layer.upscale_factor, mode="CRD")
        else:
            x = g.conv(x, at, layer)
    return x


def decoder_graph(net: Decoder, bits: int = 0) -> Graph:
    g = Graph("vae_decoder", bits, KEEP_DECODER)
    latent = net.conv_in.in_channels
    x = g.input("latent_sample", ["batch", latent, "latent_height", "latent_width"])
    x = g.op("Mul", [x, g.constant("latent_std", net.latent_std[0].numpy())], "/Mul")
    x = g.op("Add", [x, g.constant("latent_mean", net.latent_mean[0].numpy())], "/Add")
    fine = g.conv(_autoencoder_stack(g, g.conv(x, "conv_in", net.conv_in), "up", net.up), "conv_out", net.conv_out)
    fine = g.op("DepthToSpace", [fine], "/shuffle/DepthToSpace", blocksize=4, mode="CRD")
    plain = g.op("DepthToSpace", [g.conv(x, "shortcut", net.shortcut)], "/shortcut/DepthToSpace",
                 blocksize=net.shortcut_shuffle.upscale_factor, mode="CRD")
    g.output(g.op("Add", [plain, fine], "/Add_1"), "sample", ["batch", 3, "height", "width"])
    return g


def encoder_graph(net: Encoder, bits: int = 0) -> Graph:
    g = Graph("vae_encoder", bits, KEEP_ENCODER)
    latent = net.shortcut.out_channels
    x = g.input("sample", ["batch", 3, "height", "width"])
    # PixelUnshuffle(4) and a 3x3 convolution are one 12x12 convolution of stride 4 (SpaceToDepth has no WebGPU kernel).
    weight = net.conv_in.weight.detach().numpy()
    out = weight.shape[0]
    weight = weight.reshape(out, 3, 4, 4, 3, 3).transpose(0, 1, 4, 2, 5, 3).reshape(out, 3, 12, 12)
    h = g.conv_with(x, "conv_in", np.ascontiguousarray(weight), net.conv_in.bias.detach().numpy(), 4, 4)
    h = g.conv(_autoencoder_stack(g, h, "down", net.down), "conv_out", net.conv_out)
    g.output(g.op("Add", [g.conv(x, "shortcut", net.shortcut), h], "/Add"), "latent_sample", ["batch", latent, "latent_height", "latent_width"])
    return g
