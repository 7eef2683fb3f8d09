"""The model card: public/models/RUN/README.md, its numbers taken from forge/results, never typed."""

from __future__ import annotations

import json
from pathlib import Path

from forge.concepts import starter_concepts
from forge.evaluate import table
from forge.grounds import GROUNDS
from forge.paths import MODELS, RESULTS

TEXT = """---
license: apache-2.0
language: en
pipeline_tag: text-to-image
---

# Kiln Starter

Draws {concepts} everyday things as soft 3D pictures on coloured grounds, 256 x 256 px, in four steps. Tokenizer, text encoder,
autoencoder and denoiser were trained from scratch by `forge/` on two shared CPU cores, without any pretrained weights.

| part | what | parameters | size |
| --- | --- | --- | --- |
{parts}

Weights are 8-bit (linear layers: MatMulNBits in blocks of 32; convolutions: int8 per output channel); arithmetic is fp32.

## Prompts it understands

`a red apple`, `a cat on a blue background`, `rocket, purple background`. Grounds: {grounds}; with none named the ground is a soft warm grey.
A skin tone may be asked for (`an astronaut with medium dark skin tone`) but is not followed reliably; no score covers it yet. Guidance 2, Flow Euler, trailing schedule, 4 steps.

## How good it is

Measured by an independent evaluator (its own net, seed and renders; frozen by hash before the denoiser's first step). R@1: the evaluator
names the concept asked for, among all {concepts} trained ones (controls: among these and the 40 controls). 200 prompts a row, one seed each,
taken in hash order; [95 % Wilson interval]. *Held-out pairs* are (concept, ground) pairs that were never trained. *Controls* are 40 concepts
that were never trained: chance is {chance:.2f} %.

{table}

Training: {samples:,} samples ({exposures} per concept) in {minutes:.0f} minutes of one thread. The autoencoder keeps {psnr:.1f} dB on pictures of
concepts it never saw. The first 64 held-out prompts, none chosen: `forge/results/starter-first-64.png`.

## What it cannot do

- Anything outside its words: no scenes, no two things in one picture, no counting, no photographs, no writing. An unknown word gives a wrong picture, not a refusal.
- Fine detail is soft: the latent is small (16 x 16 x 12) and training was short. Small faces lose their features in every skin tone.
- Skin tone is followed loosely: few people are among the trained concepts ({toned}), and a tone asked for is not always the tone drawn. It is not scored here.
- Other attributes (happy, blue cat, wearing a hat) are not understood and may spoil the picture.
- Controls: R@1 is at chance; their R@5 is above it, with hits on `unlocked`, `pickup truck`, `tired face`, `white heart` and `tram car`, each close to a trained concept.
- One drawing exists of each thing, so pictures of one prompt differ in placement and small shapes, not in design.
- English only, lower-cased, at most 32 tokens a window.
- The evaluator is ours as well, though independent of the training; no human judged these pictures.

## Data and licences

| source | licence | used for |
| --- | --- | --- |
| Fluent Emoji, Microsoft (`microsoft/fluentui-emoji`) | MIT | 3D drawings: all parts; flat and line drawings: autoencoder and evaluator |
| Noto Emoji, Google (`googlefonts/noto-emoji`) | Apache-2.0 | autoencoder and evaluator |
| Blobmoji (`C1710/blobmoji`) | Apache-2.0 | autoencoder and evaluator |

Names and keywords are Unicode CLDR's. People are drawn in the default yellow and in five skin tones, sampled evenly ({toned} concepts).
"""


def parameters_of(folder: Path) -> dict[str, int]:
    """Parameters of each part, from the shipped graphs."""
    from forge.reload import reload_decoder, reload_denoiser, reload_encoder, reload_text_encoder

    nets = {"text_encoder": reload_text_encoder(folder), "transformer": reload_denoiser(folder),
            "vae_decoder": reload_decoder(folder), "vae_encoder": reload_encoder(folder)}
    return {name: sum(p.numel() for p in net.parameters()) for name, net in nets.items()}


def write_card(run: str, psnr: float) -> Path:
    folder = MODELS / run
    results = json.loads((RESULTS / f"{run}.json").read_text())
    whats = {"text_encoder": "2 layers, width 256, 4,096 tokens", "transformer": "UViT: convolutions at 16 x 16, 6 blocks on 8 x 8 tokens, width 256",
             "vae_decoder": "latent to picture", "vae_encoder": "picture to latent (image to image)"}
    counts = parameters_of(folder)
    sizes = {p: sum(f.stat().st_size for f in (folder / p).iterdir()) for p in whats}
    parts = "\n".join(f"| {p} | {w} | {counts[p] / 1e6:.1f} M | {sizes[p] / 1e6:.1f} MB |" for p, w in whats.items())
    text = TEXT.format(
        concepts=results["concepts"], grounds=", ".join(GROUNDS), table=table(results["scores"]), chance=100 * results["chance"],
        samples=results["samples"], exposures=results["exposures"], minutes=results["minutes"], psnr=psnr, parts=parts,
        toned=sum(bool(c.tones) for c in starter_concepts(results["concepts"])),
    )
    path = folder / "README.md"
    path.write_text(text)
    return path
