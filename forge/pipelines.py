"""The studio's walk in Python, twice: with the torch nets of a run, and with the exported parts in onnxruntime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from forge.autoencoder import Decoder
from forge.denoiser import Denoiser
from forge.flow import GUIDANCE, guided, sample_euler
from forge.text_encoder import TextEncoder
from forge.tokenizer import Encode, tokenizer_folder
from forge.training import checkpoint_path, codec_of, load

CHANNELS, CELL = 12, 16
"""Of a latent: its channels, and the pixels along one side of its cells."""


class Parts(Protocol):
    """Three functions and a tokenizer: what a picture needs."""

    encode: Encode
    guidance: float
    """1 where guidance is folded into the weights."""

    def text(self, ids: Tensor) -> Tensor: ...
    def clean(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor: ...
    def decode(self, latent: Tensor) -> Tensor: ...


class TorchParts:
    """Nets of a run, fp32."""

    def __init__(self, run: str):
        kept = load(checkpoint_path(run, "distil")) or load(checkpoint_path(run, "denoiser"))
        self.concepts: list[str] = kept["concepts"]
        self.guidance = 1.0 if kept["guidance_folded"] else GUIDANCE
        self.samples: int = kept["samples"]
        self.minutes: float = kept["minutes"]
        self.denoiser, self.text_encoder, self.decoder = Denoiser(), TextEncoder(), Decoder()
        self.denoiser.load_state_dict(kept["net"])
        self.text_encoder.load_state_dict(kept["text"])
        self.decoder.load_state_dict(codec_of(run)["decoder"])
        for net in (self.denoiser, self.text_encoder, self.decoder):
            net.eval()
        self.encode = Encode(tokenizer_folder(run))

    def text(self, ids: Tensor) -> Tensor:
        return self.text_encoder(ids)

    def clean(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        return self.denoiser(x, t * 1000, text)

    def decode(self, latent: Tensor) -> Tensor:
        return self.decoder(latent)


def open_session(graph: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


class OnnxParts:
    """An exported model folder, as the browser gets it."""

    def __init__(self, folder: Path):
        self.guidance = json.loads((folder / "manifest.json").read_text())["guidance"]["default"]
        self.encode = Encode(folder / "tokenizer")
        self.sessions = {p: open_session(folder / p / "model.onnx") for p in ("text_encoder", "transformer", "vae_decoder")}

    def _run(self, part: str, **feeds: Tensor) -> Tensor:
        arrays = {k: np.ascontiguousarray(v.numpy()) for k, v in feeds.items()}
        return torch.from_numpy(self.sessions[part].run(None, arrays)[0])

    def text(self, ids: Tensor) -> Tensor:
        return self._run("text_encoder", input_ids=ids)

    def clean(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        return self._run("transformer", sample=x, timestep=(t * 1000).contiguous(), encoder_hidden_states=text)

    def decode(self, latent: Tensor) -> Tensor:
        return self._run("vae_decoder", latent_sample=latent)


def noise_for(count: int, seed: int = 0, size: tuple[int, int] = (256, 256)) -> Tensor:
    """One noise per prompt; prompt n has its own seed, so sets of any length agree. `size` is (width, height) in pixels."""
    shape = (CHANNELS, size[1] // CELL, size[0] // CELL)
    return torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(1000 * seed + n)) for n in range(count)])


@torch.no_grad()
def generate(parts: Parts, prompts: list[str], steps: int, guidance: float | None = None, seed: int = 0, batch: int = 25,
             size: tuple[int, int] = (256, 256)) -> Tensor:
    """Pictures [B, 3, H, W]; Euler on the trailing schedule; the unconditional pass, where there is one, has an empty prompt."""
    noise, scale = noise_for(len(prompts), seed, size), parts.guidance if guidance is None else guidance
    empty = parts.text(torch.from_numpy(parts.encode([""])))
    pictures = []
    for start in range(0, len(prompts), batch):
        chunk = prompts[start : start + batch]
        text = parts.text(torch.from_numpy(parts.encode(chunk)))
        nothing = empty.expand(len(chunk), -1, -1)
        predict = guided(lambda x, t: parts.clean(x, t, text), lambda x, t: parts.clean(x, t, nothing), scale)
        pictures.append(parts.decode(sample_euler(predict, noise[start : start + batch], steps)))
    return torch.cat(pictures)
