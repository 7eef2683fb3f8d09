"""The model card: public/models/RUN/README.md, its numbers taken from forge/results, never typed."""

from __future__ import annotations

import json
from pathlib import Path

from forge import shorten
from forge.concepts import TONES, all_concepts
from forge.evaluate import table
from forge.grounds import GROUNDS
from forge.hues import HUES
from forge.measures import Share
from forge.paths import MODELS, RESULTS

TEXT = """---
license: apache-2.0
language: en
pipeline_tag: text-to-image
---

# Kiln Starter

Draws {concepts} everyday things as soft 3D pictures on coloured grounds: alone, two beside each other, two to four of a kind, in
another colour or in a place; 256 x 256, 320 x 192 or 192 x 320 px, in one to four steps. Tokenizer, text encoder, autoencoder and
denoiser were trained from scratch by `forge/` on two shared CPU cores, without any pretrained weights.

| part | what | parameters | size |
| --- | --- | --- | --- |
{parts}

Weights are 8-bit (linear layers: MatMulNBits in blocks of 32; convolutions: int8 per output channel); arithmetic is fp32.

## Prompts it understands

- `a red apple`, `a cat on a blue background`, `rocket, purple background`. Grounds: {grounds}; with none named the ground is a soft warm grey.
- `a dog to the left of a car`, `a star above a house`, `a cat next to a tree`, `an owl and a moon`: things of the first 200 everyday ones.
- `two bananas`, `three stars`, `four fish on a pink background`.
- `a blue cat`, `a green heart`. Colours: {hues}.
- `a robot on grass`, `a penguin in the snow`, `a crab on a beach`, `a rocket in the night sky`; `a small dog`, `a big star`.
- `an astronaut with medium dark skin tone`: of {people} people in five tones each, the tone asked for is drawn in {tone_all} ({tones}; 1 in 6 by chance).

{guidance}

## How good it is

Measured by an independent evaluator (its own net, seed and renders; frozen by hash before the denoiser's first step). It names things
among all {concepts} trained ones (controls: among these and the 40 controls), grounds, colours and counts, and finds two things in a scene
by windows; of wide and tall pictures it sees square windows along the longer side and answers by the one it is surest in. One seed a prompt, taken in hash order; percent [95 % Wilson interval]. *Held-out* combinations were never trained: H2 (thing,
ground), H1 (thing, thing), H3 (thing, count), H4 (thing, colour), H5 wordings. *Controls* are 40 things that were never trained: chance is
{chance:.2f} %. "Both right": both things are there; the thing and its count; the thing and its colour.

{table}

{distances}

(The kernel distance is an unbiased estimate and may be negative; it is not an FID.)

Training: {samples:,} samples of the denoiser in {minutes:.0f} minutes on one core, at the end on two, from the weights of the set before. The autoencoder keeps
{psnr:.1f} dB on pictures of concepts it never saw; its decoder was trained on at last on codes as this model and its brands draw them, beside pictures' own (`forge/train_decoder.py`). The first 64 held-out prompts with the usual one step, none chosen: `forge/results/starter-first-64.jpg`; pairs never
seen together: `forge/results/starter-pairs-64.jpg`. What was tried, also without success: `forge/LOG.md`.

## Smaller and quicker forms

Each against its fp32 parent on the same 100 prompts and noise; seconds on one thread of the machine that trained it.

{shorter}

## What it cannot do

- Anything outside its words: no photographs, no writing, no three different things in one picture. An unknown word gives a wrong picture, not a refusal.
- Some things still come out unclear, the rarer ones and people most, and fine detail is simplified: the latent is small (16 x 16 x 12) and training was short. Small faces lose their features in every skin tone.
- Relations in other words than those above ("on top of", "under") are mostly not understood (H5).
- A skin tone asked for is not always the tone drawn (above); {toned} of its people have tones in the source.
- Other attributes (happy, wearing a hat) are not understood and may spoil the picture.
- One drawing exists of each thing, so pictures of one prompt differ in placement and small shapes, not in design.
- English only, lower-cased, at most 32 tokens a window.
- The evaluator is ours as well, though independent of the training; no human judged these pictures.

## Data and licences

| source | licence | used for |
| --- | --- | --- |
| Fluent Emoji, Microsoft (`microsoft/fluentui-emoji`) | MIT | 3D drawings: all parts; flat and line drawings: autoencoder, evaluator, the Flat and Line brands |
| Noto Emoji, Google (`googlefonts/noto-emoji`) | Apache-2.0 | autoencoder and evaluator; the Noto brand |
| Blobmoji (`C1710/blobmoji`) | Apache-2.0 | autoencoder and evaluator; the Blob brand |

Names and keywords are Unicode CLDR's. People are drawn in the default yellow, in five skin tones and, where the source has them, as a man and
as a woman; genders evenly, then tones evenly.
"""
FOLDED = "Guidance is folded into the weights (scale {scale:g}, on the steps after the first): one pass a step at guidance 1, where a negative prompt has no effect; above 1 it runs two passes. Flow Euler, trailing schedule, one step by default: each further one starts from what the one before drew, and draws less of it."
TWO_PASSES = "Guidance {scale:g} in two passes, Flow Euler, trailing schedule, one step by default."


def percent(value: Share) -> str:
    return f"{100 * value['share']:.0f} %"


def parameters_of(folder: Path) -> dict[str, int]:
    """Parameters of each part, from the shipped graphs."""
    from forge.reload import reload_decoder, reload_denoiser, reload_encoder, reload_text_encoder

    nets = {"text_encoder": reload_text_encoder(folder), "transformer": reload_denoiser(folder),
            "vae_decoder": reload_decoder(folder), "vae_encoder": reload_encoder(folder)}
    return {name: sum(p.numel() for p in net.parameters()) for name, net in nets.items()}


def write_card(run: str, psnr: float) -> Path:
    folder = MODELS / run
    results = json.loads((RESULTS / f"{run}.json").read_text())
    shorter = json.loads((RESULTS / f"{run}-shorter.json").read_text())
    whats = {"text_encoder": "2 layers, width 256, 4,096 tokens", "transformer": "UViT: convolutions on the latent, 6 blocks on its 2 x 2 patches, width 256",
             "vae_decoder": "latent to picture", "vae_encoder": "picture to latent (image to image)"}
    counts = parameters_of(folder)
    sizes = {p: sum(f.stat().st_size for f in (folder / p).iterdir()) for p in whats}
    parts = "\n".join(f"| {p} | {w} | {counts[p] / 1e6:.1f} M | {sizes[p] / 1e6:.1f} MB |" for p, w in whats.items())
    known = all_concepts()
    text = TEXT.format(
        concepts=results["concepts"], grounds=", ".join(GROUNDS), hues=", ".join(HUES), table=table(results["scores"]), chance=100 * results["chance"],
        samples=results["samples"], minutes=results["minutes"], psnr=psnr, parts=parts, shorter=shorten.table(shorter),
        guidance=(FOLDED if results["guidance"] == 1 else TWO_PASSES).format(scale=results["folded guidance"]),
        distances="\n".join(f"- {k}: {v:g}" for k, v in results["distances"].items()),
        people=results["skin tones"]["light"]["of"], tone_all=percent(results["skin tones"]["all"]),
        tones=", ".join(f"{t.replace('-', ' ')} {percent(results['skin tones'][t])}" for t in TONES),
        toned=sum(bool(known[c].tones) for c in results["trained"]),
    )
    path = folder / "README.md"
    path.write_text(text)
    return path
