"""Golden numbers of the shipped starter: what torch makes of its dequantised weights, for the studio's own tests.

`python -m forge golden` writes e2e/goldens/starter in the form of the tiny pipelines' goldens: the text, the latent after each
step and the picture, for one request of each shape. The same weights in onnxruntime, in Node and in a browser on either
device must arrive at them.
"""

from __future__ import annotations

import json

import numpy as np
import torch

from forge.flow import trailing_sigmas
from forge.paths import MODELS, REPO
from forge.reload import reload_decoder, reload_denoiser, reload_text_encoder
from forge.tokenizer import Encode

GOLDENS = REPO / "e2e" / "goldens" / "starter"
CASES = (
    ("starter-square", "a red apple on a blue background", 7, 4, 256, 256),
    ("starter-wide", "two bananas on a green background", 8, 2, 320, 192),
    ("starter-tall", "a star above a house on a black background", 9, 1, 192, 320),
)
"""Name, prompt, seed, steps, width and height."""


@torch.no_grad()
def golden(run: str = "starter") -> None:
    """Writes cases.json and one little-endian file a case."""
    folder = MODELS / run
    net, text, decoder, encode = reload_denoiser(folder), reload_text_encoder(folder), reload_decoder(folder), Encode(folder / "tokenizer")
    GOLDENS.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, prompt, seed, steps, width, height in CASES:
        told = text(torch.from_numpy(encode([prompt])))
        x = torch.randn((1, 12, height // 16, width // 16), generator=torch.Generator("cpu").manual_seed(seed))
        arrays, walk, sigmas = {"noise": x.numpy().copy(), "text": told.numpy()}, [], trailing_sigmas(steps)
        for now, then in zip(sigmas[:-1], sigmas[1:]):
            clean = net(x, now.expand(1) * 1000, told)
            x = x + (then - now) * (x - clean) / now
            walk.append(x)
        picture = ((decoder(x)[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0)
        arrays |= {"latents": torch.cat(walk).numpy(), "picture": picture.numpy()}
        tensors, parts, offset = {}, [], 0
        for key, value in arrays.items():
            data = np.ascontiguousarray(value)
            tensors[key] = {"type": str(data.dtype), "shape": list(data.shape), "offsetBytes": offset}
            # Every tensor begins where a float may.
            parts.append(data.tobytes() + bytes(-data.nbytes % 4))
            offset += len(parts[-1])
        (GOLDENS / f"{name}.bin").write_bytes(b"".join(parts))
        request = {"modelId": run, "prompt": prompt, "negativePrompt": "", "seed": seed, "steps": steps, "sampler": "flow-euler",
                   "schedule": "trailing", "guidanceScale": 1, "guidanceRescale": 0, "widthPx": width, "heightPx": height, "count": 1}
        mistakes = {"seed": seed + 1, "prompt": "a black cat on a white background"}
        cases.append({"id": name, "request": request, "pictureIndex": 0, "coordinates": "flow", "sigmas": None, "file": f"{name}.bin",
                      "mistakes": mistakes, "tensors": tensors})
    (GOLDENS / "cases.json").write_text(json.dumps({"format": 1, "cases": cases}, indent=1) + "\n")
