"""Captioners of the real classes with random weights, in Transformers.js' layout, for the hub of the tests.

They caption nothing. ViT-GPT2 and Florence-2 have the inputs and outputs of the hub's exports, caches of earlier tokens
included, so that Transformers.js runs them; BLIP, which it does not know, is traced at one fixed length without a cache.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
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
    VisionEncoderDecoderModel,
)

from forge.convert.manifest import write_json
from forge.convert.onnx_file import OPSET, save, trace
from forge.convert.parts import Part
from forge.tiny.vocabulary import vocabulary, write_tokenizer

SIDE_PX, WIDTH, TOKENS = 32, 16, 8
HEADS = 2
ROOM = 32
"""Positions of the decoders with a cache."""
MAX_LENGTH = 16
PROMPTS = {"<CAPTION>": "What does the image describe?", "<DETAILED_CAPTION>": "Describe in detail what is shown in the image."}
"""What Florence-2 is asked by these names."""


class Call(nn.Module):
    """A function of the inputs, with the model that it calls as a child, so that its weights are exported."""

    def __init__(self, model: nn.Module, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(self.model, *inputs)


@dataclass(frozen=True)
class Cached(Part):
    """A graph whose axes have the names that the hub's exports give them; its weights stay inside."""

    axes: dict[str, dict[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Captioner:
    name: str
    config: dict[str, Any]
    parts: list[Part]
    model: PreTrainedModel
    generation: dict[str, Any] = field(default_factory=dict)
    """More of generation_config.json."""
    preprocessor: dict[str, Any] = field(default_factory=dict)


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
        if isinstance(part, Cached):
            _save_cached(part, folder / "onnx")
            continue
        with TemporaryDirectory() as scratch:
            save(trace(part, Path(scratch)), folder / "onnx", part.name)
    write_json(folder / "config.json", json.loads(json.dumps(captioner.config, default=str)))
    write_json(
        folder / "generation_config.json",
        {"decoder_start_token_id": 0, "eos_token_id": end_token(), "max_length": TOKENS, **captioner.generation},
    )
    mean_and_deviation = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    size = {"height": SIDE_PX, "width": SIDE_PX}
    write_json(folder / "preprocessor_config.json", {"do_resize": True, "do_normalize": True, "size": size, **mean_and_deviation, **captioner.preprocessor})


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


def _lively(model: PreTrainedModel, scale: float) -> PreTrainedModel:
    """Weights so large that the words depend on the picture and on each other."""
    model = _plain(model)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=scale)
    return model


def _heads(x: Tensor, heads: int = HEADS) -> Tensor:
    return x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] // heads).transpose(1, 2)


def _attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    scores = scores if bias is None else scores + bias
    mixed = (scores.softmax(-1) @ value).transpose(1, 2)
    return mixed.reshape(mixed.shape[0], mixed.shape[1], mixed.shape[2] * mixed.shape[3])


def _places(added: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
    """Positions of the new tokens, and what keeps each from those after it."""
    before = past.shape[2]
    total = torch.arange(before + added.shape[1])
    places = total[before:]
    return places, (total[None] > places[:, None]) * -1e9


class CachedGpt2(nn.Module):
    """GPT-2 with cross-attention: the new tokens after those whose keys and values are given."""

    def __init__(self, model: GPT2LMHeadModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, encoder_hidden_states: Tensor, *cache: Tensor) -> tuple[Tensor, ...]:
        body, heads, width = self.model.transformer, self.model.config.n_head, self.model.config.n_embd
        places, bias = _places(input_ids, cache[0])
        x = body.wte(input_ids) + body.wpe(places)
        kept: list[Tensor] = []
        for block, key, value in zip(body.h, cache[0::2], cache[1::2], strict=False):
            query, new_key, new_value = block.attn.c_attn(block.ln_1(x)).split(width, dim=2)
            key, value = torch.cat([key, _heads(new_key, heads)], 2), torch.cat([value, _heads(new_value, heads)], 2)
            kept += [key, value]
            x = x + block.attn.c_proj(_attend(_heads(query, heads), key, value, bias))
            look = block.crossattention
            seen_key, seen_value = look.c_attn(encoder_hidden_states).split(width, dim=2)
            asked = _heads(look.q_attn(block.ln_cross_attn(x)), heads)
            x = x + look.c_proj(_attend(asked, _heads(seen_key, heads), _heads(seen_value, heads)))
            x = x + block.mlp(block.ln_2(x))
        return self.model.lm_head(body.ln_f(x)), *kept


class CachedBart(nn.Module):
    """Florence-2's decoder, in the same way; the keys and values of what it looks at come with the first tokens."""

    def __init__(self, model: Florence2ForConditionalGeneration) -> None:
        super().__init__()
        self.model = model

    def forward(self, encoder_attention_mask: Tensor, encoder_hidden_states: Tensor, inputs_embeds: Tensor, *cache: Tensor) -> tuple[Tensor, ...]:
        decoder = self.model.model.language_model.decoder
        key, value = cache[:2]
        places, bias = _places(inputs_embeds, key)
        x = decoder.layernorm_embedding(inputs_embeds + nn.functional.embedding(places + 2, decoder.embed_positions.weight))
        (layer,) = decoder.layers
        own, look = layer.self_attn, layer.encoder_attn
        key = torch.cat([key, _heads(own.k_proj(x))], 2)
        value = torch.cat([value, _heads(own.v_proj(x))], 2)
        x = layer.self_attn_layer_norm(x + own.out_proj(_attend(_heads(own.q_proj(x)), key, value, bias)))
        seen_key, seen_value = _heads(look.k_proj(encoder_hidden_states)), _heads(look.v_proj(encoder_hidden_states))
        blind = (1 - encoder_attention_mask[:, None, None].float()) * -1e9
        looked = _attend(_heads(look.q_proj(x)), seen_key, seen_value, blind)
        x = layer.encoder_attn_layer_norm(x + look.out_proj(looked))
        x = layer.final_layer_norm(x + layer.fc2(layer.activation_fn(layer.fc1(x))))
        return self.model.lm_head(x), key, value, seen_key, seen_value


def _save_cached(part: Cached, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{part.name}.onnx"
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            part.module.eval(), part.examples, str(file), dynamo=False, opset_version=OPSET,
            input_names=list(part.inputs), output_names=list(part.outputs), dynamic_axes=part.axes,
        )
    model = onnx.load(file)
    model.producer_version = ""
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
    given = {item.name for item in model.graph.input}
    for name, example in zip(part.inputs, part.examples, strict=True):
        if name in given:
            continue
        # One branch does what the hub's exports do in two: a cache may be empty. Readers of this layout say all the same which
        # they mean, and give the keys and values of the picture back.
        kind = onnx.TensorProto.BOOL if example.dtype == torch.bool else onnx.TensorProto.FLOAT
        dims = [part.axes.get(name, {}).get(axis, size) for axis, size in enumerate(example.shape)]
        model.graph.input.append(onnx.helper.make_tensor_value_info(name, kind, dims))
    onnx.save_model(model, file)


BATCH = {0: "batch_size"}
PAST = {**BATCH, 2: "past_decoder_sequence_length"}
PRESENT = {**BATCH, 2: "past_decoder_sequence_length + 1"}
SEEN = {**BATCH, 2: "encoder_sequence_length"}


def _vit_gpt2(words: int) -> Captioner:
    vit = ViTConfig(
        hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=HEADS, intermediate_size=2 * WIDTH, image_size=SIDE_PX, patch_size=16
    )
    gpt = GPT2Config(vocab_size=words, n_positions=ROOM, n_embd=WIDTH, n_layer=1, n_head=HEADS, **_gpt2_ends(words))
    return _of_vit_and_gpt2("tiny-vit-gpt2", vit, gpt, (0.3, 0.6))


def sized_vit_gpt2() -> Captioner:
    """About as many parameters as the captioner that ships, to be measured beside it."""
    words = len(vocabulary()[0])
    vit = ViTConfig(hidden_size=256, num_hidden_layers=7, num_attention_heads=4, intermediate_size=1024, image_size=128, patch_size=16)
    gpt = GPT2Config(vocab_size=words, n_positions=ROOM, n_embd=256, n_layer=3, n_head=4, **_gpt2_ends(words))
    return _of_vit_and_gpt2("sized-vit-gpt2", vit, gpt, (0.05, 0.1))


def _gpt2_ends(words: int) -> dict[str, Any]:
    return {"add_cross_attention": True, "is_decoder": True, "bos_token_id": 0, "eos_token_id": words - 1}


def _of_vit_and_gpt2(name: str, vit: ViTConfig, gpt: GPT2Config, scales: tuple[float, float]) -> Captioner:
    encoder, decoder = _lively(ViTModel(vit, add_pooling_layer=False), scales[0]), _lively(GPT2LMHeadModel(gpt), scales[1])
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(vit, gpt)
    side, width = vit.image_size, gpt.n_embd
    past = [_noise(1, gpt.n_head, 3, width // gpt.n_head) for _ in range(2 * gpt.n_layer)]
    cache = [f"{layer}.{kind}" for layer in range(gpt.n_layer) for kind in ("key", "value")]
    return Captioner(name, {**config.to_dict(), "model_type": "vision-encoder-decoder"}, [
        _part("encoder_model", encoder, lambda m, x: m(x).last_hidden_state, {"pixel_values": _noise(1, 3, side, side)}, "last_hidden_state"),
        Cached(
            "decoder_model_merged", CachedGpt2(decoder).eval(),
            (_ids(), _states((side // 16) ** 2 + 1, width), *past, torch.tensor([True])),
            ("input_ids", "encoder_hidden_states", *(f"past_key_values.{one}" for one in cache), "use_cache_branch"),
            ("logits", *(f"present.{one}" for one in cache)),
            axes={
                "input_ids": {**BATCH, 1: "decoder_sequence_length"}, "encoder_hidden_states": {**BATCH, 1: "encoder_sequence_length"},
                "logits": {**BATCH, 1: "decoder_sequence_length"},
                **{f"past_key_values.{one}": PAST for one in cache}, **{f"present.{one}": PRESENT for one in cache},
            },
        ),
    ], VisionEncoderDecoderModel(config, encoder, decoder).eval(), {"max_length": MAX_LENGTH}, {
        "image_processor_type": "ViTImageProcessor", "resample": 2, "size": {"height": side, "width": side},
    })


def _noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


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
    ], model)


def _florence(words: int) -> Captioner:
    config = Florence2Config(
        image_token_id=words - 3,
        vision_config={
            "depths": [1], "embed_dim": [WIDTH], "num_heads": [HEADS], "num_groups": [2], "patch_size": [7], "patch_stride": [4],
            "patch_padding": [3], "patch_prenorm": [False], "window_size": 4, "projection_dim": WIDTH, "drop_path_rate": 0.0,
        },
        text_config=BartConfig(
            vocab_size=words, d_model=WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=HEADS,
            decoder_attention_heads=HEADS, encoder_ffn_dim=2 * WIDTH, decoder_ffn_dim=2 * WIDTH, max_position_embeddings=128,
            decoder_start_token_id=0, bos_token_id=0, eos_token_id=words - 1, pad_token_id=words - 1, forced_eos_token_id=None,
        ).to_dict(),
    )
    model = _lively(Florence2ForConditionalGeneration(config), 0.4)
    model.tie_weights()
    text = model.model.language_model
    mask = torch.ones(1, TOKENS, dtype=torch.int64)
    past = torch.randn(1, HEADS, 3, WIDTH // HEADS, generator=torch.Generator().manual_seed(3))
    seen = torch.randn(1, HEADS, TOKENS, WIDTH // HEADS, generator=torch.Generator().manual_seed(4))

    def embed(model: nn.Module, ids: Tensor) -> Tensor:
        return model.get_input_embeddings()(ids)

    def encode(model: nn.Module, mask: Tensor, embeds: Tensor) -> Tensor:
        x = model.layernorm_embedding(embeds + model.embed_positions.weight[2 : 2 + embeds.shape[1]])
        blind = (1 - mask[:, None, None].float()) * -1e9
        for layer in model.layers:
            own = layer.self_attn
            mixed = own.out_proj(_attend(_heads(own.q_proj(x)), _heads(own.k_proj(x)), _heads(own.v_proj(x)), blind))
            x = layer.self_attn_layer_norm(x + mixed)
            x = layer.final_layer_norm(x + layer.fc2(layer.activation_fn(layer.fc1(x))))
        return x

    cache = [f"0.{which}.{kind}" for which in ("decoder", "encoder") for kind in ("key", "value")]
    long = {**BATCH, 1: "encoder_sequence_length"}
    fresh = {**BATCH, 1: "decoder_sequence_length"}
    shapes = dict(zip(cache, (PAST, PAST, SEEN, SEEN), strict=True))
    return Captioner("tiny-florence-2", {**config.to_dict(), "model_type": "florence2"}, [
        _part("vision_encoder", model, lambda m, x: m.get_image_features(x).pooler_output, {"pixel_values": _pixels()}, "image_features"),
        Cached(
            "embed_tokens", Call(text, embed), (_ids(),), ("input_ids",), ("inputs_embeds",),
            axes={"input_ids": {**BATCH, 1: "sequence_length"}, "inputs_embeds": {**BATCH, 1: "sequence_length"}},
        ),
        Cached(
            "encoder_model", Call(text.encoder, encode), (mask, _states(TOKENS)), ("attention_mask", "inputs_embeds"), ("last_hidden_state",),
            axes={"attention_mask": long, "inputs_embeds": long, "last_hidden_state": long},
        ),
        Cached(
            "decoder_model_merged", CachedBart(model).eval(),
            (mask, _states(TOKENS), _states(2), past, past.clone(), seen, seen.clone(), torch.tensor([True])),
            ("encoder_attention_mask", "encoder_hidden_states", "inputs_embeds", *(f"past_key_values.{name}" for name in cache), "use_cache_branch"),
            ("logits", *(f"present.{name}" for name in cache)),
            axes={
                "encoder_attention_mask": long, "encoder_hidden_states": long, "inputs_embeds": fresh, "logits": fresh,
                **{f"past_key_values.{name}": shape for name, shape in shapes.items()},
                **{f"present.{name}": shape for name, shape in zip(cache, (PRESENT, PRESENT, SEEN, SEEN), strict=True)},
            },
        ),
    ], model, {"max_length": MAX_LENGTH}, {
        "image_processor_type": "CLIPImageProcessor", "processor_class": "Florence2Processor", "resample": 2,
        "task_prompts_without_inputs": PROMPTS, "tasks_answer_post_processing_type": {name: "pure_text" for name in PROMPTS},
    })
