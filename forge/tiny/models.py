"""The tiny pipelines: real classes, tiny configurations, fixed seeds, and gains that make random weights draw.

Plain random weights answer flat grey and ignore the prompt. The gains below raise what the picture depends on
(text, cross attention, output layers) until a wrong seed, sampler or prompt is plainly visible, and no further:
`check` measures how much an error of 1e-6 grows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from forge.tiny.vocabulary import END, START, WINDOW, build_tokenizer, vocabulary

MODEL_IDS = ("tiny-sd", "tiny-sdxl", "tiny-flow", "tiny-lcm")
SIDE_PX = 64
DOWNSCALE = 8
GUIDANCE_WIDTH = 32
"""Width of LCM's `timestep_cond`."""
FLOW_SHIFT = 3.0
T5_TOKENS = 256
"""Zero tokens that SD3 appends where its T5 is absent (the pipeline's max_sequence_length)."""

DIFFUSION = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
}


def build_pipeline(model_id: str) -> DiffusionPipeline:
    """The pipeline of `model_id`, with the same weights every time."""
    pipeline = {"tiny-sd": _sd, "tiny-sdxl": _sdxl, "tiny-flow": _flow, "tiny-lcm": _lcm}[model_id]()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _sd() -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae=_vae(seed=11, latent_channels=4, scaling_factor=0.18215),
        text_encoder=_text_encoder(seed=12, width=32),
        tokenizer=build_tokenizer(),
        unet=_unet(seed=13, text_width=32),
        scheduler=_ddim(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl() -> StableDiffusionXLPipeline:
    pooled, time_ids, id_width = 40, 6, 8
    return StableDiffusionXLPipeline(
        vae=_vae(seed=21, latent_channels=4, scaling_factor=0.13025),
        text_encoder=_text_encoder(seed=22, width=24),
        text_encoder_2=_text_encoder(seed=23, width=32, projection=pooled, activation="gelu"),
        tokenizer=build_tokenizer(),
        tokenizer_2=build_tokenizer(pad="!"),
        unet=_unet(
            seed=24,
            text_width=24 + 32,
            focus=1.2,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=id_width,
            projection_class_embeddings_input_dim=pooled + time_ids * id_width,
            transformer_layers_per_block=(1, 2),
        ),
        scheduler=_ddim(),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )


def _flow() -> StableDiffusion3Pipeline:
    text_width, pooled, padded_width = 24 + 32, 24 + 40, 72
    torch.manual_seed(34)
    transformer = SD3Transformer2DModel(
        sample_size=SIDE_PX // DOWNSCALE,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=2,
        caption_projection_dim=32,
        joint_attention_dim=padded_width,
        pooled_projection_dim=pooled,
        pos_embed_max_size=SIDE_PX // DOWNSCALE,
        qk_norm="rms_norm",
    )
    assert padded_width > text_width
    _scale(
        transformer,
        {
            r"pos_embed\.proj\.weight": 8.0,
            r"timestep_embedder\.linear_\d\.weight": 2.0,
            r"norm\d?(_context)?\.linear\.weight": 1.5,
            r"to_v\.weight|add_v_proj\.weight|to_out\.0\.weight": 2.0,
            r"proj_out\.weight": 2.0,
        },
    )
    return StableDiffusion3Pipeline(
        transformer=transformer.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=FLOW_SHIFT),
        vae=_vae(seed=31, latent_channels=16, scaling_factor=1.5305, shift_factor=0.0609),
        text_encoder=_text_encoder(seed=32, width=24, projection=24),
        tokenizer=build_tokenizer(),
        text_encoder_2=_text_encoder(seed=33, width=32, projection=40, activation="gelu"),
        tokenizer_2=build_tokenizer(pad="!"),
        text_encoder_3=None,
        tokenizer_3=None,
    )


def _lcm() -> LatentConsistencyModelPipeline:
    return LatentConsistencyModelPipeline(
        vae=_vae(seed=41, latent_channels=4, scaling_factor=0.18215),
        text_encoder=_text_encoder(seed=42, width=32),
        tokenizer=build_tokenizer(),
        unet=_unet(seed=43, text_width=32, time_cond_proj_dim=GUIDANCE_WIDTH),
        scheduler=LCMScheduler(**DIFFUSION, clip_sample=False, set_alpha_to_one=True, steps_offset=0),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _ddim() -> DDIMScheduler:
    """Stable Diffusion's own scheduler settings: leading steps, offset 1, last step to the first training step."""
    return DDIMScheduler(**DIFFUSION, clip_sample=False, set_alpha_to_one=False, steps_offset=1)


def _unet(seed: int, text_width: int, focus: float = 3.0, **config: object) -> UNet2DConditionModel:
    """`focus` sharpens attention; SDXL's text is not normalised and is sharp enough by itself."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(
        sample_size=SIDE_PX // DOWNSCALE,
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=text_width,
        attention_head_dim=2,
        **config,
    )
    _scale(
        unet,
        {
            r"time_embedding\.linear_\d\.weight": 5.0,
            r"time_emb_proj\.weight": 12.0,
            r"to_(q|k)\.weight": focus,
            r"cond_proj\.weight": 2.0,
            r"attn2\.to_v\.weight|attn2\.to_out\.0\.weight": 3.0,
            r"conv_out\.weight": 0.9,
        },
    )
    return unet.eval()


def _vae(seed: int, latent_channels: int, **config: object) -> AutoencoderKL:
    torch.manual_seed(seed)
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=latent_channels,
        sample_size=SIDE_PX,
        **config,
    )
    _scale(vae, {r"decoder\.conv_out\.weight": 2.0})
    return vae.eval()


def _text_encoder(
    seed: int, width: int, projection: int | None = None, activation: str = "quick_gelu"
) -> CLIPTextModel | CLIPTextModelWithProjection:
    ids, _ = vocabulary()
    config = CLIPTextConfig(
        vocab_size=len(ids),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=WINDOW,
        hidden_act=activation,
        projection_dim=projection or width,
        bos_token_id=ids[START],
        eos_token_id=ids[END],
        pad_token_id=ids[END],
    )
    torch.manual_seed(seed)
    encoder = (CLIPTextModel if projection is None else CLIPTextModelWithProjection)(config)
    _scale(
        encoder,
        {
            r"token_embedding\.weight|position_embedding\.weight": 20.0,
            r"(q|k|v|out)_proj\.weight": 4.0,
            r"text_projection\.weight": 8.0,
        },
    )
    return encoder.eval()


def _scale(module: nn.Module, gains: Mapping[str, float]) -> None:
    """Multiplies every parameter whose name ends with one of the patterns; each pattern is written for some module.

    Biases and norms, which start as zeros and ones, get some noise first: left out or swapped, they would be seen.
    """
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn(parameter.shape))
        for name, parameter in module.named_parameters():
            for pattern, gain in gains.items():
                if re.search(rf"(^|\.)({pattern})$", name):
                    parameter.mul_(gain)
