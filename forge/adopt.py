"""Takes the shipped model back as a run's checkpoints (weights dequantised), so that training goes on from what is
committed: fp32 checkpoints are never shipped."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict

from forge.concepts import starter_concepts
from forge.lora.adapter import read_file
from forge.lora.evaluate import there
from forge.lora.ship import ADAPTERS
from forge.lora.train import LoraPlan
from forge.paths import MODELS, RESULTS
from forge.reload import reload_decoder, reload_denoiser, reload_encoder, reload_text_encoder
from forge.tokenizer import tokenizer_folder
from forge.train_autoencoder import held_out_psnr
from forge.training import checkpoint_path, save, say


def adopt(run: str, model: str = "starter") -> None:
    """Writes the tokenizer, `autoencoder.pt`, `denoiser-start.pt` and each brand's `lora-ID.pt` of the run; what is there
    already stays."""
    folder = MODELS / model
    if not tokenizer_folder(run).exists():
        shutil.copytree(folder / "tokenizer", tokenizer_folder(run))
    if not checkpoint_path(run, "autoencoder").exists():
        encoder, decoder = reload_encoder(folder), reload_decoder(folder)
        psnr = held_out_psnr(encoder, decoder)
        save(checkpoint_path(run, "autoencoder"), {"encoder": encoder.state_dict(), "decoder": decoder.state_dict(), "psnr": psnr})
        say("adopt", psnr=psnr)
    if not checkpoint_path(run, "denoiser-start").exists():
        facts = json.loads((RESULTS / f"{model}.json").read_text())
        known = facts.get("trained") or [c.id for c in starter_concepts(facts["concepts"])]
        save(checkpoint_path(run, "denoiser-start"), {"net": reload_denoiser(folder).state_dict(), "text": reload_text_encoder(folder).state_dict(),
                                                       "known": known})
    for b in there():
        if not checkpoint_path(run, f"lora-{b.id}").exists():
            matrices, facts = read_file(ADAPTERS / f"{b.id}.safetensors")
            plan = LoraPlan(rank=int(facts["kiln.rank"]), layers=facts["kiln.layers"])
            # A file keeps no moments of the optimizer and no time: these begin anew.
            save(checkpoint_path(run, f"lora-{b.id}"), {"matrices": {p: (down.float(), up.float()) for p, (down, up) in matrices.items()}, "optimizer": None,
                                                        "plan": json.loads(json.dumps(asdict(plan))), "samples": int(facts["kiln.samples"]), "minutes": 0.0,
                                                        "step": 0, "examples": int(facts["kiln.pictures"]), "finished": True})
