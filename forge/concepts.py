"""The vocabulary: which of the data's concepts can be drawn, and by which names people call them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from forge.grounds import GROUNDS
from forge.paths import ROOT, data_dir

STYLES = ("fluent-3d", "fluent-flat", "fluent-line", "noto", "blob")
BASE_STYLE = "fluent-3d"
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")


@dataclass(frozen=True)
class Concept:
    """One thing that can be drawn. `everyday` is what people call it, where that is not its Unicode name."""

    id: str
    name: str
    group: str
    keywords: tuple[str, ...]
    styles: tuple[str, ...]
    tones: tuple[str, ...] = ()
    everyday: str | None = None
    aliases: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """The name that prompts use first."""
        return self.everyday or self.name


# Not core: clock faces, keycaps, letters and signs that are text, zodiac signs, and the man-/woman- forms of an act
# (the neutral form stays).
_NOT_CORE = re.compile(
    r"(oclock|-thirty)$|^keycap-|^japanese-.*-button|-button-blood-type$|^input-|^circled-|^(man|woman|mx|mrs)-(?!merpeople)"
    r"|-arrow$|^(cl|cool|free|id|ng|ok|up|vs|new|sos|on|end|top|soon|back)-(button|arrow)$|-square$|-square-button$"
    r"|^(aries|taurus|gemini|cancer|leo|virgo|libra|scorpio|sagittarius|capricorn|aquarius|pisces|ophiuchus)$"
)


def _clean(text: str) -> str:
    return re.sub(r"[^a-z0-9' -]", "", text.lower().replace("’", "'").replace("ñ", "n")).strip()


@lru_cache(maxsize=1)
def starter_lines() -> tuple[tuple[str, str | None], ...]:
    """(id, everyday name) in order of priority, from the committed list."""
    lines = (ROOT / "starter_concepts.txt").read_text().splitlines()
    pairs = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
    return tuple((left.strip(), right.strip() or None) for left, _, right in pairs)


@lru_cache(maxsize=4)
def _load(folder: str) -> dict[str, Concept]:
    raw = json.loads((data_dir() / "concepts.json").read_text())
    everyday = dict(starter_lines())
    taken = Counter(name for c in raw for name in {_clean(c["name"]), _clean(everyday.get(c["id"]) or "")})
    # How many trainable concepts share a keyword; the starter's own count first, as people mostly mean those.
    starter_keywords = Counter(k for c in raw if c["id"] in everyday for k in {_clean(k) for k in c["keywords"]})
    shared_keywords = Counter(k for c in raw if is_core(c["id"]) for k in {_clean(k) for k in c["keywords"]})
    concepts = {}
    for c in raw:
        own = {_clean(c["name"]), _clean(c["cldr"]), everyday.get(c["id"]) or ""}
        # A keyword may stand for a concept where it is nobody's name and few share it: for a starter concept at most
        # two starters, for the others at most two of the core and no starter.
        starter = c["id"] in everyday
        free = lambda k: starter_keywords[k] <= 2 if starter else not starter_keywords[k] and shared_keywords[k] <= 2  # noqa: E731
        aliases = [k for k in map(_clean, c["keywords"]) if k and k not in own and k not in GROUNDS and not taken[k] and free(k)]
        aliases += [n for n in (_clean(c["cldr"]),) if n and n != _clean(c["name"])]
        concepts[c["id"]] = Concept(
            c["id"], _clean(c["name"]), c["group"], tuple(map(_clean, c["keywords"])), tuple(c["styles"]),
            tuple(c.get("skinTones") or ()), everyday.get(c["id"]), tuple(dict.fromkeys(aliases)),
        )
    return concepts


def is_core(concept_id: str) -> bool:
    return not _NOT_CORE.search(concept_id)


def all_concepts() -> dict[str, Concept]:
    """Every concept of the data by id."""
    return _load(str(data_dir()))


def core_concepts() -> dict[str, Concept]:
    """The core vocabulary: things that are pictures, not text; about 1,270."""
    return {k: c for k, c in all_concepts().items() if is_core(k)}


# Core, and yet not taught: road and button signs, flags, pointing hands (they differ by a direction alone), and the
# quieter of several volume signs.
_SIGN_GROUPS = ("Symbols", "Flags")
_NOT_TAUGHT = re.compile(r"^backhand-|^index-pointing|wards-hand$|-facing-fist$|^speaker-(low|medium)|^(waning|waxing)-|^(first|last)-quarter-moon$"
                         r"|^outbox-|^inbox-|-mailbox-with-|^(wood|hole|hamsa|part-alternation-mark)$|^oncoming-(taxi|bus|police)")


@lru_cache(maxsize=1)
def vocabulary() -> tuple[Concept, ...]:
    """Every concept a generator is trained on: the starter list in its order, then the rest of the core by id.

    Left out: the controls (H6), signs, and what `_NOT_TAUGHT` names. At least 1,000 with the shared data.
    """
    from forge.splits import control_concepts

    held, first = set(control_concepts()), starter_concepts()
    taken = {c.id for c in first} | held
    rest = [
        c for k, c in sorted(core_concepts().items())
        if k not in taken and c.group not in _SIGN_GROUPS and not _NOT_TAUGHT.search(k) and BASE_STYLE in c.styles
    ]
    return (*first, *rest)


@lru_cache(maxsize=1)
def own_aliases() -> dict[str, tuple[str, ...]]:
    """By id, the aliases that no other concept of the vocabulary has: under a shared one a picture has two right answers, and
    what is learned of them is their mean."""
    shared = Counter(a for c in vocabulary() for a in c.aliases)
    return {i: tuple(a for a in c.aliases if shared[a] <= 1) for i, c in all_concepts().items()}


def genders(concept_id: str) -> list[tuple[str, str | None]]:
    """(id, gender) of every drawing of a person's concept: the neutral one and, where they exist, a man and a woman."""
    stem, known = concept_id.removeprefix("person-"), all_concepts()
    forms = [(f"{g}-{stem}", g) for g in ("man", "woman")]
    return [(concept_id, None), *((i, g) for i, g in forms if i in known and i != concept_id and not is_core(i))]


def starter_concepts(count: int | None = None) -> list[Concept]:
    """The first `count` concepts of the committed list (all without a count) that the data holds."""
    known = all_concepts()
    return [known[i] for i, _ in starter_lines() if i in known][:count]
