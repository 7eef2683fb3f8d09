"""BLIP at the starter's size, and which weights its three tasks share.

One vision tower (`BlipVisionModel`), one text encoder and one decoder with its head. The three classes of `transformers` are built
around the very same modules, so that training any of them trains all:

    BlipForImageTextRetrieval     vision_model, text_encoder, vision_proj, text_proj, itm_head
    BlipForQuestionAnswering      vision_model, text_encoder, text_decoder
    BlipForConditionalGeneration  vision_model, text_decoder

The text encoder reads a text alone (contrastive) or with the picture through its cross-attention (matching, questions). Encoder
and decoder share their word embeddings, and the decoder's head is tied to these, as BLIP's is. They share no layers: BLIP ties
them in pre-training to save memory, and its published classes hold them apart.
"""

from __future__ import annotations

import torch
from torch import nn
from transformers import BlipConfig, BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering

from forge.captioner.scenes import PATCH, SIDE

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Those of BLIP's own preprocessing."""
TEXT_TOKENS = 48


def small_config(words: int, special: dict[str, int], width: int = 256, vision_layers: int = 6, text_layers: int = 3, heads: int = 4,
                 vision_inner: int = 768, text_inner: int = 512, shared_width: int = 128, side: int = SIDE, patch: int = PATCH, act: str = "relu") -> BlipConfig:
    """`special` names the ids of pad, bos (the decoder's start) and sep (its end)."""
    ids = {"pad_token_id": special["pad"], "bos_token_id": special["bos"], "sep_token_id": special["sep"], "eos_token_id": special["sep"]}
    text = {
        "vocab_size": words, "hidden_size": width, "encoder_hidden_size": width, "intermediate_size": text_inner, "num_hidden_layers": text_layers,
        "num_attention_heads": heads, "max_position_embeddings": TEXT_TOKENS, "hidden_act": act, "layer_norm_eps": 1e-6, "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0, "projection_dim": shared_width, "label_smoothing": 0.1, **ids,
    }
    vision = {
        "hidden_size": width, "intermediate_size": vision_inner, "num_hidden_layers": vision_layers, "num_attention_heads": heads, "image_size": side,
        "patch_size": patch, "hidden_act": act, "layer_norm_eps": 1e-6, "attention_dropout": 0.0, "projection_dim": shared_width,
    }
    return BlipConfig(text_config=text, vision_config=vision, projection_dim=shared_width, image_text_hidden_size=shared_width)


class Blip(nn.Module):
    """The three tasks around shared parts. Every parameter is reached through `parts` once."""

    def __init__(self, config: BlipConfig):
        super().__init__()
        # The text parts would otherwise inherit another way of attending, whose trace and speed differ.
        config._attn_implementation = "eager"
        self.config = config
        self.matching = BlipForImageTextRetrieval(config)
        self.answering = BlipForQuestionAnswering(config)
        self.captioning = BlipForConditionalGeneration(config)
        self.answering.vision_model = self.captioning.vision_model = self.matching.vision_model
        self.answering.text_encoder = self.matching.text_encoder
        self.captioning.text_decoder = self.answering.text_decoder
        words = self.matching.text_encoder.embeddings.word_embeddings
        self.answering.text_decoder.bert.embeddings.word_embeddings = words
        self.answering.text_decoder.cls.predictions.decoder.weight = words.weight
        self.temperature = nn.Parameter(torch.tensor(0.07).log())

    @property
    def vision(self) -> nn.Module:
        return self.matching.vision_model

    @property
    def encoder(self) -> nn.Module:
        return self.matching.text_encoder

    @property
    def decoder(self) -> nn.Module:
        return self.answering.text_decoder


def pixels_of(pictures: torch.Tensor, mean: tuple[float, ...] = MEAN, deviation: tuple[float, ...] = DEVIATION) -> torch.Tensor:
    """[B, H, W, 3] bytes as the vision tower's input [B, 3, H, W]."""
    values = pictures.float().permute(0, 3, 1, 2) / 255
    return (values - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)
