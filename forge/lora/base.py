"""What an adapter stands on: the shipped starter, read back from its 8-bit files. Nothing else is needed to train one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from forge.autoencoder import Decoder, Encoder
from forge.concepts import Concept, all_concepts
from forge.denoiser import Denoiser
from forge.paths import MODELS, RESULTS
from forge.reload import reload_decoder, reload_denoiser, reload_encoder, reload_text_encoder
from forge.text_encoder import TextEncoder
from forge.tokenizer import Encode

STARTER = MODELS / "starter"


@dataclass
class Base:
    """The parts of a generator, as `forge.pipelines.generate` wants them."""

    denoiser: Denoiser
    text_encoder: TextEncoder
    encoder: Encoder
    decoder: Decoder
    encode: Encode
    guidance: float = 1.0

    def text(self, ids: Tensor) -> Tensor:
        return self.text_encoder(ids)

    def clean(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        return self.denoiser(x, t * 1000, text)

    def decode(self, latent: Tensor) -> Tensor:
        return self.decoder(latent)


def shipped(folder: Path = STARTER) -> Base:
    base = Base(reload_denoiser(folder), reload_text_encoder(folder), reload_encoder(folder).to(memory_format=torch.channels_last), reload_decoder(folder),
                Encode(folder / "tokenizer"))
    for net in (base.denoiser, base.text_encoder, base.encoder, base.decoder):
        net.requires_grad_(False).eval()
    return base


def manifest(folder: Path = STARTER) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def base_hash(folder: Path = STARTER) -> str:
    """The sha256 of the denoiser's weights."""
    return manifest(folder)["files"]["transformer/model.onnx_data"]["sha256"]


def known_concepts(model: str = "starter") -> tuple[Concept, ...]:
    """What the shipped starter was taught, in order."""
    trained = json.loads((RESULTS / f"{model}.json").read_text())["trained"]
    return tuple(all_concepts()[c] for c in trained if c in all_concepts())
