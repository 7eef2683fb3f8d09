"""The test adapters: which layers they train, how big they are, and what their files call each layer.

Weights are random, as strong as the layer they sit beside allows: without an adapter the picture is another one.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from diffusers import DiffusionPipeline
from torch import Tensor, nn

from forge.tiny.models import build_pipeline

Component = Literal["denoiser", "text_encoder", "text_encoder_2"]
Naming = Callable[[Component, str, str], str]
"""(component, dotted path, "down" | "up" | "alpha") -> key in the file."""

ATTENTION = r"\.(to_[qkv]|to_out\.0|add_[qkv]_proj|to_add_out)$|self_attn\.[qkv]_proj$|self_attn\.out_proj$"
LINEAR = ATTENTION + r"|\.ff(_context)?\.net\.\d(\.proj)?$|mlp\.fc\d$|attentions\.\d\.proj_(in|out)$"
EVERYTHING = LINEAR + r"|resnets\.\d\.(conv\d|conv_shortcut|time_emb_proj)$|samplers\.0\.conv$|^conv_(in|out)$"


@dataclass(frozen=True)
class Adapter:
    """`alpha` None: the file does not say it, and the scale is 1."""

    id: str
    model_id: str
    naming: Naming
    layers: str
    components: tuple[Component, ...]
    rank: int
    alpha: float | None
    dtype: torch.dtype
    gain: float
    """Size of the change over the size of the weight."""
    in_metadata: bool = False
    """The alpha stands in the file's metadata, as diffusers writes it, and not beside each layer."""

    @property
    def scale(self) -> float:
        return 1.0 if self.alpha is None else self.alpha / self.rank

    def metadata(self) -> dict[str, str]:
        """One entry: the library writes several in any order."""
        if not self.in_metadata:
            return {"ss_output_name": self.id}
        told = {
            f"{_hub_name(component)}.{key}": value
            for component in self.components
            for key, value in (("r", self.rank), ("lora_alpha", self.alpha))
        }
        return {"lora_adapter_metadata": json.dumps(told)}


@dataclass(frozen=True)
class Pair:
    component: Component
    path: str
    down: Tensor
    up: Tensor


def module_of(pipeline: DiffusionPipeline, component: Component) -> nn.Module:
    if component == "denoiser":
        return getattr(pipeline, "unet", None) or pipeline.transformer
    return getattr(pipeline, component)


@cache
def pairs_of(adapter: Adapter) -> tuple[Pair, ...]:
    """Weights in the order of the modules, rounded to what the file can hold."""
    pipeline = build_pipeline(adapter.model_id)
    generator = torch.Generator("cpu").manual_seed(zlib.crc32(adapter.id.encode()))
    pairs = []
    for component in adapter.components:
        for path, module in module_of(pipeline, component).named_modules():
            if not isinstance(module, nn.Linear | nn.Conv2d) or not re.search(adapter.layers, path):
                continue
            weight = module.weight.detach()
            down = torch.randn((adapter.rank, *weight.shape[1:]), generator=generator)
            up = torch.randn((weight.shape[0], adapter.rank), generator=generator)
            change = adapter.scale * up @ down.flatten(1)
            share = (adapter.gain * weight.norm() / change.norm()).sqrt()
            up = up.reshape(*up.shape, *(1 for _ in weight.shape[2:]))
            pairs.append(Pair(component, path, (down * share).to(adapter.dtype), (up * share).to(adapter.dtype)))
    return tuple(pairs)


def tensors_of(adapter: Adapter) -> dict[str, Tensor]:
    """The file."""
    tensors = {}
    for pair in pairs_of(adapter):
        key = lambda role, pair=pair: adapter.naming(pair.component, pair.path, role)  # noqa: E731
        tensors[key("down")] = pair.down.contiguous()
        tensors[key("up")] = pair.up.contiguous()
        if adapter.alpha is not None and not adapter.in_metadata:
            tensors[key("alpha")] = torch.tensor(adapter.alpha, dtype=adapter.dtype)
    return tensors


def hub_path(component: Component, path: str) -> str:
    """Newer transformers drop `text_model` from CLIP's paths; the hub's files have it."""
    return path if component == "denoiser" or path.startswith("text_model.") else f"text_model.{path}"


def _hub_name(component: Component) -> str:
    return "unet" if component == "denoiser" else component


def kohya(component: Component, path: str, role: str) -> str:
    prefix = {"denoiser": "lora_unet", "text_encoder": "lora_te", "text_encoder_2": "lora_te2"}[component]
    return _kohya_key(prefix, hub_path(component, path), role)


def kohya_two_encoders(component: Component, path: str, role: str) -> str:
    prefix = {"denoiser": "lora_unet", "text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}[component]
    return _kohya_key(prefix, hub_path(component, path), role)


def kohya_ldm(component: Component, path: str, role: str) -> str:
    """The denoiser's layers as the original code names them; one residual block a level, as the tiny UNet has."""
    if component != "denoiser":
        return kohya_two_encoders(component, path, role)
    down = re.match(r"down_blocks\.(\d)\.attentions\.(\d)\.(.+)$", path)
    up = re.match(r"up_blocks\.(\d)\.attentions\.(\d)\.(.+)$", path)
    middle = re.match(r"mid_block\.attentions\.0\.(.+)$", path)
    if down:
        renamed = f"input_blocks.{2 * int(down[1]) + int(down[2]) + 1}.1.{down[3]}"
    elif up:
        renamed = f"output_blocks.{2 * int(up[1]) + int(up[2])}.1.{up[3]}"
    else:
        assert middle, path
        renamed = f"middle_block.1.{middle[1]}"
    return _kohya_key("lora_unet", renamed, role)


def onetrainer(component: Component, path: str, role: str) -> str:
    prefix = {"denoiser": "lora_transformer", "text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}[component]
    return _kohya_key(prefix, hub_path(component, path), role)


def _kohya_key(prefix: str, path: str, role: str) -> str:
    name = f"{prefix}_{path.replace('.', '_')}"
    return f"{name}.alpha" if role == "alpha" else f"{name}.lora_{role}.weight"


def diffusers_unet(component: Component, path: str, role: str) -> str:
    return f"{_hub_name(component)}.{hub_path(component, path)}.lora_{'A' if role == 'down' else 'B'}.weight"


def diffusers_transformer(component: Component, path: str, role: str) -> str:
    name = "transformer" if component == "denoiser" else component
    return f"{name}.{hub_path(component, path)}.lora_{'A' if role == 'down' else 'B'}.weight"


def diffusers_old(component: Component, path: str, role: str) -> str:
    if component != "denoiser":
        return f"{component}.{hub_path(component, path)}.lora_linear_layer.{role}.weight"
    module, layer = re.match(r"(.+)\.(to_[qkv]|to_out)(?:\.0)?$", path).groups()  # type: ignore[union-attr]
    return f"unet.{module}.processor.{layer}_lora.{role}.weight"


def peft_alone(_component: Component, path: str, role: str) -> str:
    return f"base_model.model.{path}.lora_{'A' if role == 'down' else 'B'}.weight"


HALF, BRAIN, SINGLE = torch.float16, torch.bfloat16, torch.float32
ONE = ("denoiser", "text_encoder")
TWO = ("denoiser", "text_encoder", "text_encoder_2")

ADAPTERS = {
    adapter.id: adapter
    for adapter in (
        Adapter("tiny-sd-kohya", "tiny-sd", kohya, LINEAR, ONE, 4, 2.0, HALF, 0.6),
        Adapter("tiny-sd-old", "tiny-sd", diffusers_old, ATTENTION, ONE, 2, None, SINGLE, 0.8),
        Adapter("tiny-sd-diffusers", "tiny-sd", diffusers_unet, LINEAR, ONE, 6, 3.0, HALF, 0.6, in_metadata=True),
        Adapter("tiny-sd-peft", "tiny-sd", peft_alone, LINEAR, ("denoiser",), 3, None, BRAIN, 0.8),
        Adapter("tiny-sd-locon", "tiny-sd", kohya, EVERYTHING, ONE, 4, 1.0, HALF, 0.5),
        Adapter("tiny-sdxl-ldm", "tiny-sdxl", kohya_ldm, LINEAR, TWO, 4, 4.0, HALF, 0.45),
        Adapter("tiny-sdxl-kohya", "tiny-sdxl", kohya_two_encoders, LINEAR, TWO, 3, 6.0, HALF, 0.4),
        Adapter("tiny-sdxl-diffusers", "tiny-sdxl", diffusers_unet, ATTENTION, TWO, 8, None, BRAIN, 0.6),
        Adapter("tiny-flow-diffusers", "tiny-flow", diffusers_transformer, LINEAR, TWO, 4, None, HALF, 0.8),
        Adapter("tiny-flow-onetrainer", "tiny-flow", onetrainer, LINEAR, TWO, 4, 2.0, HALF, 0.8),
        Adapter("tiny-flow-peft", "tiny-flow", peft_alone, ATTENTION, ("denoiser",), 8, None, BRAIN, 0.8),
    )
}
