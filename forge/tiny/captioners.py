"""Captioners of the real classes with random weights, in Transformers.js' layout, for the hub of the tests.

They caption nothing. Decoders are traced without a cache of earlier tokens, at one fixed length.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    BartConfig,
    BlipConfig,
    BlipForConditionalGeneration,
    Florence2Config,
    Florence2ForConditionalGeneration,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
    ViTConfig,
    ViTModel,
    VisionEncoderDecoderConfig,
)

from forge.convert.manifest import write_json
from forge.convert.onnx_file import save, trace
from forge.convert.parts import Part
from forge.tiny.vocabulary import vocabulary, write_tokenizer

SIDE_PX, WIDTH, TOKENS = 32, 16, 8


class Call(nn.Module):
    """A function of the inputs, with the model that it calls as a child, so that its weights are exported."""

    def __init__(self, model: nn.Module, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(self.model, *inputs)


@dataclass(frozen=True)
class Captioner:
    name: str
    config: dict[str, Any]
    parts: list[Part]


def captioners() -> list[Captioner]:
    torch.manual_seed(7)
    words = len(vocabulary()[0])
    return [_vit_gpt2(words), _blip(words), _florence(words)]


def write_captioner(captioner: Captioner, folder: Path) -> None:
    """Replaces `folder` by the repository."""
    shutil.rmtree(folder, ignore_errors=True)
    write_tokenizer(folder)
    for extra in ("vocab.json", "merges.txt"):
        (folder / extra).unlink()
    for part in captioner.parts:
        with TemporaryDirectory() as scratch:
            save(trace(part, Path(scratch)), folder / "onnx", part.name)
    write_json(folder / "config.json", json.loads(json.dumps(captioner.config, default=str)))
    write_json(folder / "generation_config.json", {"decoder_start_token_id": 0, "eos_token_id": end_token(), "max_length": TOKENS})
    mean_and_deviation = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    size = {"height": SIDE_PX, "width": SIDE_PX}
    write_json(folder / "preprocessor_config.json", {"do_resize": True, "do_normalize": True, "size": size, **mean_and_deviation})


def end_token() -> int:
    return len(vocabulary()[0]) - 1


def _pixels() -> Tensor:
    return torch.rand(1, 3, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(1)) * 2 - 1


def _ids() -> Tensor:
    return torch.arange(TOKENS).reshape(1, TOKENS)


def _states(tokens: int, width: int = WIDTH) -> Tensor:
    return torch.randn(1, tokens, width, generator=torch.Generator().manual_seed(2))


def _part(name: str, model: nn.Module, call: Callable[..., Tensor], inputs: dict[str, Tensor], output: str) -> Part:
    return Part(name, Call(model.eval(), call), tuple(inputs.values()), tuple(inputs), (output,))


def _plain(model: PreTrainedModel) -> PreTrainedModel:
    model.set_attn_implementation("eager")
    return model.eval()


def _vit_gpt2(words: int) -> Captioner:
    vit = ViTConfig(
        hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2, intermediate_size=2 * WIDTH, image_size=SIDE_PX, patch_size=16
    )
    gpt = GPT2Config(
        vocab_size=words, n_positions=TOKENS, n_embd=WIDTH, n_layer=1, n_head=2, add_cross_attention=True, is_decoder=True, use_cache=False
    )
    encoder, decoder = _plain(ViTModel(vit, add_pooling_layer=False)), _plain(GPT2LMHeadModel(gpt))
    patches = (SIDE_PX // 16) ** 2 + 1
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(vit, gpt).to_dict()
    return Captioner("tiny-vit-gpt2", {**config, "model_type": "vision-encoder-decoder"}, [
        _part("encoder_model", encoder, lambda m, x: m(x).last_hidden_state, {"pixel_values": _pixels()}, "last_hidden_state"),
        _part(
            "decoder_model_merged", decoder, lambda m, ids, seen: m(ids, encoder_hidden_states=seen, use_cache=False).logits,
            {"input_ids": _ids(), "encoder_hidden_states": _states(patches)}, "logits",
        ),
    ])


def _blip(words: int) -> Captioner:
    shape = {"hidden_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 2 * WIDTH}
    config = BlipConfig(
        text_config={**shape, "vocab_size": words, "encoder_hidden_size": WIDTH, "max_position_embeddings": TOKENS, "projection_dim": WIDTH, "bos_token_id": 0, "sep_token_id": words - 1, "pad_token_id": 0},
        vision_config={**shape, "image_size": SIDE_PX, "patch_size": 16, "projection_dim": WIDTH},
        projection_dim=WIDTH,
        image_text_hidden_size=WIDTH,
    )
    model = _plain(BlipForConditionalGeneration(config))
    patches = (SIDE_PX // 16) ** 2 + 1
    return Captioner("tiny-blip", {**config.to_dict(), "model_type": "blip"}, [
        _part("vision_model", model.vision_model, lambda m, x: m(x).last_hidden_state, {"pixel_values": _pixels()}, "last_hidden_state"),
        _part(
            "text_decoder", model.text_decoder, lambda m, ids, seen: m(ids, encoder_hidden_states=seen, use_cache=False).logits,
            {"input_ids": _ids(), "encoder_hidden_states": _states(patches)}, "logits",
        ),
    ])


def _florence(words: int) -> Captioner:
    config = Florence2Config(
        vision_config={
            "depths": [1], "embed_dim": [WIDTH], "num_heads": [2], "num_groups": [2], "patch_size": [7], "patch_stride": [4],
            "patch_padding": [3], "patch_prenorm": [False], "window_size": 4, "projection_dim": WIDTH, "drop_path_rate": 0.0,
        },
        text_config=BartConfig(
            vocab_size=words, d_model=WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
            encoder_ffn_dim=2 * WIDTH, decoder_ffn_dim=2 * WIDTH, max_position_embeddings=64,
        ).to_dict(),
    )
    model = _plain(Florence2ForConditionalGeneration(config))
    text = model.model.language_model
    mask = torch.ones(1, TOKENS, dtype=torch.int64)

    def decode(model: nn.Module, embeds: Tensor, seen: Tensor, seen_mask: Tensor) -> Tensor:
        answer = model.model.language_model.decoder(
            inputs_embeds=embeds, encoder_hidden_states=seen, encoder_attention_mask=seen_mask, use_cache=False
        )
        return model.lm_head(answer.last_hidden_state)

    return Captioner("tiny-florence-2", {**config.to_dict(), "model_type": "florence2"}, [
        _part("vision_encoder", model, lambda m, x: m.get_image_features(x).pooler_output, {"pixel_values": _pixels()}, "image_features"),
        _part("embed_tokens", text, lambda m, ids: m.get_input_embeddings()(ids), {"input_ids": _ids()}, "inputs_embeds"),
        _part(
            "encoder_model", text.encoder, lambda m, embeds, mask: m(inputs_embeds=embeds, attention_mask=mask).last_hidden_state,
            {"inputs_embeds": _states(TOKENS), "attention_mask": mask}, "last_hidden_state",
        ),
        _part(
            "decoder_model_merged", model, decode,
            {"inputs_embeds": _states(TOKENS), "encoder_hidden_states": _states(TOKENS), "encoder_attention_mask": mask}, "logits",
        ),
    ])
