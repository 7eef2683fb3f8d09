"""Runs the reference with adapters and writes what the studio must arrive at, beside the adapters' files.

peft puts its own layers into diffusers' pipelines. Where diffusers reads a file's naming scheme, its reading is held
against what the file was written from.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import peft
import torch
from diffusers import DiffusionPipeline
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from safetensors.torch import save_file

from forge.lora_goldens.adapters import ADAPTERS, Adapter, hub_path, module_of, pairs_of, tensors_of
from forge.lora_goldens.cases import LORA_CASES, LoraCase, Use
from forge.paths import REPO
from forge.tiny import golden
from forge.tiny.golden import Arrays, psnr
from forge.tiny.manifest import write_json

GOLDENS = REPO / "e2e" / "goldens" / "lora"
UNREAD_BY_DIFFUSERS = ("tiny-sd-peft", "tiny-flow-peft", "tiny-flow-onetrainer")
"""Schemes that peft and other trainers write, and that diffusers' pipelines do not take as they are."""


def run_case(case: LoraCase) -> Arrays:
    golden.pipeline_of.cache_clear()
    pipeline = golden.pipeline_of(case.case.model_id)
    for use in case.uses:
        apply(pipeline, use)
    for component in ("denoiser", "text_encoder", "text_encoder_2"):
        module = module_of(pipeline, component) if component == "denoiser" else getattr(pipeline, component, None)
        for layer in module.modules() if module is not None else ():
            if isinstance(layer, LoraLayer):
                layer.set_adapter(list(layer.lora_A))
    arrays, _ = golden.run_case(case.case)
    golden.pipeline_of.cache_clear()
    return arrays


def apply(pipeline: DiffusionPipeline, use: Use) -> None:
    """Adds an adapter of the weights that `use` asks for."""
    adapter = ADAPTERS[use.adapter]
    name = use.adapter.replace("-", "_")
    for component in adapter.components:
        pairs = [pair for pair in pairs_of(adapter) if pair.component == component]
        config = LoraConfig(
            r=adapter.rank,
            lora_alpha=adapter.rank if adapter.alpha is None else adapter.alpha,
            target_modules=[pair.path for pair in pairs],
        )
        module = module_of(pipeline, component)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inject_adapter_in_model(config, module, adapter_name=name)
        for pair in pairs:
            layer = module.get_submodule(pair.path)
            assert isinstance(layer, LoraLayer) and layer.scaling[name] == adapter.scale
            with torch.no_grad():
                layer.lora_A[name].weight.copy_(pair.down)
                layer.lora_B[name].weight.copy_(pair.up)
            layer.set_scale(name, use.denoiser if component == "denoiser" else use.text)
        module.eval()


def check_reading(adapter: Adapter, path: Path) -> None:
    """diffusers reads the file as the same weights for the same layers."""
    if adapter.id in UNREAD_BY_DIFFUSERS:
        return
    pipeline = golden.pipeline_of(adapter.model_id)
    options = {"unet_config": pipeline.unet.config} if hasattr(pipeline, "unet") else {}
    read = pipeline.lora_state_dict(str(path), **options)
    state, alphas = read if isinstance(read, tuple) else (read, None)
    plain = {_plain(key): value for key, value in state.items()}
    for pair in pairs_of(adapter):
        name = "unet" if pair.component == "denoiser" else pair.component
        if pair.component == "denoiser" and hasattr(pipeline, "transformer"):
            name = "transformer"
        stem = f"{name}.{hub_path(pair.component, pair.path)}"
        for role, weight in (("down", pair.down), ("up", pair.up)):
            assert torch.equal(plain[_plain(f"{stem}.{role}.weight")], weight), stem
    assert len(plain) == 2 * len(pairs_of(adapter))
    if alphas:
        assert set(alphas.values()) == {adapter.alpha}


def _plain(key: str) -> str:
    """One spelling for the roles and the projections, which diffusers' own schemes spell in three ways."""
    for old, new in (
        (".lora_A.", ".down."),
        (".lora_B.", ".up."),
        (".lora_linear_layer.", "."),
        (".lora.", "."),
        (".processor", ""),
        ("to_out_lora", "to_out.0"),
        ("_lora.", "."),
    ):
        key = key.replace(old, new)
    key = re.sub(r"self_attn\.to_([qkv])\.", r"self_attn.\1_proj.", key)
    return key.replace("self_attn.to_out.0.", "self_attn.out_proj.")


def lora_hash(path: Path) -> str:
    """The field's short name of an adapter: of the bytes behind the header."""
    file = path.read_bytes()
    return hashlib.sha256(file[8 + int.from_bytes(file[:8], "little") :]).hexdigest()[:12]


def write_goldens(folder: Path = GOLDENS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.bin"), *folder.glob("*.safetensors")]:
        old.unlink()
    files = {}
    for adapter in ADAPTERS.values():
        path = folder / f"{adapter.id}.safetensors"
        save_file(tensors_of(adapter), path, adapter.metadata())
        path.chmod(0o644)
        check_reading(adapter, path)
        files[adapter.id] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "loraHash": lora_hash(path),
            "rank": adapter.rank,
            "layers": len(pairs_of(adapter)),
        }
    entries: list[dict[str, Any]] = []
    plain: dict[str, Arrays] = {}
    for case in LORA_CASES:
        if case.base not in plain:
            plain[case.base] = golden.run_case(case.case)[0]
        arrays = run_case(case)
        last = np.ascontiguousarray(arrays["latents"][-1], "<f4")
        (folder / f"{case.id}.bin").write_bytes(last.tobytes() + arrays["picture"].tobytes())
        without = psnr(arrays["picture"], plain[case.base]["picture"])
        entries.append(
            {
                "id": case.id,
                "base": case.base,
                "adapters": [
                    {"file": use.adapter, "textWeight": use.text, "denoiserWeight": use.denoiser} for use in case.uses
                ],
                "file": f"{case.id}.bin",
                "latentShape": list(last.shape),
                "pictureShape": list(arrays["picture"].shape),
                "withoutDb": round(without, 2),
            }
        )
        print(case.id, f"{without:.2f} dB without", f"contrast {arrays['picture'].std():.1f}", flush=True)
    versions = {"diffusers": diffusers.__version__, "peft": peft.__version__, "torch": torch.__version__.split("+")[0]}
    write_json(folder / "cases.json", {"format": 1, "versions": versions, "files": files, "cases": entries})
