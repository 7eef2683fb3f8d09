"""The frozen style judge: small committed weights (fp16), pinned by sha256 before any adapter's first step."""

from __future__ import annotations

import hashlib
import json

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from forge.concepts import STYLES
from forge.lora.style_net import StyleNet, view
from forge.paths import ROOT
from forge.training import checkpoint_path, load

FOLDER = ROOT / "lora"
WEIGHTS, PIN = FOLDER / "style.safetensors", FOLDER / "style-pin.json"


def freeze(run: str) -> str:
    """Pins the trained judge; refuses to pin another one after an adapter has been trained in this run."""
    kept = load(checkpoint_path(run, "style"))
    if not kept["finished"]:
        raise RuntimeError("the style judge is not trained to its end yet")
    data = save({k: v.half().contiguous() if v.is_floating_point() else v for k, v in kept["net"].items()})
    digest = hashlib.sha256(data).hexdigest()
    if PIN.exists() and json.loads(PIN.read_text())["sha256"] == digest:
        return digest
    if any(checkpoint_path(run, "style").parent.glob("lora-*.pt")):
        raise RuntimeError("the style judge is frozen before the first adapter, never after")
    WEIGHTS.write_bytes(data)
    PIN.write_text(json.dumps({"sha256": digest, "widths": kept["widths"], "samples": kept["samples"], "minutes": round(kept["minutes"], 1),
                               "styles": STYLES}) + "\n")
    return digest


class StyleJudge:
    """Names the style of pictures; loading refuses any other bytes than the pinned ones."""

    def __init__(self) -> None:
        pin = json.loads(PIN.read_text())
        if hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() != pin["sha256"]:
            raise RuntimeError("the style judge's weights differ from the pinned hash")
        self.styles: list[str] = pin["styles"]
        self.net = StyleNet(len(self.styles), tuple(pin["widths"]))
        self.net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in load_file(WEIGHTS).items()})
        self.net.eval()

    @torch.no_grad()
    def name(self, pictures: Tensor) -> list[str]:
        """The likeliest style of each of [B, 3, H, W] in [-1, 1]."""
        logits = torch.cat([self.net(view(p)) for p in pictures.split(50)])
        return [self.styles[n] for n in logits.argmax(1).tolist()]
