"""Scores the brands: does the frozen style judge tell them apart, and is what was asked for still named, by the frozen evaluator
and by the judge of names (forge/lora/name_judge.py)?

All saw real drawings of all five styles and nothing generated. The model is the shipped one, 8-bit weights as floats,
with each adapter as its file holds it (fp16).
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from forge.concepts import BASE_STYLE, STYLES, all_concepts
from forge.evaluate import Judge
from forge.evaluator.frozen import FrozenEvaluator
from forge.flow import USUAL_STEPS
from forge.lora.adapter import Matrices, merge, read_file
from forge.lora.base import base_hash, known_concepts, shipped
from forge.lora.brands import BRANDS, Brand, taught
from forge.lora.examples import in_style
from forge.lora.name_judge import WEIGHTS as NAMES
from forge.lora.name_judge import name_judge
from forge.lora.ship import ADAPTERS
from forge.lora.style_judge import WEIGHTS, StyleJudge
from forge.lora.style_scores import confusion, judge_scores
from forge.measures import Share, share
from forge.paths import REPO, RESULTS
from forge.pictures import Pictures, load_pictures
from forge.pipelines import generate
from forge.prompts import Prompt, Sets
from forge.scenes import render
from forge.splits import control_concepts
from forge.training import say, start

PROMPTS = "things that brands are taught on: all that are held out (H2), then trained ones"
COUNT = 200
FURTHER = 400
"""Trained prompts beyond these, on which only styles are judged: what to ship may be chosen by them, never by the first."""
UNTAUGHT = "things no brand was taught on"
OTHERS = {UNTAUGHT: 60, "pair, trained": 30, "count, trained": 30}
"""Looked at by the evaluator and the judge as well, without a promise: how far a style reaches beyond what it was taught on, and
scenes that it must not break."""
JUDGED = 120
"""Concepts whose real drawings the judge itself is measured on."""


def save_grid(rows: list[Tensor], path: Path, size: int = 128) -> None:
    """One row of pictures [N, 3, 256, 256] under another, as a JPEG: a palette would draw steps where a picture has none."""
    small = [torch.nn.functional.interpolate(r.clamp(-1, 1), (size, size), mode="area") for r in rows]
    grid = torch.cat([torch.cat(list(r), 2) for r in small], 1)
    image = Image.fromarray(((grid.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy())
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=92, subsampling=0)


def there(folder: Path = ADAPTERS) -> list[Brand]:
    """The brands whose files exist."""
    return [b for b in BRANDS if (folder / f"{b.id}.safetensors").exists()]


def brand_stacks(folder: Path = ADAPTERS) -> dict[str, list[tuple[Matrices, float]]]:
    """Style -> the stack that asks for it; the base has none."""
    return {BASE_STYLE: []} | {b.style: [(read_file(folder / f"{b.id}.safetensors")[0], 1.0)] for b in there(folder)}


def named(by: FrozenEvaluator, among: list[str], pictures: Tensor, prompts: list[Prompt]) -> Share:
    """R@1 of things alone by a judge."""
    return share([r == 1 for r in by.ranks(by.look(pictures).concept, [p.concepts[0] for p in prompts], among)])


def real_drawings(pictures: Pictures, prompts: list[Prompt], style: str) -> tuple[Tensor, list[Prompt]]:
    """The style's real drawings on the very grounds that are asked for (a black line on black is not to be seen), and their
    prompts."""
    drawn = [(p, scene) for p in prompts if (scene := p.scene if style == BASE_STYLE else in_style(p.scene, pictures, style))]
    rng = random.Random(5)
    return torch.cat([render(pictures, [scene for _, scene in drawn[n : n + 20]], rng) for n in range(0, len(drawn), 20)]), [p for p, _ in drawn]


def table(results: dict) -> str:
    def cell(s: dict) -> str:
        return f"{100 * s['share']:.1f} [{100 * s['low']:.1f}, {100 * s['high']:.1f}]"

    titles = ("asked for", "told apart", "named", "of the base's", "real drawings named", "by the evaluator: named", "of the base's", "real drawings named", "ground",
              "seen as " + " / ".join(STYLES))
    rows = ["| " + " | ".join(titles) + " |", "| --- " * len(titles) + "|"]
    for style, row in results["styles"].items():
        seen = " / ".join(str(results["confusion"][style][s]) for s in STYLES)
        rows.append(f"| {style} | {cell(row['style'])} | {cell(row['named'])} | {100 * row['named of base']:.1f} | {cell(row['real named'])} "
                    f"| {cell(row['r1'])} | {100 * row['of base']:.1f} | {cell(row['real'])} | {cell(row['ground'])} | {seen} |")
    rows.append(f"| all | {cell(results['told apart'])} " + "| " * (len(titles) - 2) + "|")
    rows += [f"On {FURTHER} further prompts {style} is told in {cell(told)}." for style, told in results["further"].items()]
    return "\n".join(rows)


def evaluate(count: int = COUNT, folder: Path = ADAPTERS, steps: int = USUAL_STEPS, out: Path | None = RESULTS / "brands.json",
             sheet: Path | None = REPO / "docs" / "brands.jpg") -> dict:
    """Prints the scores with 95 % Wilson intervals and writes forge/results/brands.json and the sheet."""
    start(0)
    pictures, known = load_pictures(256), known_concepts()
    judge, style_judge, names = Judge(Sets(pictures, known)), StyleJudge(), name_judge()
    common = taught()
    prompts = judge.sets.of(list(common), count)
    trained = judge.sets.of(list(common), count - len(prompts) + FURTHER, held=False)
    prompts, further = prompts + trained[: count - len(prompts)], trained[count - len(prompts) :]
    others = {n: judge.sets.of([c for c in known if c not in common], k) if n == UNTAUGHT else judge.sets.draw(n, k) for n, k in OTHERS.items()}
    results: dict = {"judge": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(), "names": hashlib.sha256(NAMES.read_bytes()).hexdigest(), "base": base_hash(), "prompts": PROMPTS, "steps": steps, "styles": {}, "further": {}, "scenes": {},
                     "adapters": {b.id: hashlib.sha256((folder / f"{b.id}.safetensors").read_bytes()).hexdigest() for b in there(folder)}}
    seen, rows = {}, []
    for style, stack in brand_stacks(folder).items():
        parts = shipped()
        merge(parts.denoiser, stack)
        made = generate(parts, [p.text for p in prompts], steps)
        rows.append(made[:8])
        seen[style] = style_judge.name(made)
        real, asked = real_drawings(pictures, prompts, style)
        row = judge.score(PROMPTS, made, prompts) | {"style": share([s == style for s in seen[style]]), "named": named(names, judge.among, made, prompts),
                                                     "real": named(judge.evaluator, judge.among, real, asked), "real named": named(names, judge.among, real, asked)}
        base = results["styles"].get(BASE_STYLE, row)
        results["styles"][style] = row | {to: round(row[of]["share"] / max(base[of]["share"], 1e-9), 4) for of, to in (("r1", "of base"), ("named", "named of base"))}
        if count >= COUNT:
            results["further"][style] = share([s == style for s in style_judge.name(generate(parts, [p.text for p in further], steps))])
        say("brands", style=style, told=row["style"]["share"], named=row["named"]["share"], by_evaluator=row["r1"]["share"])
        for name, scenes in others.items() if count >= COUNT else ():
            drawn = generate(parts, [p.text for p in scenes], steps)
            results["scenes"][f"{style}, {name}"] = judge.score(name, drawn, scenes) | {"style": share([s == style for s in style_judge.name(drawn)])}
    results["confusion"] = confusion(seen)
    results["told apart"] = share([s == style for style, answers in seen.items() for s in answers])
    if out and count >= COUNT:
        codec = (parts.encoder, parts.decoder)
        controls = tuple(all_concepts()[c] for c in control_concepts())
        results["judge on real drawings"] = {"of what brands are taught on": judge_scores(style_judge, pictures, common, JUDGED, codec),
                                             "of all that the starter draws": judge_scores(style_judge, pictures, known, JUDGED, codec),
                                             "of controls it never saw": judge_scores(style_judge, pictures, controls, len(controls), codec)}
        out.write_text(json.dumps(results, indent=1) + "\n")
        if sheet:
            save_grid(rows, sheet)
    print(table(results))
    return results
