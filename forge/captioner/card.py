"""The captioner's model card: public/models/captioner/README.md, its numbers taken from forge/results, never typed."""

from __future__ import annotations

import json
from pathlib import Path

from forge.captioner.scenes import MORE_CONCEPTS, captioner_concepts
from forge.captioner.starter import FOLDER
from forge.concepts import all_concepts
from forge.measures import Share
from forge.paths import RESULTS

TEXT = """---
license: apache-2.0
language: en
pipeline_tag: image-to-text
---

# Kiln Captioner

Says what is in a drawing, answers questions about it and scores how well a text fits. The architecture is BLIP's
(`BlipForConditionalGeneration`, `BlipForQuestionAnswering`, `BlipForImageTextRetrieval` of `transformers`) at a small size, the three
sharing one vision tower, one text encoder and one decoder: {vision}.
{parameters:,} parameters, {megabytes:.1f} MB in 8 bits; arithmetic is fp32. Trained from scratch by `forge/`, without any pretrained weights.

It names {concepts} things: all that the starter draws, and {more}. It was trained on Fluent Emoji (MIT; soft 3D, flat, line) and Noto Emoji (Apache-2.0) in
composed scenes: {samples:,} pictures with captions, questions and true and false texts after {vision_samples:,} pictures with dense labels alone, {minutes:.0f}
minutes on one CPU core, a part of them shared.

## What it says

- Captions: `a cat to the left of a dog on a blue background`, `three apples`, `a purple star on grass, flat style`. Skin tones and genders are not named.
- Questions: `what is this?`, `what is on the left?`, `what is above the dog?`, `what colour is the background?`, `what colour is the star?`,
  `how many cats are there?`, `is there a dog?`, `where is the dog?`, `what style is this?`
- Matching and similarity: any text of its {words:,} words; other words fall into letters that mean nothing to it.

## How good it is

On scenes it was never shown, through its own preprocessing, from pixels alone; 8-bit weights as shipped; percent [95 % Wilson interval], n. H1: pairs of things never
seen together, H2: things on grounds, H3: counts, H4: colours never seen together, H7: sizes and places never shown, H8: a drawing style never shown.
A caption counts as right in a fact only when the whole fact is: every thing named, ground and colour, number, both things on their right sides.

{table}

{gates}

Safety list (`safety.json`): {safety}

## What it cannot do

It knows drawings, no photographs, no people, no writing, nothing outside its {concepts} things: of these it says something wrong, in the same sure words. Its
fit score is blind to everything it cannot name. It must not judge the generator it was trained beside: that is the evaluator's task.
The safety list finds drawings of the named things; it is no nudity filter.
"""


def _percent(s: Share) -> str:
    return f"{100 * s['share']:.1f} [{100 * s['low']:.1f}, {100 * s['high']:.1f}], {s['of']}"


def write_card(folder: Path = FOLDER) -> Path:
    told = json.loads((RESULTS / "captioner.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    vision, text = config["vision_config"], config["text_config"]
    lines = ["| what | fact | right |", "| --- | --- | --- |"]
    lines += [f"| {name} | {fact} | {_percent(s)} |" for name, row in told["rows"].items() for fact, s in row.items()]
    missed = [name for name, met in told["gates"].items() if not met]
    shape = (f"{vision['num_hidden_layers']} layers of {vision['hidden_size']} on {vision['image_size']} px in patches of {vision['patch_size']}; "
             f"encoder and decoder {text['num_hidden_layers']} layers of {text['hidden_size']}")
    safety = "; ".join(
        f"{c['name']} ({', '.join(c['names'])}): {_percent(c['measured']['found'])} of pictures with one found, {_percent(c['measured']['falseAlarms'])} false alarms"
        for c in json.loads((folder / "safety.json").read_text())["concepts"]
    )
    total = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.name != "README.md")
    path = folder / "README.md"
    path.write_text(TEXT.format(
        vision=shape, parameters=told["parameters"], megabytes=total / 1e6, concepts=len(captioner_concepts()), words=text["vocab_size"],
        more=", ".join(all_concepts()[c].title for c in MORE_CONCEPTS), samples=told["training"]["samples"], vision_samples=told["training"]["visionSamples"],
        minutes=told["training"]["minutes"], table="\n".join(lines), safety=safety,
        gates="All gates of its release are met." if not missed else "Gates of its release that it misses: " + "; ".join(missed) + ".",
    ))
    return path
