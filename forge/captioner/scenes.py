"""What the captioner is shown: scenes in four styles, planned by forge/scenes.py and drawn straight at the captioner's size.

Never shown: held-back pairs (H1 to H4) and controls (H6), which the planner leaves out; single things at H7's scales and
shifts; the style of H8. A view carries dense labels (what lies under each patch), which only training uses.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image

from forge.concepts import BASE_STYLE, STYLES, Concept, all_concepts, starter_concepts
from forge.grounds import ALL_GROUNDS
from forge.hues import HUE_NAMES, hues_of, own_hues, turn
from forge.pictures import Pictures
from forge.scenes import ASPECTS, PLACES, Planner, Scene, Thing, everyday, paint_ground
from forge.splits import CAPTIONER_RENDER, CAPTIONER_UNSEEN_STYLE, is_held_out

SIDE = 128
PATCH = 16
CELLS = SIDE // PATCH
KINDS = {"single": 0.37, "pair": 0.34, "count": 0.12, "hue": 0.13, "place": 0.04}
ASPECT_SHARES = {"square": 0.7, "wide": 0.16, "tall": 0.14}
SEEN_STYLES = tuple(s for s in STYLES if s != CAPTIONER_UNSEEN_STYLE)
BASE_SHARE = 0.72
GROUND_CLASSES = [*ALL_GROUNDS, *PLACES]
NOTHING = -100
"""A label that no loss looks at."""


MORE_CONCEPTS = ("water-pistol", "crossed-swords", "firecracker", "clinking-beer-mugs", "sake", "tropical-drink", "cigarette", "drop-of-blood")
"""Things the starter does not draw, which the safety check has to know."""
MORE_WEIGHT, EVERYDAY_WEIGHT = 3.0, 0.4
"""How often a thing is drawn alone, against 1 for most: scenes of several things show the everyday ones anyway."""


@lru_cache(maxsize=1)
def captioner_concepts() -> tuple[Concept, ...]:
    """What the captioner names: all that the starter draws, and a few more."""
    known = all_concepts()
    return (*starter_concepts(), *(known[c] for c in MORE_CONCEPTS if c in known))


def single_weights() -> dict[str, float]:
    return {**dict.fromkeys(everyday(), EVERYDAY_WEIGHT), **dict.fromkeys(MORE_CONCEPTS, MORE_WEIGHT)}


@dataclass(frozen=True)
class View:
    """One picture [SIDE, SIDE, 3] uint8 and the truth about it. `patches` and `hues` are [CELLS, CELLS] class numbers."""

    scene: Scene
    style: str
    picture: np.ndarray
    patches: np.ndarray
    hues: np.ndarray


@lru_cache(maxsize=1)
def classes() -> dict[str, int]:
    """Class number of each concept that is named; the number after the last is "nothing here"."""
    return {c.id: n for n, c in enumerate(captioner_concepts())}


def may_be_seen(scale: float, shift: tuple[float, float]) -> bool:
    """False where both the scale and the shift of a single thing are H7's."""
    low, high = CAPTIONER_RENDER["scale"]
    near, far = CAPTIONER_RENDER["shift"]
    return not (low <= scale <= high and near <= max(abs(shift[0]), abs(shift[1])) <= far)


class Views:
    """Draws views. `styles` are those it may use, the base one in `base_share` of the scenes."""

    def __init__(self, pictures: Pictures, seed: int, styles: tuple[str, ...] = SEEN_STYLES, base_share: float = BASE_SHARE,
                 concepts: tuple[Concept, ...] | None = None):
        self.pictures, self.rng = pictures, random.Random(seed)
        self.planner = Planner(pictures, self.rng, concepts or captioner_concepts(), single_weights())
        self.styles, self.base_share = styles, base_share
        self.places = {(p, a): [_bytes(p, a, self.rng) for _ in range(12)] for p in PLACES for a in ASPECTS}

    def scene(self) -> tuple[Scene, str]:
        kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        aspect = self.rng.choices(list(ASPECT_SHARES), list(ASPECT_SHARES.values()))[0]
        scene = self.planner.draw(kind, aspect)
        if kind in ("single", "hue") and self.rng.random() < 0.6:
            scene = self._moved(scene)
        return self.in_some_style(scene)

    def _moved(self, scene: Scene) -> Scene:
        """The single thing at another scale and place; never where H7 has both."""
        width, height = ASPECTS[scene.aspect]
        while True:
            scale, shift = self.rng.uniform(0.42, 1.0), (self.rng.uniform(-0.22, 0.22), self.rng.uniform(-0.22, 0.22))
            if may_be_seen(scale, shift):
                break
        thing = scene.things[0]
        short = min(width, height)
        moved = replace(thing, centre=(width / 2 + shift[0] * short, height / 2 + shift[1] * short), side=scale * short)
        return replace(scene, things=(moved,), size=None)

    def in_some_style(self, scene: Scene) -> tuple[Scene, str]:
        if scene.kind == "hue" or self.rng.random() < self.base_share:
            return scene, BASE_STYLE
        return self.in_style(scene, self.rng.choice([s for s in self.styles if s != BASE_STYLE]))

    def in_style(self, scene: Scene, style: str) -> tuple[Scene, str]:
        """The same scene drawn in another style; in the base style where a drawing is missing."""
        things = []
        for thing in scene.things:
            rows = self.pictures.by_concept.get((style, thing.concept))
            if not rows:
                return scene, BASE_STYLE
            things.append(replace(thing, row=rows[0], tone=None, gender=None))
        return replace(scene, things=tuple(things)), style

    def view(self) -> View:
        scene, style = self.scene()
        return self.draw(scene, style)

    def __iter__(self) -> Iterator[View]:
        while True:
            yield self.view()

    def draw(self, scene: Scene, style: str) -> View:
        """At the captioner's own size: wide and tall scenes are squeezed as its preprocessing would."""
        width, height = ASPECTS[scene.aspect]
        across, down = SIDE / width, SIDE / height
        canvas = self._ground(scene)
        patches, hues = np.full((CELLS, CELLS), len(classes())), np.full((CELLS, CELLS), NOTHING)
        cover = np.full((CELLS, CELLS), 0.3)
        drawn: dict[tuple[int, str | None, int, int], np.ndarray] = {}
        for thing in scene.things:
            size = max(8, round(thing.side * across)), max(8, round(thing.side * down))
            key = (thing.row, thing.hue, *size)
            if key not in drawn:
                drawn[key] = self._drawing(thing, size)
            alpha = _lay(canvas, drawn[key], thing.centre[0] * across, thing.centre[1] * down)
            here = alpha.reshape(CELLS, PATCH, CELLS, PATCH).mean((1, 3))
            mine = here > cover
            cover = np.where(mine, here, cover)
            patches[mine] = classes().get(thing.concept, NOTHING)
            hues[mine] = hue_class(thing, style)
        return View(scene, style, canvas.round().clip(0, 255).astype(np.uint8), patches, hues)

    def _drawing(self, thing: Thing, size: tuple[int, int]) -> np.ndarray:
        """Premultiplied [h, w, 4] floats in 0 to 255."""
        rgba = self.pictures.rgba[thing.row]
        if thing.hue:
            own = own_hues()[thing.concept]
            rgba = (_turned(rgba, own, thing.hue) * 255).round().astype(np.uint8)
        # Four plain channels: as RGBA, Pillow would multiply by alpha once more.
        image = Image.fromarray(np.ascontiguousarray(np.transpose(rgba, (1, 2, 0))), mode="CMYK")
        return np.asarray(image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0), np.float32)

    def _ground(self, scene: Scene) -> np.ndarray:
        if scene.ground in ALL_GROUNDS:
            # No two decoders give exactly the same blue.
            colour = np.array(ALL_GROUNDS[scene.ground], np.float32) * 255
            colour = colour + np.array([self.rng.gauss(0, 5) for _ in range(3)], np.float32)
            return np.broadcast_to(colour, (SIDE, SIDE, 3)).copy()
        return self.rng.choice(self.places[(scene.ground, scene.aspect)]).astype(np.float32)


def hue_class(thing: Thing, style: str) -> int:
    """Which of the named hues the thing has, where that is clear."""
    if thing.hue:
        return HUE_NAMES.index(thing.hue)
    name = own_hue_name(thing.concept) if style == BASE_STYLE else None
    return NOTHING if name is None else HUE_NAMES.index(name)


def own_hue_name(concept: str) -> str | None:
    """The named hue that a drawing has by itself, where it is within 12 degrees of one."""
    from forge.hues import HUES, distance

    own = own_hues().get(concept)
    if own is None:
        return None
    near = min(HUES, key=lambda h: float(distance(HUES[h], own)))
    return near if float(distance(HUES[near], own)) < 12 else None


def _turned(rgba: np.ndarray, own: float, hue: str) -> np.ndarray:
    import torch

    return turn(torch.from_numpy(np.array(rgba)).float()[None] / 255, torch.tensor([own]), [hue])[0].clamp(0, 1).numpy()


def _bytes(place: str, aspect: str, rng: random.Random) -> np.ndarray:
    import torch

    width, height = ASPECTS[aspect]
    ground = (paint_ground(place, width, height, rng).clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return np.asarray(Image.fromarray(ground).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _lay(canvas: np.ndarray, drawing: np.ndarray, x: float, y: float) -> np.ndarray:
    """Puts a drawing on the canvas around (x, y); answers its alpha on the canvas, 0 to 1."""
    height, width = drawing.shape[:2]
    left, top = round(x - width / 2), round(y - height / 2)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(SIDE, left + width), min(SIDE, top + height)
    alpha = np.zeros((SIDE, SIDE), np.float32)
    part = drawing[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha[y0:y1, x0:x1] = part[..., 3] / 255
    canvas[y0:y1, x0:x1] = part[..., :3] + canvas[y0:y1, x0:x1] * (1 - part[..., 3:] / 255)
    return alpha


def roughened(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """What happens to pictures: a soft decoder, an enlargement, a JPEG, a little more or less light, noise."""
    image = Image.fromarray(picture)
    if rng.random() < 0.55:
        small = round(SIDE / rng.uniform(1.15, 2.4))
        image = image.resize((small, small), Image.Resampling.BILINEAR).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    if rng.random() < 0.1:
        held = io.BytesIO()
        image.save(held, "JPEG", quality=rng.randint(45, 90))
        image = Image.open(held)
    values = np.asarray(image, np.float32)
    if rng.random() < 0.5:
        values = (values - 128) * rng.uniform(0.9, 1.1) + 128 + rng.uniform(-9, 9)
    if rng.random() < 0.25:
        values = values + np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 8), values.shape)
    return values.round().clip(0, 255).astype(np.uint8)


def is_clean(scene: Scene) -> bool:
    """Holds nothing that a split keeps back."""
    ids = [t.concept for t in scene.things]
    if scene.kind == "pair" and is_held_out("H1", *ids):
        return False
    if scene.ground in ALL_GROUNDS and scene.ground != "neutral" and any(is_held_out("H2", i, scene.ground) for i in ids):
        return False
    if scene.kind == "count" and is_held_out("H3", ids[0], str(len(ids))):
        return False
    return not any(t.hue and (is_held_out("H4", t.concept, t.hue) or t.hue not in hues_of(t.concept)) for t in scene.things)
