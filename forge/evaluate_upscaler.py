"""How good the upscaler is on the 40 control concepts, which it never saw: against bicubic and Lanczos interpolation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from forge.paths import MODELS, RESULTS
from forge.pictures import load_pictures
from forge.pipelines import open_session
from forge.reload import reload_decoder, reload_encoder
from forge.train_autoencoder import psnr
from forge.train_upscaler import control_scenes, reduce, resample, through_autoencoder
from forge.training import say, start
from forge.upscaler import HALO

SHEET = 2
"""Rows of the sheet: the first control concepts, on clean and on autoencoded input; bicubic, upscaler, truth."""


def edge_energy(pictures: Tensor) -> float:
    """Mean squared difference of neighbouring pixels, values in [-1, 1]."""
    return float((pictures[..., 1:] - pictures[..., :-1]).pow(2).mean() + (pictures[..., 1:, :] - pictures[..., :-1, :]).pow(2).mean())


def objects(pictures: Tensor) -> Tensor:
    """The part that holds every object of `control_scenes`: flat ground around it flatters every method."""
    return pictures[..., 96:416, 112:416]


def shipped(folder: Path, pictures: Tensor) -> Tensor:
    """The shipped graph on pictures [n, 3, H, W], edges repeated, clamped to 8-bit values."""
    session = open_session(folder / "model.onnx")
    padded = F.pad(pictures, (HALO,) * 4, mode="replicate").numpy()
    out = torch.from_numpy(np.concatenate([session.run(None, {"sample": p[None]})[0] for p in padded]))
    out = out[..., 2 * HALO : -2 * HALO, 2 * HALO : -2 * HALO].clamp(-1, 1)
    return ((out + 1) * 127.5).round() / 127.5 - 1


def evaluate(folder: Path = MODELS / "upscaler", model: Path = MODELS / "starter") -> list[dict]:
    """Writes results/upscaler.json and a sheet of enlarged details, and answers the table."""
    start(0)
    truth = control_scenes(load_pictures(256))
    clean = reduce(truth)
    encoder, decoder = reload_encoder(model), reload_decoder(model)
    coded = torch.cat([through_autoencoder(encoder, decoder, part, 0.0, None) for part in clean.split(8)])
    rows, sheet = [], []
    for name, pictures in (("clean", clean), ("autoencoded", coded)):
        made = {
            "bicubic": resample(pictures, Image.Resampling.BICUBIC),
            "lanczos": resample(pictures, Image.Resampling.LANCZOS),
            "upscaler": shipped(folder, pictures),
        }
        for method, large in made.items():
            rows.append({
                "input": name, "method": method, "n": len(truth), "psnr": round(psnr(large, truth), 2),
                "psnrObject": round(psnr(objects(large), objects(truth)), 2),
                "edgeEnergy": round(edge_energy(objects(large)) / edge_energy(objects(truth)), 3),
                "psnrReduced": round(psnr(reduce(large), pictures), 2),
            })
            say("upscaler", **rows[-1])
        sheet.append(torch.cat([objects(p) for p in (made["bicubic"], made["upscaler"], truth)], -1)[:SHEET])
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "upscaler.json").write_text(json.dumps(rows, indent=2) + "\n")
    details = torch.cat(sheet, -1)
    lines = ((details + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).reshape(-1, details.shape[-1], 3).numpy()
    Image.fromarray(lines).save(RESULTS / f"upscaler-first-{SHEET}.png", optimize=True)
    return rows
