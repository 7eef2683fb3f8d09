"""Training of the three tasks together, from the vision tower that learned to see first.

Each step shows pictures once and asks of each: its caption (label smoothing 0.1), one question, whether three captions fit (a true
one, one that is wrong by one fact, the nearest one of another picture in the batch), and which caption of the batch is its own
(contrastive, with softer labels for captions that say the same). The dense labels stay on with a small weight, and teach the decoder
too: its last layer, looking at one patch alone, shall say the first word of what is there. Names came slowly from captions alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset
from transformers.models.blip.modeling_blip_text import BlipTextAttention, BlipTextModel

from forge.captioner import lexicon, words
from forge.captioner.captions import LEADS_SHARE, PREFIXES, Facts, caption, loose, question, wrong
from forge.captioner.graphs import HIDDEN
from forge.captioner.held_out import SPLITS, HeldOut, judge, read
from forge.captioner.net import Blip, pixels_of, small_config
from forge.captioner.scenes import View, Views, captioner_concepts, roughened
from forge.captioner.sight import Labels, SightHeads
from forge.captioner.train_vision import optimizers_of
from forge.concepts import BASE_STYLE
from forge.pictures import load_pictures
from forge.scene_captions import plural
from forge.training import Average, Clock, checkpoint_path, load, save, say, set_rate, start

SEED = 612
RATE = 1.5e-3
BATCH = 48
SIGHT_WEIGHT, CONTRAST_WEIGHT, NAMED_WEIGHT = 0.4, 0.4, 0.4
PATCHES_NAMED = 512
NAME_WEIGHT = 3.0
CHECK_EVERY_S = 300


@dataclass
class Sample:
    """Bytes of pictures, and token ids: captions for the decoder, texts for the encoder [B, 3, T] (true, wrong, question), answers."""

    pictures: Tensor
    labels: Labels
    captions: Tensor
    texts: Tensor
    has_wrong: Tensor
    answers: Tensor
    told: list[str]
    things: list[tuple[str, ...]]


def padded(rows: list[list[int]], pad: int = 0) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([r + [pad] * (longest - len(r)) for r in rows])


class Reader:
    """Makes samples: a view, its roughened picture, and everything that is said of it."""

    def __init__(self, tokenizer: Tokenizer, views: Views, seed: int):
        self.tokenizer, self.views, self.rng = tokenizer, views, random.Random(seed)
        self.special = words.special_ids(tokenizer)

    def _spoken(self, text: str) -> list[int]:
        """What the decoder says: [DEC] text [SEP]."""
        return [self.special["bos"], *self.tokenizer.encode(text, add_special_tokens=False).ids, self.special["sep"]]

    def batch(self, count: int) -> Sample:
        views: list[View] = [self.views.view() for _ in range(count)]
        rng, captions, texts, has_wrong, answers, told = self.rng, [], [], [], [], []
        for v in views:
            plain = caption(v.scene, v.style)
            told.append(plain)
            captions.append(self._spoken(f"{rng.choice(PREFIXES)} {plain}" if rng.random() < LEADS_SHARE else plain))
            false = wrong(v.scene, v.style, rng)
            has_wrong.append(false is not None)
            _, asked, answered = question(v.scene, v.style, rng)
            answers.append(self._spoken(answered))
            texts += [self.tokenizer.encode(t).ids for t in (loose(v.scene, v.style, rng), false[1] if false else plain, asked)]
        pictures = torch.from_numpy(np.stack([roughened(v.picture, rng) for v in views]))
        things = [tuple(sorted({t.concept for t in v.scene.things})) for v in views]
        return Sample(pictures, Labels.of(views), padded(captions), padded(texts).view(count, 3, -1), torch.tensor(has_wrong), padded(answers), told, things)


class Stream(IterableDataset):
    def __init__(self, batch: int, seed: int, size: int):
        self.batch, self.seed, self.size = batch, seed, size

    def __iter__(self) -> Iterator[Sample]:
        torch.set_num_threads(1)
        reader = Reader(lexicon.tokenizer(), Views(load_pictures(self.size), self.seed), self.seed + 1)
        while True:
            yield reader.batch(self.batch)


def _split(x: Tensor, attention: BlipTextAttention) -> Tensor:
    return x.view(*x.shape[:2], attention.self.num_attention_heads, attention.self.attention_head_size).transpose(1, 2)


def encode(encoder: BlipTextModel, ids: Tensor, states: Tensor | None, pad: int = 0) -> Tensor:
    """The text encoder on [B, G, T] ids: G texts about each picture, whose keys and values are made once. As BlipTextModel says it,
    [B * G, T, width] (a test holds it to that)."""
    count, group, length = ids.shape
    flat = ids.reshape(-1, length)
    bias = torch.zeros(flat.shape).masked_fill(flat == pad, HIDDEN)[:, None, None]
    x = encoder.embeddings(flat)
    for layer in encoder.encoder.layer:
        x = layer.attention(x, attention_mask=bias)[0]
        if states is not None:
            cross = layer.crossattention
            keys, values = _split(cross.self.key(states), cross), _split(cross.self.value(states), cross)
            q = _split(cross.self.query(x).view(count, group * length, -1), cross) * cross.self.attention_head_size**-0.5
            seen = (q @ keys.transpose(-1, -2)).softmax(-1) @ values
            x = cross.output(seen.transpose(1, 2).reshape(count * group, length, -1), x)
        x = layer.feed_forward_chunk(x)
    return x


@lru_cache(maxsize=1)
def token_weights() -> Tensor:
    """Names count more than the few words around them, which are learned in the first minutes. [words]"""
    weights = torch.ones(lexicon.tokenizer().get_vocab_size())
    for concept in captioner_concepts():
        for name in (concept.title, plural(concept.title)):
            weights[lexicon.tokenizer().encode(name, add_special_tokens=False).ids] = NAME_WEIGHT
    return weights


def _spoken_loss(logits: Tensor, ids: Tensor, pad: int = 0) -> Tensor:
    truth = ids[:, 1:].flatten()
    each = F.cross_entropy(logits[:, :-1].float().flatten(0, 1), truth, ignore_index=pad, label_smoothing=0.1, reduction="none")
    weight = token_weights()[truth] * (truth != pad)
    return (each * weight).sum() / weight.sum()


@lru_cache(maxsize=1)
def _first_words() -> Tensor:
    """Token with which each class's name begins. [classes]"""
    return torch.tensor([lexicon.tokenizer().encode(c.title, add_special_tokens=False).ids[0] for c in captioner_concepts()])


def named_patches(blip: Blip, states: Tensor, labels: Labels) -> tuple[Tensor, float]:
    """The loss of naming single patches, and the share of right names."""
    truth = labels.patches.flatten()
    there = ((truth >= 0) & (truth < len(_first_words()))).nonzero().flatten()
    there = there[torch.randperm(len(there))[:PATCHES_NAMED]]
    layer = blip.decoder.bert.encoder.layer[-1]
    cross = layer.crossattention
    x = cross.output.LayerNorm(cross.output.dense(cross.self.value(states[:, 1:].flatten(0, 1)[there])))
    logits = blip.decoder.cls(layer.feed_forward_chunk(x)).float()
    right = _first_words()[truth[there]]
    return F.cross_entropy(logits, right), float((logits.argmax(1) == right).float().mean())


def _decode(blip: Blip, ids: Tensor, states: Tensor, mask: Tensor | None = None) -> Tensor:
    return blip.decoder(ids, attention_mask=(ids != 0).long(), encoder_hidden_states=states, encoder_attention_mask=mask, use_cache=False).logits


def losses(blip: Blip, heads: SightHeads, s: Sample) -> tuple[dict[str, Tensor], dict[str, float]]:
    states = blip.vision(pixels_of(s.pictures)).last_hidden_state
    count = len(states)
    sight, hits = heads(states, s.labels)
    said: dict[str, Tensor] = {"sight": sight * SIGHT_WEIGHT}
    named, hits["named"] = named_patches(blip, states, s.labels)
    said["named"] = named * NAMED_WEIGHT

    # Contrast: true texts alone against pictures.
    true = s.texts[:, :1]
    text = F.normalize(blip.matching.text_proj(encode(blip.encoder, true, None)[:, 0]).float(), dim=-1)
    image = F.normalize(blip.matching.vision_proj(states[:, 0]).float(), dim=-1)
    similar = image @ text.T
    same_things = torch.tensor([[a == b for b in s.things] for a in s.things])
    same = torch.tensor([[a == b for b in s.told] for a in s.told])
    target = same.float() + 0.15 * (same_things & ~same)
    target = target / target.sum(1, keepdim=True)
    scores = similar / blip.temperature.exp().clamp(0.01, 0.5)
    said["contrast"] = CONTRAST_WEIGHT * 0.5 * (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target.T / target.T.sum(1, keepdim=True)))

    # The nearest caption of a picture of other things.
    with torch.no_grad():
        odds = scores.softmax(1).masked_fill(same_things, 0) + 1e-6 * (~same_things)
        other = s.texts[torch.multinomial(odds, 1)[:, 0], 0]
    grouped = torch.cat([s.texts, other[:, None]], 1)
    read_states = encode(blip.encoder, grouped, states)
    first = read_states.view(count, 4, grouped.shape[2], -1)[:, (0, 1, 3), 0]
    fits = blip.matching.itm_head(first).float()
    truth = torch.tensor([1, 0, 0]).expand(count, 3)
    weight = torch.stack([torch.ones(count), s.has_wrong.float(), torch.full((count,), 0.5)], 1)
    each = F.cross_entropy(fits.flatten(0, 1), truth.flatten(), reduction="none").view(count, 3)
    said["match"] = (each * weight).sum() / weight.sum()
    better = fits[:, 0, 1] - fits[:, 0, 0] > fits[:, 1, 1] - fits[:, 1, 0]
    hits["match"] = float(better[s.has_wrong].float().mean())

    asked = read_states.view(count, 4, grouped.shape[2], -1)[:, 2]
    spoken = _decode(blip, s.answers, asked, (grouped[:, 2] != 0).long())
    said["answer"] = _spoken_loss(spoken, s.answers)
    hits["answer"] = float((spoken[:, 0].argmax(-1) == s.answers[:, 1]).float().mean())

    told = _decode(blip, s.captions, states)
    said["caption"] = _spoken_loss(told, s.captions)
    known = s.captions[:, 1:] != 0
    hits["token"] = float((told[:, :-1].argmax(-1) == s.captions[:, 1:])[known].float().mean())
    return said, hits


class Check:
    """Captions of held-out scenes, now and then during training."""

    def __init__(self, tokenizer: Tokenizer, size: int, each: int = 16):
        pictures = load_pictures(size)
        drawer, held = Views(pictures, 1), HeldOut(pictures, 99)
        self.tokenizer = tokenizer
        self.views = [drawer.draw(scene, BASE_STYLE) for split in SPLITS for scene in held.scenes(split, each)]

    @torch.no_grad()
    def __call__(self, blip: Blip) -> dict[str, float]:
        blip.eval()
        pixels = pixels_of(torch.from_numpy(np.stack([v.picture for v in self.views])))
        with torch.autocast("cpu", torch.bfloat16):
            made = blip.captioning.generate(pixels, do_sample=False, num_beams=1, max_new_tokens=24)
        blip.train()
        said = self.tokenizer.decode_batch(made.tolist(), skip_special_tokens=True)
        found: dict[str, list[bool]] = {}
        for view, text in zip(self.views, said):
            for name, right in judge(read(text), Facts.of(view.scene, view.style)).items():
                found.setdefault(name, []).append(right)
        print("   ", " | ".join(said[:: max(1, len(said) // 5)]), flush=True)
        return {f"held_{name}": sum(v) / len(v) for name, v in found.items()}


def build(tokenizer: Tokenizer, shape: dict[str, int] | None = None) -> Blip:
    """`shape` are sizes other than the starter's."""
    return Blip(small_config(tokenizer.get_vocab_size(), words.special_ids(tokenizer), **(shape or {})))


def train(run: str, samples: int, minutes: float, batch: int = BATCH, size: int = 256, each: int = 16, tail: float = 0.6,
          shape: dict[str, int] | None = None) -> None:
    """Trains or resumes; leaves `captioner.pt` (averaged weights)."""
    start(SEED)
    final, path = checkpoint_path(run, "captioner"), checkpoint_path(run, "captioner-training")
    if final.exists():
        return
    tokenizer = lexicon.tokenizer()
    blip = build(tokenizer, shape).train()
    heads = SightHeads(blip.config.vision_config.hidden_size)
    kept = load(path)
    if not kept:
        seen = load(checkpoint_path(run, "vision")) or load(checkpoint_path(run, "vision-training"))
        if seen:
            blip.vision.load_state_dict(seen["tower"])
            heads.adopt(seen["heads"])
    parameters = [*blip.parameters(), *heads.parameters()]
    optimizers = optimizers_of(blip, RATE, heads)
    average = Average(parameters, 0.99)
    clock = Clock(samples, minutes)
    if kept:
        blip.load_state_dict(kept["blip"])
        heads.load_state_dict(kept["heads"])
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
    source = iter(DataLoader(Stream(batch, SEED + clock.done, size), batch_size=None, num_workers=1, prefetch_factor=6))
    check = Check(tokenizer, size, each)
    seen_hits: dict[str, float] = {}
    clock.pause()
    step, checked = 0, clock.seconds
    while clock.progress < 1:
        sample = next(source)
        warm = min(1.0, (step + 1) / 60)
        set_rate(optimizers, RATE * warm * min(1.0, (1 - clock.progress) / tail + 0.01))
        with torch.autocast("cpu", torch.bfloat16):
            said, hits = losses(blip, heads, sample)
        loss = sum(said.values())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        for name, value in hits.items():
            seen_hits[name] = value if name not in seen_hits else seen_hits[name] + 0.05 * (value - seen_hits[name])
        clock.advance(batch)
        step += 1
        if step % 20 == 0:
            say("captioner", done=clock.done, progress=clock.progress, rate=clock.rate, **said, **{f"{k}_hit": v for k, v in seen_hits.items() if k not in ("style", "count")})
        if clock.seconds - checked > CHECK_EVERY_S:
            checked = clock.seconds
            save(path, _state(blip, heads, optimizers, average, clock))
            average.swap()
            say("captioner", done=clock.done, **check(blip))
            average.swap()
            clock.pause()
    save(path, _state(blip, heads, optimizers, average, clock))
    average.swap()
    say("captioner", done=clock.done, **check(blip))
    save(final, {"blip": blip.state_dict(), "heads": heads.state_dict(), "shape": shape or {}, "samples": clock.done, "minutes": clock.seconds / 60, "seen": seen_hits})


def _state(blip: Blip, heads: SightHeads, optimizers: list, average: Average, clock: Clock) -> dict:
    return {"blip": blip.state_dict(), "heads": heads.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "average": average.state(),
            "done": clock.done, "seconds": clock.seconds}
