"""Goldens of the shipped captioner: 200 pictures and what `transformers`' own classes say of them.

    e2e/goldens/captioner.json    pictures.png (one sheet, 20 across) beside it

Two references, both in fp32 arithmetic: the weights as trained ("trained"), and the weights as shipped, taken out of their 8 bits
("shipped"). The studio has to say token for token what "shipped" says, and at least 98 % of the tokens of "trained".
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from forge.captioner.captions import caption, question, wrong
from forge.captioner.evaluate import SEED, Case, generated_cases, held_out_cases, seen_cases
from forge.captioner.net import Blip
from forge.captioner.reference import answer, encode, forced_logits, match, pixels, words_of
from forge.captioner.reference import caption as say_caption
from forge.captioner.runner import Runner
from forge.captioner.scenes import SIDE
from forge.captioner.starter import FOLDER, reload, trained
from forge.paths import REPO
from forge.pictures import load_pictures
from forge.training import say

GOLDENS = REPO / "e2e" / "goldens"
ACROSS = 20
COUNTS = {"H1": 45, "H2": 25, "H3": 30, "H4": 20, "H7": 20}
SEEN, GENERATED = 40, 20
FORCED, TOP = 6, 4
"""Teacher-forced positions that are kept, and the largest scores of each."""


def cases(part: float = 1.0, generated: bool = True) -> list[Case]:
    pictures = load_pictures(256)
    held = held_out_cases(pictures, {s: max(1, round(n * part)) for s, n in COUNTS.items()}, SEED + 7)
    out = [c for group in held.values() for c in group] + seen_cases(pictures, max(1, round(SEEN * part)), SEED + 8)
    if generated:
        out += generated_cases(max(1, round(GENERATED * part)))[1]
    return out


@torch.no_grad()
def told(blip: Blip, tokenizer: Tokenizer, picture: np.ndarray, asked: list[str], texts: list[str], forced: list[int] | None, tokens: int, answer_tokens: int) -> dict:
    x = pixels(blip, picture)
    window = blip.config.text_config.max_position_embeddings
    greedy = say_caption(blip, x, tokens=tokens)
    given = forced or greedy[:FORCED]
    top = forced_logits(blip, x, given).topk(TOP)
    return {
        "greedy": greedy, "beams3": say_caption(blip, x, beams=3, tokens=tokens),
        "forced": {"tokens": given, "ids": top.indices.tolist(), "logits": [[round(v, 4) for v in row] for row in top.values.tolist()]},
        "answers": [answer(blip, x, encode(tokenizer, q, window), tokens=answer_tokens) for q in asked],
        "matches": [[round(s, 5), *(round(v, 4) for v in logits)] for s, logits in (match(blip, x, encode(tokenizer, t, window)) for t in texts)],
    }


def golden(run: str, folder: Path = FOLDER, out: Path = GOLDENS, part: float = 1.0, generated: bool = True) -> dict:
    rng, manifest = random.Random(SEED), json.loads((folder / "manifest.json").read_text())
    tokens, answer_tokens = manifest["caption"]["maxTokens"], manifest["question"]["maxTokens"]
    original, tokenizer = trained(run)
    shipped, _ = reload(folder)
    drawn, entries = cases(part, generated), []
    for case in drawn:
        asked = question(case.scene, case.style, rng)[1]
        false = wrong(case.scene, case.style, rng)
        texts = [caption(case.scene, case.style), *([false[1]] if false else [])]
        exact = told(shipped, tokenizer, case.picture, [asked], texts, None, tokens, answer_tokens)
        fp32 = told(original, tokenizer, case.picture, [asked], texts, exact["forced"]["tokens"], tokens, answer_tokens)
        entries.append({"truth": texts[0], "words": words_of(tokenizer, exact["greedy"]), "questions": [asked], "texts": texts,
                        "shipped": exact, "trained": {k: fp32[k] for k in ("greedy", "beams3", "answers")}})
    rows = -(-len(drawn) // ACROSS)
    sheet = np.zeros((rows * SIDE, ACROSS * SIDE, 3), np.uint8)
    for n, case in enumerate(drawn):
        y, x = n // ACROSS * SIDE, n % ACROSS * SIDE
        sheet[y : y + SIDE, x : x + SIDE] = case.picture
    out.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(out / "captioner.png", optimize=True)
    made = {"format": 1, "model": "captioner", "sheet": {"file": "captioner.png", "across": ACROSS, "sidePx": SIDE}, "maxTokens": tokens, "answerTokens": answer_tokens,
            "agreement": {kind: round(agreement([(e["shipped"][kind], e["trained"][kind]) for e in entries]), 5) for kind in ("greedy", "beams3")},
            "distinct": len({e["words"] for e in entries}), "pictures": entries}
    (out / "captioner.json").write_text(json.dumps(made, separators=(",", ":")).replace('{"truth"', '\n{"truth"') + "\n")
    say("golden", pictures=len(entries), distinct=made["distinct"], **made["agreement"])
    return made


def agreement(pairs: list[tuple[list[int], list[int]]]) -> float:
    """Share of tokens, place by place, that are the same; a place that only one has counts as different."""
    same = sum(sum(a == b for a, b in zip(left, right)) for left, right in pairs)
    return same / max(1, sum(max(len(left), len(right)) for left, right in pairs))


def check(folder: Path = FOLDER, goldens: Path = GOLDENS, limit: int | None = None) -> list[str]:
    """Where the shipped graphs, walked by the runner, differ from "shipped"."""
    recorded = json.loads((goldens / "captioner.json").read_text())
    sheet, runner, faults = np.asarray(Image.open(goldens / "captioner.png")), Runner(folder), []
    for n, entry in enumerate(recorded["pictures"][:limit]):
        y, x = n // ACROSS * SIDE, n % ACROSS * SIDE
        seen = runner.see(sheet[y : y + SIDE, x : x + SIDE])
        states, right = seen["last_hidden_state"], entry["shipped"]
        if runner.caption(states) != right["greedy"]:
            faults.append(f"{n}: greedy {runner.words(runner.caption(states))} for {entry['words']}")
        if runner.caption(states, beams=3) != right["beams3"]:
            faults.append(f"{n}: beams {runner.words(runner.caption(states, beams=3))} for {runner.words(right['beams3'])}")
        if [runner.answer(states, q) for q in entry["questions"]] != right["answers"]:
            faults.append(f"{n}: answer to {entry['questions']}")
        logits, _ = runner.step(np.array([right["forced"]["tokens"]]), runner.empty(1), runner.context(states))
        at = np.take_along_axis(logits[0], np.array(right["forced"]["ids"]), 1)
        if np.abs(at - np.array(right["forced"]["logits"])).max() > 2e-3:
            faults.append(f"{n}: scores off by {np.abs(at - np.array(right['forced']['logits'])).max():.1e}")
        similar, fits = runner.similar(entry["texts"], seen), runner.fits(entry["texts"], states)
        told_ = np.array(right["matches"])
        if np.abs(similar - told_[:, 0]).max() > 1e-3 or np.abs(fits - told_[:, 1:]).max() > 5e-3:
            faults.append(f"{n}: matches {similar} {fits} for {told_}")
    return faults
