"""The modules that are exported, one per part, with the inputs and outputs that the hub's exports have.

Shapes are static but for `tokens`: a fixed graph has no integer arithmetic on shapes, which GPU providers leave
to the CPU.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from diffusers import DiffusionPipeline
from torch import Tensor, nn



@dataclass(frozen=True)
class Part:
    """One graph: the module, example inputs in order of `inputs`, and the inputs whose axis 1 is `tokens`."""

    name: str
    module: nn.Module
    examples: tuple[Tensor, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    any_tokens: frozenset[str] = field(default_factory=frozenset)


class TextEncoder(nn.Module):
    """CLIP's text model with the causal mask, the positions and the search for the end token as plain arithmetic."""

    def __init__(self, encoder: nn.Module, hidden: int | None) -> None:
        super().__init__()
        self.text_model = getattr(encoder, "text_model", encoder)
        self.text_projection = getattr(encoder, "text_projection", None)
        self.hidden = hidden
        """Which entry of `hidden_states` is answered; none: the last, normalised one only."""
        window = encoder.config.max_position_embeddings
        # Old configurations say 2 and mean the largest id, which is CLIP's end token.
        end = encoder.config.eos_token_id
        self.end = encoder.config.vocab_size - 1 if end == 2 else end
        self.register_buffer("before", torch.triu(torch.ones(window, window), 1), persistent=False)
        self.register_buffer("mask", torch.triu(torch.full((1, 1, window, window), -1e9), 1), persistent=False)

    def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
        model = self.text_model
        x = model.embeddings.token_embedding(input_ids) + model.embeddings.position_embedding.weight
        hidden = [x]
        for layer in model.encoder.layers:
            hidden.append(layer(hidden[-1], self.mask))
        last = model.final_layer_norm(hidden[-1])
        # 1 at the end tokens; then only at the first one, where none comes before it.
        is_end = torch.relu(input_ids.float() - (self.end - 1))
        first = torch.relu(is_end - is_end @ self.before)
        pooled = (first.unsqueeze(1) @ last).squeeze(1)
        if self.text_projection is not None:
            pooled = self.text_projection(pooled)
        return (last, pooled) if self.hidden is None else (last, pooled, hidden[self.hidden])


class UNet(nn.Module):
    """`extra` names what follows the text: SDXL's `text_embeds` and `time_ids`, or LCM's `timestep_cond`."""

    def __init__(self, unet: nn.Module, extra: tuple[str, ...]) -> None:
        super().__init__()
        self.unet = unet
        self.extra = extra

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        extra: Tensor | None = None,
        second_extra: Tensor | None = None,
    ) -> Tensor:
        named = dict(zip(self.extra, (extra, second_extra), strict=False))
        timestep_cond = named.pop("timestep_cond", None)
        return self.unet(
            sample,
            timestep,
            encoder_hidden_states,
            timestep_cond=timestep_cond,
            added_cond_kwargs=named or None,
            return_dict=False,
        )[0]


class Transformer(nn.Module):
    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(
        self, hidden_states: Tensor, timestep: Tensor, encoder_hidden_states: Tensor, pooled_projections: Tensor
    ) -> Tensor:
        return self.transformer(
            hidden_states=hidden_states,
            timestep=timestep,
            encoder_hidden_states=encoder_hidden_states,
            pooled_projections=pooled_projections,
            return_dict=False,
        )[0]


class Decoder(nn.Module):
    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.vae.decode(latent_sample, return_dict=False)[0]


class Encoder(nn.Module):
    """Mean and log-variance of the posterior, one after the other; unscaled, as the decoder's input is."""

    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, sample: Tensor) -> Tensor:
        return self.vae.encode(sample).latent_dist.parameters


def vae_downscale(pipeline: DiffusionPipeline) -> int:
    """Pixels per latent cell along one side."""
    return 2 ** (len(pipeline.vae.config.block_out_channels) - 1)


def latent_side(pipeline: DiffusionPipeline) -> int:
    """Cells of the latent along one side, at the size the network was trained on."""
    net = getattr(pipeline, "transformer", None) or pipeline.unet
    return int(net.config.sample_size)


def list_parts(pipeline: DiffusionPipeline) -> list[Part]:
    """Every part of a pipeline, with example inputs from fixed seeds."""
    generator = torch.Generator("cpu").manual_seed(1)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    parts = []
    text_width, pooled_width = 0, 0
    window = pipeline.text_encoder.config.max_position_embeddings
    side, downscale = latent_side(pipeline), vae_downscale(pipeline)
    for name in ("text_encoder", "text_encoder_2"):
        encoder = getattr(pipeline, name, None)
        if encoder is None:
            continue
        # One encoder: its last state. Several: the one before the last, as SDXL and SD3 take it.
        layers = encoder.config.num_hidden_layers
        hidden = layers - 1 if hasattr(pipeline, "text_encoder_2") else None
        pooled = "pooler_output" if getattr(encoder, "text_projection", None) is None else "text_embeds"
        outputs = ("last_hidden_state", pooled) + (() if hidden is None else (f"hidden_states.{hidden}",))
        ids = pipeline.tokenizer("a red house", padding="max_length", max_length=window, return_tensors="pt")
        parts.append(
            Part(name, TextEncoder(encoder, hidden), (ids.input_ids.to(torch.int32),), ("input_ids",), outputs)
        )
        text_width += encoder.config.hidden_size
        pooled_width = getattr(encoder.config, "projection_dim", 0)

    channels, px = pipeline.vae.config.latent_channels, float(side * downscale)
    timestep = torch.tensor([400.0])
    if getattr(pipeline, "transformer", None) is not None:
        config = pipeline.transformer.config
        examples = (
            normal(1, channels, side, side),
            timestep,
            normal(1, 2 * window, config.joint_attention_dim),
            normal(1, config.pooled_projection_dim),
        )
        inputs = ("hidden_states", "timestep", "encoder_hidden_states", "pooled_projections")
        denoiser = Part(
            "transformer",
            Transformer(pipeline.transformer),
            examples,
            inputs,
            ("out_sample",),
            frozenset({"encoder_hidden_states"}),
        )
    else:
        extras: dict[str, Tensor] = {}
        if pipeline.unet.config.addition_embed_type == "text_time":
            extras = {"text_embeds": normal(1, pooled_width), "time_ids": torch.tensor([[px, px, 0, 0, px, px]])}
        if pipeline.unet.config.time_cond_proj_dim is not None:
            extras = {"timestep_cond": normal(1, pipeline.unet.config.time_cond_proj_dim)}
        examples = (normal(1, channels, side, side), timestep, normal(1, 2 * window, text_width), *extras.values())
        inputs = ("sample", "timestep", "encoder_hidden_states", *extras)
        denoiser = Part(
            "unet",
            UNet(pipeline.unet, tuple(extras)),
            examples,
            inputs,
            ("out_sample",),
            frozenset({"encoder_hidden_states"}),
        )
    parts.append(denoiser)
    vae = pipeline.vae
    parts.append(
        Part("vae_decoder", Decoder(vae), (normal(1, channels, side, side),), ("latent_sample",), ("sample",))
    )
    parts.append(
        Part("vae_encoder", Encoder(vae), (normal(1, 3, side * downscale, side * downscale),), ("sample",), ("latent_parameters",))
    )
    return parts
