"""Writes public/models/starter: the hub's diffusers folder layout, our manifest, and the parity of each part.

    model_index.json  scheduler/  tokenizer/  text_encoder/  transformer/  vae_encoder/  vae_decoder/  manifest.json
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from forge.autoencoder import Decoder, Encoder
from forge.denoiser import Denoiser
from forge.export_parts import decoder_graph, denoiser_graph, encoder_graph, text_encoder_graph
from forge.flow import GUIDANCE, USUAL_STEPS
from forge.graph import Graph
from forge.paths import MODELS, RESULTS
from forge.pipelines import open_session
from forge.scenes import ASPECTS
from forge.text_encoder import TextEncoder
from forge.tokenizer import EOS, BOS, WINDOW, Encode, tokenizer_folder, write_tokenizer
from forge.training import checkpoint_path, codec_of, load, say, start

BITS = 8
PARTS = ("text_encoder", "transformer", "vae_decoder", "vae_encoder")


class Nets:
    """The four trained nets of a run, fp32, in evaluation mode."""

    def __init__(self, run: str):
        trained, codec = load(checkpoint_path(run, "distil")) or load(checkpoint_path(run, "denoiser")), codec_of(run)
        self.concepts, self.guidance = len(trained["concepts"]), 1.0 if trained["guidance_folded"] else GUIDANCE
        self.denoiser, self.text_encoder, self.decoder, self.encoder = Denoiser(), TextEncoder(), Decoder(), Encoder()
        self.denoiser.load_state_dict(trained["net"])
        self.text_encoder.load_state_dict(trained["text"])
        self.decoder.load_state_dict(codec["decoder"])
        self.encoder.load_state_dict(codec["encoder"])
        for net in (self.denoiser, self.text_encoder, self.decoder, self.encoder):
            net.eval()

    def graph(self, part: str, bits: int) -> Graph:
        match part:
            case "text_encoder":
                return text_encoder_graph(self.text_encoder, bits)
            case "transformer":
                return denoiser_graph(self.denoiser, bits)
            case "vae_decoder":
                return decoder_graph(self.decoder, bits)
            case "vae_encoder":
                return encoder_graph(self.encoder, bits)
        raise ValueError(part)


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def hub_files(folder: Path) -> None:
    """What a diffusers folder has besides weights."""
    _write_json(folder / "model_index.json", {
        "_class_name": "FlowMatchPipeline", "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "text_encoder": ["onnx", "TextEncoder"], "transformer": ["onnx", "Denoiser"],
        "vae_encoder": ["onnx", "Encoder"], "vae_decoder": ["onnx", "Decoder"],
    })
    _write_json(folder / "scheduler" / "scheduler_config.json", {
        "_class_name": "FlowMatchEulerDiscreteScheduler", "_diffusers_version": "0.42.1", "num_train_timesteps": 1000,
        "shift": 1.0, "use_dynamic_shifting": False, "prediction_type": "sample", "timestep_spacing": "trailing",
    })


def preview_map(decoder: Decoder) -> dict:
    """Linear latent-to-RGB map: the decoder's own linear path, averaged over each 16x16 patch."""
    weight = decoder.shortcut.weight.detach()[:, :, 0, 0].view(3, -1, decoder.conv_in.in_channels).mean(1)
    bias = decoder.shortcut.bias.detach().view(3, -1).mean(1) + weight @ decoder.latent_mean.view(-1)
    rows = (weight * decoder.latent_std.view(1, -1)).T
    return {"weights": [[round(v, 5) for v in row] for row in rows.tolist()], "bias": [round(v, 5) for v in bias.tolist()]}


def manifest(folder: Path, decoder: Decoder, concepts: int, guidance: float, name: str = "Kiln Starter") -> dict:
    """The manifest of src/core/models/manifest.ts."""
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")
                   if p.is_file() and p.name not in ("manifest.json", "README.md"))
    files = {p: {"sizeBytes": (folder / p).stat().st_size, "sha256": hashlib.sha256((folder / p).read_bytes()).hexdigest()} for p in paths}
    encode = Encode(folder / "tokenizer")
    end = encode.tokenizer.token_to_id(EOS)

    def part(name: str) -> dict:
        return {"variants": [{"id": "q8", "compute": "float32", "graph": f"{name}/model.onnx", "weights": [f"{name}/model.onnx_data"]}]}

    sizes = [{"widthPx": w, "heightPx": h} for w, h in ASPECTS.values()]
    return {
        "format": 1, "id": "starter", "name": name,
        "summary": f"Draws {concepts:,} everyday things in soft 3D, alone, in pairs, counted or coloured, in three shapes and one to four steps. "
        "Trained from scratch on two CPU cores.",
        "limits": "What it draws was learned from Fluent's 3D emoji drawings and scenes composed of them; only its autoencoder saw other drawings "
        "(Fluent's flat and line ones, Noto, Blobmoji). It knows no other things, styles, people or places, "
        "no writing, no photographs and never more than two kinds of things; an unknown word gives a wrong picture.",
        "licence": {"spdx": "Apache-2.0", "plain": "Free to use, change and share, also commercially; keep the notices. "
                    "Learned from Fluent Emoji (MIT), Noto Emoji and Blobmoji (Apache-2.0)."},
        "family": "forge-uvit-c96-d256-l6",
        "noise": {"path": "flow", "prediction": "sample", "trainTimesteps": 1000, "shift": 1},
        "latent": {"channels": 12, "downscale": 16, "scale": 1, "shift": 0},
        "sizes": {"default": sizes[0], "multiplePx": 64, "minPx": 192, "maxPx": 320, "only": sizes},
        # With each further step fewer things alone are named (the model card).
        "steps": {"default": USUAL_STEPS, "min": 1, "max": 50},
        "samplers": {"default": "flow-euler"}, "schedules": {"default": "trailing"},
        "guidance": {"kind": "classifier-free", "default": guidance, "max": 8},
        "tokenizers": {"clip": {"tokenizer": "tokenizer/tokenizer.json", "config": "tokenizer/tokenizer_config.json", "window": WINDOW,
                                "startId": encode.tokenizer.token_to_id(BOS), "endId": end, "padId": end}},
        "textEncoders": [{"part": "text-encoder", "tokenizer": "clip", "embeddings": "last_hidden_state"}],
        "conditioning": {},
        "denoiser": {"part": "transformer", "inputs": {"sample": "sample", "timestep": "timestep", "text": "encoder_hidden_states"}, "output": "out_sample"},
        "decoder": {"part": "vae-decoder", "input": "latent_sample", "output": "sample"},
        "encoder": {"part": "vae-encoder", "input": "sample", "output": "latent_sample"},
        "preview": preview_map(decoder),
        "parts": {p.replace("_", "-"): part(p) for p in PARTS},
        "files": files,
    }


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Root of the summed squared difference over that of b."""
    return float(np.sqrt(((a - b) ** 2).sum() / (b**2).sum()))


def example_feeds(nets: Nets, encode: Encode) -> tuple[dict[str, dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Inputs of each part that are like the real ones, and what torch answers."""
    generator = torch.Generator().manual_seed(5)
    ids = torch.from_numpy(encode(["a cat on a blue background", "red apple"]))
    noise = torch.randn(2, 12, 16, 16, generator=generator)
    t = torch.tensor([1000.0, 500.0])
    with torch.no_grad():
        text = nets.text_encoder(ids)
        clean = nets.denoiser(noise, t, text)
        picture = nets.decoder(clean)
        latent = nets.encoder(picture.clamp(-1, 1))
    feeds = {
        "text_encoder": {"input_ids": ids.numpy()},
        "transformer": {"sample": noise.numpy(), "timestep": t.numpy(), "encoder_hidden_states": text.numpy()},
        "vae_decoder": {"latent_sample": clean.numpy()},
        "vae_encoder": {"sample": picture.clamp(-1, 1).numpy()},
    }
    return feeds, {"text_encoder": text.numpy(), "transformer": clean.numpy(), "vae_decoder": picture.numpy(), "vae_encoder": latent.numpy()}


def parity(nets: Nets, encode: Encode, folder: Path, bits: int) -> dict[str, float]:
    """Relative error of every part in onnxruntime against fp32 torch; `folder` holds the parts."""
    feeds, answers = example_feeds(nets, encode)
    return {p: relative_error(open_session(folder / p / "model.onnx").run(None, feeds[p])[0], answers[p]) for p in PARTS}


def export(run: str, bits: int = BITS, folder: Path | None = None) -> Path:
    """Writes the whole folder, then measures parity of the fp32 and the shipped graphs."""
    start(0)
    folder, nets = folder or MODELS / run, Nets(run)
    hub_files(folder)
    encode = Encode(tokenizer_folder(run))
    write_tokenizer(encode.tokenizer, folder / "tokenizer")
    reference = checkpoint_path(run, "fp32").with_suffix("")
    for part in PARTS:
        nets.graph(part, 0).write(reference / part)
        nets.graph(part, bits).write(folder / part)
    _write_json(folder / "manifest.json", manifest(folder, nets.decoder, nets.concepts, nets.guidance))
    report = {"bits": bits, "fp32": parity(nets, encode, reference, 0), "shipped": parity(nets, encode, folder, bits)}
    if folder == MODELS / run:
        _write_json(RESULTS / f"{run}-parity.json", report)
    total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    say("export", megabytes=total / 1e6, **{f"{k}_{p}": v for k in ("fp32", "shipped") for p, v in report[k].items()})
    return folder
