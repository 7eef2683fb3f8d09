"""The frozen evaluator: small committed weights (fp16), pinned by sha256. Loading refuses any other bytes."""

from __future__ import annotations

import hashlib
import json

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from forge.concepts import STYLES
from forge.evaluator.net import Evaluator, view
from forge.grounds import GROUND_NAMES
from forge.paths import ROOT
from forge.training import checkpoint_path, load

FOLDER = ROOT / "evaluator"
WEIGHTS, PIN = FOLDER / "weights.safetensors", FOLDER / "pin.json"


def freeze(run: str) -> str:
    """Writes the trained evaluator as fp16 and pins its hash. Refuses to run once a generator has been trained."""
    if checkpoint_path(run, "denoiser-training").exists():
        raise RuntimeError("the evaluator is frozen before the generator's first run, never after")
    kept = load(checkpoint_path(run, "evaluator"))
    halves = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in kept["net"].items()}
    save_file(halves, WEIGHTS)
    digest = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    PIN.write_text(json.dumps({"sha256": digest, "widths": kept["widths"], "samples": kept["samples"], "minutes": round(kept["minutes"], 1),
                               "classes": kept["classes"]}) + "\n")
    return digest


class FrozenEvaluator:
    """Names concept and ground of 256 px pictures."""

    def __init__(self) -> None:
        pin = json.loads(PIN.read_text())
        if hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() != pin["sha256"]:
            raise RuntimeError("evaluator weights differ from the pinned hash")
        self.classes: list[str] = pin["classes"]
        self.index = {c: n for n, c in enumerate(self.classes)}
        self.net = Evaluator(len(self.classes), len(GROUND_NAMES), len(STYLES), tuple(pin["widths"]))
        self.net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in load_file(WEIGHTS).items()})
        self.net.eval()

    @torch.no_grad()
    def look(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of concepts (all classes), grounds, styles for [B, 3, 256, 256] in [-1, 1]."""
        parts = [self.net(view(p)) for p in pictures.split(50)]
        concept, ground, style = (torch.cat(column) for column in zip(*parts))
        return concept, ground, style

    def ranks(self, concept_logits: Tensor, truth: list[str], among: list[str]) -> list[int]:
        """Rank (1 is best) of each true concept among the candidates."""
        columns = torch.tensor([self.index[c] for c in among])
        own = torch.tensor([self.index[c] for c in truth])
        candidates = concept_logits[:, columns]
        mine = concept_logits.gather(1, own[:, None])
        return ((candidates > mine).sum(1) + 1).tolist()
