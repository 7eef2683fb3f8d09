"""Scores of the shipped captioner on scenes it was never shown: `python -m forge evaluate --captioner`.

Scenes are drawn at the generator's own size and go through the captioner's own preprocessing; it gets pixels, no file, name or
metadata. Every share has a 95 % Wilson interval.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from forge.captioner.captions import Facts, caption, question, wrong
from forge.captioner.held_out import SPLITS, HeldOut, judge, read
from forge.captioner.reference import squeezed
from forge.captioner.runner import Runner
from forge.captioner.scenes import SIDE, Views
from forge.captioner.starter import FOLDER, trained
from forge.concepts import BASE_STYLE, starter_concepts
from forge.flow import USUAL_STEPS
from forge.measures import Share, share
from forge.paths import MODELS, RESULTS
from forge.pictures import Pictures, load_pictures
from forge.scenes import Scene, render
from forge.splits import CAPTIONER_UNSEEN_STYLE
from forge.training import checkpoint_path, load, say

COUNTS = {"H1": 160, "H2": 100, "H3": 120, "H4": 100, "H7": 120}
GATES = {"concept": 0.90, "colour": 0.90, "count": 0.85, "relation": 0.80}
QUESTION_GATE, MATCH_GATE = 0.90, 0.88
ASKED = {"what": "what", "ground": "what colour", "hue": "what colour", "count": "how many", "there": "is there"}
SEED = 4711


@dataclass(frozen=True)
class Case:
    """A scene, its style, its picture as the captioner gets it, and what the vision model makes of it."""

    scene: Scene
    style: str
    picture: np.ndarray


def picture_of(pictures: Pictures, scene: Scene, rng: random.Random) -> np.ndarray:
    """Drawn at the generator's size, then squeezed as MANIFEST.md says."""
    full = render(pictures, [scene], rng)[0]
    return squeezed(as_image(full), SIDE)


def as_image(values: torch.Tensor) -> Image.Image:
    """[3, H, W] in [-1, 1] as a picture."""
    return Image.fromarray(((values.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy())


def held_out_cases(pictures: Pictures, counts: dict[str, int], seed: int = SEED) -> dict[str, list[Case]]:
    drawer, rng = HeldOut(pictures, seed), random.Random(seed)
    return {split: [Case(s, BASE_STYLE, picture_of(pictures, s, rng)) for s in drawer.scenes(split, counts[split])] for split in SPLITS}


def seen_cases(pictures: Pictures, count: int, seed: int = SEED) -> list[Case]:
    """Like the training's own, all four styles."""
    views, rng = Views(pictures, seed), random.Random(seed)
    return [Case(scene, style, picture_of(pictures, scene, rng)) for scene, style in (views.scene() for _ in range(count))]


def unseen_style_cases(pictures: Pictures, count: int, seed: int = SEED) -> list[Case]:
    """H8: singles of the style that was never shown."""
    views, rng, out = Views(pictures, seed), random.Random(seed), []
    while len(out) < count:
        scene, style = views.in_style(views.planner.single("square"), CAPTIONER_UNSEEN_STYLE)
        if style == CAPTIONER_UNSEEN_STYLE:
            out.append(Case(scene, style, picture_of(pictures, scene, rng)))
    return out


class Scorer:
    def __init__(self, folder: Path, seed: int = SEED):
        self.runner, self.rng = Runner(folder), random.Random(seed)
        self.said: list[tuple[str, str]] = []

    def captions(self, cases: list[Case], beams: int = 1) -> dict[str, list[bool]]:
        found: dict[str, list[bool]] = {}
        for case in cases:
            states = self.runner.see(case.picture)["last_hidden_state"]
            text = self.runner.words(self.runner.caption(states, beams))
            self.said.append((caption(case.scene, case.style), text))
            for name, right in judge(read(text), Facts.of(case.scene, case.style)).items():
                found.setdefault(name, []).append(right)
        return found

    def answers(self, cases: list[Case], each: int = 2) -> dict[str, list[bool]]:
        found: dict[str, list[bool]] = {}
        for case in cases:
            states = self.runner.see(case.picture)["last_hidden_state"]
            for kind, name in ASKED.items():
                for _ in range(each if kind == "there" else 1):
                    _, asked, right = question(case.scene, case.style, self.rng, kind)
                    if asked:
                        said = self.runner.words(self.runner.answer(states, asked))
                        found.setdefault(name, []).append(said.replace(" ", "") == right.replace(" ", ""))
        return found

    def matches(self, cases: list[Case]) -> dict[str, list[bool]]:
        """Is the right caption scored above one that is wrong in one fact? And is each on its side of one half?"""
        found: dict[str, list[bool]] = {"calibrated": []}
        for case in cases:
            seen = self.runner.see(case.picture)
            for kind in ("relation", "colour", "count", "sibling"):
                false = wrong(case.scene, case.style, self.rng, kind, clean=False)
                if false is None:
                    continue
                texts = [caption(case.scene, case.style), false[1]]
                logits = self.runner.fits(texts, seen["last_hidden_state"])
                margin = logits[:, 1] - logits[:, 0]
                found.setdefault(kind, []).append(bool(margin[0] > margin[1]))
                found["calibrated"] += [bool(margin[0] > 0), bool(margin[1] < 0)]
        return found

    def retrieval(self, cases: list[Case]) -> list[bool]:
        """Is a picture's own caption the most similar among all?"""
        texts = list(dict.fromkeys(caption(c.scene, c.style) for c in cases))
        hits = []
        for case in cases:
            scores = self.runner.similar(texts, self.runner.see(case.picture))
            hits.append(texts[int(scores.argmax())] == caption(case.scene, case.style))
        return hits


def generated_cases(count: int, model: str = "starter", steps: int = USUAL_STEPS) -> tuple[list[str], list[Case]]:
    """Prompts of the frozen evaluation (singles on held-out grounds, then pairs) and what the shipped generator drew."""
    from forge.pipelines import OnnxParts, generate
    from forge.prompts import Sets

    sets = Sets(load_pictures(80), tuple(starter_concepts()))
    prompts = sets.draw("single, held-out (H2)", count)
    drawn = generate(OnnxParts(MODELS / model), [p.text for p in prompts], steps, batch=10)
    return [p.text for p in prompts], [Case(p.scene, BASE_STYLE, squeezed(as_image(x), SIDE)) for p, x in zip(prompts, drawn)]


def _shares(found: dict[str, list[bool]]) -> dict[str, Share]:
    return {name: share(hits) for name, hits in found.items() if hits}


def _all(found: list[dict[str, list[bool]]]) -> dict[str, list[bool]]:
    merged: dict[str, list[bool]] = {}
    for one in found:
        for name, hits in one.items():
            merged.setdefault(name, []).extend(hits)
    return merged


def evaluate(folder: Path = FOLDER, part: float = 1.0, generator: int = 200, results: Path | None = RESULTS / "captioner.json", run: str | None = None) -> dict:
    """Prints and stores every share; `part` scales the number of scenes, `run` is the one that trained it (one that only has
    the shipped weights says of the training what was said before)."""
    pictures = load_pictures(256)
    scorer = Scorer(folder)
    held = held_out_cases(pictures, {s: max(2, round(n * part)) for s, n in COUNTS.items()})
    cases = [c for split in held.values() for c in split]
    by_split = {split: scorer.captions(group) for split, group in held.items()}
    rows: dict[str, dict[str, Share] | Share] = {"captions, held-out": _shares(_all(list(by_split.values())))}
    rows |= {f"captions, held-out ({split})": _shares(found) for split, found in by_split.items()}
    rows["captions, held-out, three beams"] = _shares(scorer.captions(cases[:: max(1, round(3 * part))], beams=3))
    rows["captions, as trained"] = _shares(scorer.captions(seen_cases(pictures, max(4, round(160 * part)))))
    rows["captions, style never shown (H8)"] = _shares(scorer.captions(unseen_style_cases(pictures, max(4, round(150 * part)))))
    rows["answers, held-out"] = _shares(scorer.answers(cases))
    matches = scorer.matches(cases)
    calibrated = matches.pop("calibrated")
    rows["matching, held-out"] = {"all": share([h for hits in matches.values() for h in hits]), **_shares(matches), "right side of one half": share(calibrated)}
    rows["own caption first, held-out"] = {"of all": share(scorer.retrieval(cases[:: max(1, round(4 * part))]))}
    if generator:
        texts, drawn = generated_cases(generator)
        rows["captions of our generator's pictures"] = _shares(scorer.captions(drawn))
    before = json.loads(results.read_text()) if results and results.exists() else {}
    training = trained_by(run) if run and checkpoint_path(run, "captioner").exists() else {k: before[k] for k in ("parameters", "training") if k in before}
    told = {"model": "captioner", **training, "forms": "8-bit weights, as shipped", "scenes": len(cases), "rows": rows, "gates": gates(rows), "examples": scorer.said[:: max(1, len(scorer.said) // 24)]}
    for name, row in rows.items():
        for fact, s in row.items():
            say(name, fact=fact, share=s["share"], low=s["low"], high=s["high"], of=s["of"])
    for name, passed in told["gates"].items():
        print(f"{'met ' if passed else 'MISSED'} {name}")
    if results:
        results.write_text(json.dumps(told, indent=1) + "\n")
    return told


def trained_by(run: str) -> dict:
    """Size of the network, and how long it learned."""
    kept, seen = load(checkpoint_path(run, "captioner")), load(checkpoint_path(run, "vision")) or load(checkpoint_path(run, "vision-training"))
    minutes = kept["minutes"] + (seen["minutes"] if "minutes" in seen else seen["seconds"] / 60)
    blip, _ = trained(run)
    return {"parameters": sum(p.numel() for p in blip.parameters()),
            "training": {"samples": kept["samples"], "visionSamples": seen.get("samples") or seen["done"], "minutes": round(minutes, 1)}}


def gates(rows: dict) -> dict[str, bool]:
    """What the release asks for, on the held-out scenes."""
    met = {f"{fact} >= {gate:.0%}": rows["captions, held-out"].get(fact, {"share": 0})["share"] >= gate for fact, gate in GATES.items()}
    met |= {f'answers to "{kind}" >= {QUESTION_GATE:.0%}': s["share"] >= QUESTION_GATE for kind, s in rows["answers, held-out"].items()}
    return met | {f"matching >= {MATCH_GATE:.0%}": rows["matching, held-out"]["all"]["share"] >= MATCH_GATE}
