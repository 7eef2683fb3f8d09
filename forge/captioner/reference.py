"""What `transformers`' own classes answer, in fp32: the numbers that the studio's tests are held to."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from forge.captioner.net import Blip, pixels_of


def squeezed(picture: Image.Image, side: int) -> np.ndarray:
    """[side, side, 3] bytes: Pillow's bicubic, whatever the picture's shape."""
    image = picture.convert("RGB")
    return np.asarray(image if image.size == (side, side) else image.resize((side, side), Image.Resampling.BICUBIC))


def encode(tokenizer: Tokenizer, text: str, window: int) -> torch.Tensor:
    """[CLS] text [SEP], cut to the window with [SEP] last."""
    ids = tokenizer.encode(text).ids
    return torch.tensor([ids if len(ids) <= window else [*ids[: window - 1], ids[-1]]])


def words_of(tokenizer: Tokenizer, ids: list[int]) -> str:
    return tokenizer.decode(ids, skip_special_tokens=True)


@torch.no_grad()
def caption(blip: Blip, pixels: torch.Tensor, *, beams: int = 1, tokens: int = 32, prefix: list[int] | None = None) -> list[int]:
    """The whole sequence: start, prefix, and what was generated, to the end token."""
    text = blip.config.text_config
    ids = None if prefix is None else torch.tensor([[text.bos_token_id, *prefix, text.sep_token_id]])
    made = blip.captioning.generate(pixels, input_ids=ids, num_beams=beams, do_sample=False, max_new_tokens=tokens)
    return made[0].tolist()


@torch.no_grad()
def answer(blip: Blip, pixels: torch.Tensor, question: torch.Tensor, *, beams: int = 1, tokens: int = 10) -> list[int]:
    return blip.answering.generate(question, pixels, num_beams=beams, do_sample=False, max_new_tokens=tokens)[0].tolist()


@torch.no_grad()
def forced_logits(blip: Blip, pixels: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Scores after each token of a caption, [tokens, words]."""
    states = blip.vision(pixels).last_hidden_state
    return blip.decoder(torch.tensor([ids]), encoder_hidden_states=states, use_cache=False).logits[0]


@torch.no_grad()
def match(blip: Blip, pixels: torch.Tensor, text: torch.Tensor) -> tuple[float, list[float]]:
    """(similarity, matching logits)."""
    similarity = blip.matching(text, pixels, use_itm_head=False).itm_score
    fits = blip.matching(text, pixels, use_itm_head=True).itm_score
    return float(similarity[0, 0]), fits[0].tolist()


def pixels(blip: Blip, bytes_: np.ndarray) -> torch.Tensor:
    return pixels_of(torch.from_numpy(bytes_.copy())[None])


def facts(blip: Blip, tokenizer: Tokenizer, picture: np.ndarray, *, prefix: str, questions: list[str], texts: list[str], tokens: int = 32, answer_tokens: int = 10) -> dict[str, Any]:
    """Everything about one picture [side, side, 3] that a golden holds."""
    x = pixels(blip, picture)
    window = blip.config.text_config.max_position_embeddings
    greedy = caption(blip, x, tokens=tokens)
    begun = tokenizer.encode(prefix, add_special_tokens=False).ids
    return {
        "greedy": greedy, "beams3": caption(blip, x, beams=3, tokens=tokens),
        "prefix": {"text": prefix, "tokens": caption(blip, x, tokens=tokens, prefix=begun)},
        "words": words_of(tokenizer, greedy),
        "answers": [{"question": q, "ids": (ids := encode(tokenizer, q, window))[0].tolist(), "tokens": (made := answer(blip, x, ids, tokens=answer_tokens)),
                     "beams3": answer(blip, x, ids, beams=3, tokens=answer_tokens), "words": words_of(tokenizer, made)} for q in questions],
        "matches": [{"text": t, "ids": (ids := encode(tokenizer, t, window))[0].tolist(), **dict(zip(("similarity", "logits"), match(blip, x, ids), strict=True))} for t in texts],
    }
