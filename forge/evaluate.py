"""Scores a model with the frozen evaluator: every prompt set at 4 steps, singles at 1 to 16, the evaluator's own ceiling
on real pictures, distance of distributions, variety and nearness to the training pictures."""

from __future__ import annotations

import json
import random
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from forge.autoencoder import Decoder, Encoder
from forge.concepts import all_concepts, starter_concepts
from forge.evaluator.frozen import FrozenEvaluator
from forge.flow import GUIDANCE, USUAL_STEPS
from forge.grounds import GROUND_NAMES
from forge.hues import HUE_NAMES
from forge.measures import Share, kernel_distance, nearest_ratio, share, spread
from forge.paths import MODELS, RESULTS
from forge.pictures import load_pictures
from forge.pipelines import OnnxParts, Parts, TorchParts, generate
from forge.prompts import Prompt, Sets
from forge.scenes import ASPECTS, render
from forge.sources.digest import data_digest
from forge.splits import control_concepts
from forge.tones import tones_followed
from forge.training import checkpoint_path, codec_of, load, say, start

Row = dict[str, Share]
WINDOW = 128
"""Pixels of the evaluator's window on scenes of two things."""
APART = 20
"""Pixels that two centres differ by at least, for a relation to hold."""
COUNTS = {"single, held-out (H2)": 200, "single, trained": 200, "single, wide": 60, "single, tall": 60,
          "single, big": 60, "single, small": 60, "pair, held-out (H1)": 120, "pair, trained": 80, "pair, new wording (H5)": 40, "count, held-out (H3)": 60, "count, trained": 60,
          "colour, held-out (H4)": 60, "colour, trained": 60, "never-trained controls (H6)": 200}
"""How many prompts of each set; the first in hash order."""
SIZED = ("single, big", "single, small")


class Judge:
    """The frozen evaluator over one vocabulary."""

    def __init__(self, sets: Sets):
        self.evaluator, self.sets = FrozenEvaluator(), sets
        self.among = [c.id for c in sets.concepts]

    def score(self, name: str, pictures: Tensor, prompts: list[Prompt]) -> Row:
        """The measures that fit the kind of prompt."""
        answers = self.evaluator.look(pictures)
        seen = [GROUND_NAMES[n] for n in answers.ground.argmax(1).tolist()]
        row: Row = {"ground": share([s == p.scene.ground for s, p in zip(seen, prompts)])}
        if prompts[0].scene.kind == "pair":
            return row | self._pairs(pictures, prompts)
        among = self.among + list(control_concepts()) if "control" in name else self.among
        ranks = self.evaluator.ranks(answers.concept, [p.concepts[0] for p in prompts], among)
        row |= {"r1": share([r == 1 for r in ranks]), "r5": share([r <= 5 for r in ranks])}
        if prompts[0].scene.kind == "count":
            right = [n + 1 == len(p.scene.things) for n, p in zip(answers.count.argmax(1).tolist(), prompts)]
            row |= {"count": share(right), "both": share([c and r == 1 for c, r in zip(right, ranks)])}
        if prompts[0].scene.kind == "hue":
            right = [HUE_NAMES[n] == p.scene.things[0].hue for n, p in zip(answers.hue.argmax(1).tolist(), prompts)]
            row |= {"colour": share(right), "both": share([c and r == 1 for c, r in zip(right, ranks)])}
        return row

    def _pairs(self, pictures: Tensor, prompts: list[Prompt]) -> Row:
        present, right = [], []
        for picture, p in zip(pictures, prompts):
            found = self.evaluator.find(picture, p.concepts, self.among, WINDOW)
            present.append(len(found) == 2)
            right.append(present[-1] and holds(p.scene.relation, *(found[c] for c in p.concepts)))
        return {"both": share(present), "relation": share(right)}


def holds(relation: str | None, a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Is `a` where the relation says, seen from `b`?"""
    return {"left": a[0] < b[0] - APART, "right": a[0] > b[0] + APART, "above": a[1] < b[1] - APART, "below": a[1] > b[1] + APART}[relation]


def size_of(prompts: list[Prompt]) -> tuple[int, int]:
    return ASPECTS[prompts[0].scene.aspect]


def real_pictures(sets: Sets, prompts: list[Prompt], seed: int = 5) -> Tensor:
    """The true composites of the prompts (pairs that a split keeps back were never among the training's)."""
    rng = random.Random(seed)
    return torch.cat([render(sets.pictures, [p.scene for p in prompts[n : n + 10]], rng) for n in range(0, len(prompts), 10)])


@torch.no_grad()
def through_autoencoder(run: str, pictures: Tensor) -> Tensor:
    kept = codec_of(run)
    encoder, decoder = Encoder(), Decoder()
    encoder.load_state_dict(kept["encoder"])
    decoder.load_state_dict(kept["decoder"])
    return torch.cat([decoder(encoder(p)) for p in pictures.split(10)])


def save_sheet(pictures: Tensor, path: Path, side: int = 8, size: int = 128) -> None:
    """The first 64 pictures in the order of the prompts; none chosen."""
    small = torch.nn.functional.interpolate(pictures[: side * side].clamp(-1, 1), (size, size), mode="area")
    grid = small.unflatten(0, (-1, side)).permute(0, 3, 1, 4, 2).reshape(-1, side * size, 3)
    image = Image.fromarray(((grid + 1) * 127.5).round().byte().numpy())
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **({"quality": 88} if path.suffix == ".jpg" else {}))


def save_sheets(parts: Parts, run: str, judge: Judge) -> None:
    """RUN-first-64.jpg, things alone, and RUN-pairs-64.jpg, held-out pairs: what the studio draws of them as it comes."""
    for name, file in (("single, held-out (H2)", "first"), ("pair, held-out (H1)", "pairs")):
        prompts = judge.sets.draw(name, COUNTS[name])[:64]
        save_sheet(generate(parts, [p.text for p in prompts], USUAL_STEPS, size=size_of(prompts)), RESULTS / f"{run}-{file}-64.jpg")


def ceiling(run: str, judge: Judge) -> dict[str, Row]:
    """The evaluator on real pictures of the very prompts the model is asked for: nothing generated can be expected above."""
    results: dict[str, Row] = {}
    for name, count in COUNTS.items():
        prompts = judge.sets.draw(name, count)
        real = real_pictures(judge.sets, prompts)
        results[f"real pictures, {name}"] = judge.score(name, real, prompts)
        if name == "single, held-out (H2)":
            results[f"through the autoencoder, {name}"] = judge.score(name, through_autoencoder(run, real), prompts)
    return results


def measure(parts: Parts, label: str, judge: Judge, steps: tuple[int, ...], names: tuple[str, ...] = tuple(COUNTS),
            count: int | None = None) -> dict[str, Row]:
    """Every set of `names` at 4 steps, the held-out singles at each of `steps`, told sizes at the usual step as well, and the
    first set's earlier concepts alone."""
    results: dict[str, Row] = {}

    def add(name: str, prompts: list[Prompt], n: int) -> None:
        pictures = generate(parts, [p.text for p in prompts], n, size=size_of(prompts))
        key = f"{label}, {name}, {n} step{'s' if n > 1 else ''}"
        results[key] = judge.score(name, pictures, prompts)
        say("evaluate", what=key, **{k: v["share"] for k, v in results[key].items()})

    for name in names:
        prompts = judge.sets.draw(name, min(COUNTS[name], count or COUNTS[name]))
        for n in steps if name == "single, held-out (H2)" else (USUAL_STEPS, 4) if name in SIZED else (4,):
            add(name, prompts, n)
    first = [c for c in starter_concepts(303) if c.id in judge.among]
    if first and "single, held-out (H2)" in names:
        add("single, held-out (H2), the first 303 concepts", judge.sets.of(first, count or 200), 4)
    return results


def distances(parts: Parts, label: str, judge: Judge, count: int = 200, seeds: int = 6) -> dict[str, float]:
    """Kernel distance to real pictures beside its real-against-real floor; variety over seeds beside that of real pictures
    in other placements; nearness of held-out scenes to training scenes beside that of real held-out scenes."""
    evaluator, sets = judge.evaluator, judge.sets
    prompts = sets.draw("single, held-out (H2)", count)
    made = evaluator.features(generate(parts, [p.text for p in prompts], 4))
    real, again = (evaluator.features(real_pictures(sets, sets.draw("single, held-out (H2)", count), s)) for s in (5, 6))
    few = prompts[:20]
    over_seeds = torch.stack([evaluator.features(generate(parts, [p.text for p in few], 4, seed=s)) for s in range(1, seeds + 1)], 1)
    placed = torch.stack([evaluator.features(real_pictures(sets, [p for p in sets.draw("single, held-out (H2)", 20)])) for _ in range(seeds)], 1)
    scenes = sets.draw("pair, held-out (H1)", 60)
    trained = evaluator.features(real_pictures(sets, sets.draw("pair, trained", 400)))
    return {
        "kernel distance": kernel_distance(made, real), "kernel distance, real against real": kernel_distance(again, real),
        "variety over seeds": spread(list(over_seeds)), "variety of real placements": spread(list(placed)),
        "nearest-training ratio, held-out pairs": nearest_ratio(evaluator.features(generate(parts, [p.text for p in scenes], 4)), trained),
        "nearest-training ratio, real held-out pairs": nearest_ratio(evaluator.features(real_pictures(sets, scenes)), trained),
    }


def merge(run: str, facts: dict, scores: dict[str, Row]) -> dict:
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
    """Ceilings first, then fp32, q8, q4; within each by set and by steps."""
    order = next((n for n, k in enumerate(("real", "through", "fp32", "q8", "q4")) if label.startswith(k)), 9)
    kind = next((n for n, k in enumerate(COUNTS) if k in label), 99)
    steps = [int(w) for w in label.split() if w.isdigit()]
    return order, kind, steps[-1] if steps else 0, label


MEASURES = {"r1": "R@1", "r5": "R@5", "ground": "ground", "both": "both right", "relation": "and relation", "count": "count", "colour": "colour"}


def table(results: dict[str, Row]) -> str:
    """Markdown: one row per measurement, 95 % Wilson intervals in brackets."""
    def cell(value: Share | None) -> str:
        return "" if value is None else f"{100 * value['share']:.1f} [{100 * value['low']:.1f}, {100 * value['high']:.1f}]"

    rows = ["| what | " + " | ".join(MEASURES.values()) + " |", "| --- " * (len(MEASURES) + 1) + "|"]
    rows += [f"| {name} | " + " | ".join(cell(s.get(m)) for m in MEASURES) + " |" for name, s in results.items()]
    return "\n".join(rows)


def evaluate(run: str, only: str | None, steps: tuple[int, ...], count: int | None = None) -> None:
    """Writes forge/results/RUN.json; `only` is one of ceiling, fp32, q8, q4 (default: the first three)."""
    start(0)
    torch_parts = TorchParts(run)
    judge = Judge(Sets(load_pictures(256), tuple(all_concepts()[c] for c in torch_parts.concepts)))
    facts = {"concepts": len(torch_parts.concepts), "trained": torch_parts.concepts, "data": data_digest(), "samples": torch_parts.samples, "minutes": round(torch_parts.minutes, 1),
             "guidance": torch_parts.guidance, "folded guidance": GUIDANCE, "chance": round(1 / (len(torch_parts.concepts) + len(control_concepts())), 5)}
    results: dict = {"scores": {}}
    if only in (None, "ceiling"):
        results = merge(run, facts, ceiling(run, judge))
    if only in (None, "fp32"):
        results = merge(run, facts, measure(torch_parts, "fp32", judge, steps, count=count))
    if only in (None, "q8"):
        parts = OnnxParts(MODELS / run)
        shipped = json.loads((MODELS / run / "manifest.json").read_text())["files"]["transformer/model.onnx_data"]["sha256"]
        results = merge(run, {**facts, "weights": shipped}, measure(parts, "q8", judge, steps, count=count))
        save_sheets(parts, run, judge)
        followed = tones_followed(parts, judge.sets)
        results = merge(run, {"distances": {k: round(v, 5) for k, v in distances(parts, "q8", judge).items()}, "skin tones": followed}, {})
    if only == "q4":
        from forge.package import export

        folder = export(run, 4, checkpoint_path(run, "q4").with_suffix(""))
        results = merge(run, facts, measure(OnnxParts(folder), "q4", judge, (4,), ("single, held-out (H2)", "pair, held-out (H1)"), count))
    print(table(results["scores"]))
