"""Scores a model with the frozen evaluator: held-out pairs, never-trained controls, and the evaluator's own ceiling."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from forge.autoencoder import Decoder, Encoder
from forge.concepts import BASE_STYLE, starter_concepts
from forge.evaluator.frozen import FrozenEvaluator
from forge.grounds import GROUND_NAMES
from forge.latents import Placement, placement_of, render
from forge.paths import MODELS, RESULTS
from forge.pictures import load_pictures
from forge.pipelines import GUIDANCE, OnnxParts, Parts, TorchParts, generate
from forge.prompts import Prompt, control_prompts, held_out_prompts, trained_prompts
from forge.splits import control_concepts
from forge.training import checkpoint_path, load, say, start

Score = dict[str, object]


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    if not count:
        return 0.0, 1.0
    p = hits / count
    middle, spread = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def share(hits: list[bool]) -> Score:
    low, high = wilson(sum(hits), len(hits))
    return {"hits": sum(hits), "of": len(hits), "share": round(sum(hits) / max(1, len(hits)), 4), "low": round(low, 4), "high": round(high, 4)}


def score(evaluator: FrozenEvaluator, pictures: Tensor, prompts: list[Prompt], among: list[str]) -> Score:
    """R@1 and R@5 of the concept among the candidates; share of right grounds."""
    concept, ground, _ = evaluator.look(pictures)
    ranks = evaluator.ranks(concept, [p.concept.id for p in prompts], among)
    seen = [GROUND_NAMES[n] for n in ground.argmax(1).tolist()]
    return {"r1": share([r == 1 for r in ranks]), "r5": share([r <= 5 for r in ranks]),
            "ground": share([s == p.ground for s, p in zip(seen, prompts)])}


def real_pictures(prompts: list[Prompt]) -> Tensor:
    """The true composites of the prompts, drawn as training pictures are (pairs of H2 were never among those)."""
    pictures, rng, placements = load_pictures(256), random.Random(99), []
    for p in prompts:
        row = rng.choice(pictures.by_concept[(BASE_STYLE, p.concept.id)])
        placements.append(Placement(p.concept.id, p.ground, None, row, *placement_of(rng)))
    return torch.cat([render(pictures, placements[n : n + 20]) for n in range(0, len(placements), 20)])


@torch.no_grad()
def through_autoencoder(run: str, pictures: Tensor) -> Tensor:
    kept = load(checkpoint_path(run, "autoencoder"))
    encoder, decoder = Encoder(), Decoder()
    encoder.load_state_dict(kept["encoder"])
    decoder.load_state_dict(kept["decoder"])
    return torch.cat([decoder(encoder(p)) for p in pictures.split(10)])


def save_sheet(pictures: Tensor, path: Path, side: int = 8, size: int = 96) -> None:
    """The first 64 pictures in the order of the prompts; none chosen."""
    small = torch.nn.functional.interpolate(pictures[: side * side].clamp(-1, 1), (size, size), mode="area")
    grid = small.unflatten(0, (-1, side)).permute(0, 3, 1, 4, 2).reshape(-1, side * size, 3)
    image = Image.fromarray(((grid + 1) * 127.5).round().byte().numpy())
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def table(results: dict[str, Score]) -> str:
    """Markdown: one row per measurement, 95 % Wilson intervals in brackets."""

    def cell(value: dict) -> str:
        return f"{100 * value['share']:.1f} % [{100 * value['low']:.1f}, {100 * value['high']:.1f}]"

    rows = ["| what | R@1 | R@5 | ground |", "| --- | --- | --- | --- |"]
    rows += [f"| {name} | {cell(s['r1'])} | {cell(s['r5'])} | {cell(s['ground'])} |" for name, s in results.items()]
    return "\n".join(rows)


def ceiling(run: str, concepts: int) -> dict[str, Score]:
    """The evaluator on real pictures of the very pairs the model is asked for: nothing generated can be expected above."""
    evaluator, prompts, controls = FrozenEvaluator(), held_out_prompts(concepts), control_prompts()
    trained = [c.id for c in starter_concepts(concepts)]
    wide = trained + list(control_concepts())
    real = real_pictures(prompts)
    results = {
        "real pictures of the held-out pairs": score(evaluator, real, prompts, trained),
        "the same through the autoencoder": score(evaluator, through_autoencoder(run, real), prompts, trained),
        "real pictures of the controls": score(evaluator, real_pictures(controls), controls, wide),
    }
    return results


def measure(parts: Parts, name: str, concepts: int, steps: tuple[int, ...], sheet: Path | None = None, count: int = 200) -> dict[str, Score]:
    """Held-out pairs at each step count, controls and trained pairs at four steps."""
    evaluator = FrozenEvaluator()
    prompts, controls, seen = held_out_prompts(concepts, count), control_prompts(count), trained_prompts(concepts, count)
    trained = [c.id for c in starter_concepts(concepts)]
    wide = trained + list(control_concepts())
    results: dict[str, Score] = {}

    def add(label: str, pictures: Tensor, asked: list[Prompt], among: list[str]) -> None:
        results[f"{name}, {label}"] = score(evaluator, pictures, asked, among)
        say("evaluate", what=f"{name}, {label}", r1=results[f"{name}, {label}"]["r1"]["share"], ground=results[f"{name}, {label}"]["ground"]["share"])

    for n in steps:
        pictures = generate(parts, [p.text for p in prompts], n)
        add(f"held-out pairs, {n} step{'s' if n > 1 else ''}", pictures, prompts, trained)
        if n == 4 and sheet:
            save_sheet(pictures, sheet)
    add("never-trained controls, 4 steps", generate(parts, [p.text for p in controls], 4), controls, wide)
    add("trained pairs, 4 steps", generate(parts, [p.text for p in seen], 4), seen, trained)
    return results


def merge(run: str, facts: dict, scores: dict[str, Score]) -> dict:
    """Adds to forge/results/RUN.json what this process measured; others may have added theirs meanwhile."""
    path = RESULTS / f"{run}.json"
    path.parent.mkdir(exist_ok=True)
    results: dict = json.loads(path.read_text()) if path.exists() else {"scores": {}}
    results.update(facts)
    known = results["scores"] | scores
    results["scores"] = {k: known[k] for k in sorted(known, key=_place_in_table)}
    path.write_text(json.dumps(results, indent=1) + "\n")
    return results


def _place_in_table(label: str) -> tuple[int, int, int, str]:
    """Ceilings first, then fp32, q8, q4; within each by what was asked and by steps."""
    name, _, what = label.partition(", ")
    order = {"fp32": 1, "q8": 2, "q4": 3}.get(name, 0)
    kinds = ("held-out", "never-trained", "trained")
    kind = next((n for n, k in enumerate(kinds) if what.startswith(k)), 0)
    steps = [int(w) for w in what.split() if w.isdigit()]
    return order, kind, steps[0] if steps else 0, label


def evaluate(run: str, only: str | None, steps: tuple[int, ...], count: int = 200) -> None:
    """Writes forge/results/RUN.json; `only` is one of ceiling, fp32, q8, q4 (default: the first three)."""
    start(0)
    torch_parts = TorchParts(run)
    concepts = torch_parts.concepts
    facts = {
        "concepts": concepts, "samples": torch_parts.samples, "minutes": round(torch_parts.minutes, 1),
        "exposures": round(torch_parts.samples / concepts), "guidance": GUIDANCE, "chance": round(1 / (concepts + len(control_concepts())), 5),
    }
    results: dict = {"scores": {}}
    if only in (None, "ceiling"):
        results = merge(run, facts, ceiling(run, concepts))
    if only in (None, "fp32"):
        results = merge(run, facts, measure(torch_parts, "fp32", concepts, steps, None, count))
    if only in (None, "q8"):
        results = merge(run, facts, measure(OnnxParts(MODELS / run), "q8", concepts, steps, RESULTS / f"{run}-first-64.png", count))
    if only == "q4":
        from forge.package import export

        folder = export(run, 4, checkpoint_path(run, "q4").with_suffix(""))
        results = merge(run, facts, measure(OnnxParts(folder), "q4", concepts, steps, None, count))
    print(table(results["scores"]))
    print(f"chance of a control: {100 * facts['chance']:.2f} %")
