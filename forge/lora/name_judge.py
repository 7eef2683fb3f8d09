"""Names what a brand's picture shows: the evaluator's net gone on with over plain things in all five styles evenly (what is
recoloured or counted stays in the base's), pinned by sha256.

Of what the frozen evaluator was trained on, 72 % is the base's style; it names real drawings of the base in 100 % of cases
and Blob's in 77. A brand's picture cannot be named more often than its own style's real drawings are, so brands have a
judge that knows these as well. It was trained on the source drawings alone, like the others.
"""

from __future__ import annotations

from forge.evaluator import train as evaluator_train
from forge.evaluator.frozen import FrozenEvaluator, frozen_weights, pin_weights
from forge.paths import ROOT
from forge.training import checkpoint_path, load

WEIGHTS, PIN = ROOT / "lora" / "names.safetensors", ROOT / "lora" / "names-pin.json"
STAGE = "brand-names"


def train(run: str, samples: int, minutes: float) -> None:
    """Leaves `brand-names.pt` of the run."""
    evaluator_train.train(run, samples, minutes, earlier=frozen_weights(), base_share=0.0, name=STAGE)


def freeze(run: str) -> str:
    """Pins the trained judge; refuses to pin another one after an adapter has been trained in this run."""
    return pin_weights(load(checkpoint_path(run, STAGE)), WEIGHTS, PIN, any(checkpoint_path(run, STAGE).parent.glob("lora-*.pt")))


def name_judge() -> FrozenEvaluator:
    return FrozenEvaluator(WEIGHTS, PIN)
