"""Writes public/models/upscaler: the graph, its weights in 8 bits, and the manifest of src/core/models/upscaler.ts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from forge.graph import Graph
from forge.paths import MODELS
from forge.training import checkpoint_path, load, say
from forge.upscaler import HALO, Upscaler

KEEP = frozenset({"conv_in", "conv_out", "bicubic"})
"""First and last layers stay fp32, as in the other parts."""
TILE = 128
"""Sides of a tile the browser takes at most, px: a cancel waits for one tile, well under a second on a CPU."""
LARGEST = 4096
"""Longest side of a result, px: larger ones pass what browsers decode and draw dependably."""


def upscaler_graph(net: Upscaler, bits: int = 0) -> Graph:
    """Input `sample` [batch, 3, height, width], both even; output `upscaled` of twice the size."""
    g = Graph("upscaler", bits, KEEP)
    x = g.input("sample", ["batch", 3, "height", "width"])
    h = g.conv(x, "conv_in", net.conv_in)
    for n, block in enumerate(net.blocks):
        path = f"blocks.{n}"
        inner = g.op("Relu", [g.conv(h, f"{path}.conv1", block.conv1)], f"/{path}/Relu")
        h = g.op("Add", [h, g.conv(inner, f"{path}.conv2", block.conv2)], f"/{path}/Add")
    h = g.conv(g.op("Relu", [h], "/Relu"), "conv_out", net.conv_out)
    fine = g.op("DepthToSpace", [h], "/shuffle/DepthToSpace", blocksize=4, mode="CRD")
    plain = g.conv_with(x, "bicubic", net.bicubic.numpy(), np.zeros(12, np.float32), 1, 2)
    plain = g.op("DepthToSpace", [plain], "/bicubic/DepthToSpace", blocksize=2, mode="CRD")
    g.output(g.op("Add", [plain, fine], "/Add"), "upscaled", ["batch", 3, "upscaled_height", "upscaled_width"])
    return g


def manifest(folder: Path) -> dict:
    paths = ["model.onnx", "model.onnx_data"]
    files = {p: {"sizeBytes": (folder / p).stat().st_size, "sha256": hashlib.sha256((folder / p).read_bytes()).hexdigest()} for p in paths}
    return {
        "format": 1, "kind": "upscaler", "id": folder.name, "name": "Kiln 2x",
        "summary": "Doubles a picture's sides and sharpens what the starter model's decoder leaves soft. Trained from scratch on two CPU cores.",
        "licence": {"spdx": "Apache-2.0", "plain": "Free to use, change and share, also commercially; keep the notices. "
                    "Learned from Fluent Emoji (MIT), Noto Emoji and Blobmoji (Apache-2.0)."},
        "scale": 2, "multiplePx": 2, "haloPx": HALO, "tilePx": TILE, "maxResultPx": LARGEST,
        "part": "upscaler", "input": "sample", "output": "upscaled",
        "parts": {"upscaler": {"variants": [{"id": "q8", "compute": "float32", "graph": "model.onnx", "weights": ["model.onnx_data"]}]}},
        "files": files,
    }


def load_net(run: str) -> Upscaler:
    net = Upscaler()
    net.load_state_dict(load(checkpoint_path(run, "upscaler"))["net"])
    return net.eval()


def export(run: str, folder: Path = MODELS / "upscaler", bits: int = 8) -> Path:
    """Writes the folder and says how far its graph is from torch."""
    from forge.package import relative_error
    from forge.pipelines import open_session

    net = load_net(run)
    upscaler_graph(net, bits).write(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest(folder), indent=2) + "\n")
    sample = torch.rand(1, 3, 96, 64, generator=torch.Generator().manual_seed(3)) * 2 - 1
    with torch.no_grad():
        answer = net(sample).numpy()
    error = relative_error(open_session(folder / "model.onnx").run(None, {"sample": sample.numpy()})[0], answer)
    say("export", kilobytes=sum(p.stat().st_size for p in folder.iterdir()) / 1e3, relative_error=error)
    return folder
