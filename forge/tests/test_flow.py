"""The flow path and its sampler."""

import pytest
import torch

from forge.flow import add_noise, draw_times, folded, folded_target, guided, sample_euler, trailing_sigmas


@pytest.mark.parametrize("steps", [1, 2, 4, 16])
def test_trailing_sigmas_are_even_and_end_at_zero(steps: int) -> None:
    sigmas = trailing_sigmas(steps)
    assert sigmas[0] == 1 and sigmas[-1] == 0 and torch.allclose(sigmas.diff(), torch.full((steps,), -1 / steps), atol=1e-6)


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_a_perfect_denoiser_is_reached_exactly(steps: int) -> None:
    clean, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert torch.allclose(sample_euler(lambda x, t: clean, noise, steps), clean, atol=1e-5)


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_perfect_denoiser_stays_on_the_path(taken: int) -> None:
    clean, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    there = add_noise(clean, noise, torch.full((2,), 1 - taken / 4))
    assert torch.allclose(sample_euler(lambda x, t: clean, noise, 4, taken), there, atol=1e-5)


def test_path_ends() -> None:
    clean, noise = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert torch.equal(add_noise(clean, noise, torch.zeros(2)), clean)
    assert torch.allclose(add_noise(clean, noise, torch.ones(2)), noise)


def test_guidance_extrapolates() -> None:
    x, t = torch.zeros(1, 1, 1, 1), torch.ones(1)
    predict = guided(lambda x, t: x + 3, lambda x, t: x + 1, 2.0)
    assert predict(x, t).item() == 5


def test_what_folds_guidance_in_has_the_guided_answer_as_its_fixed_point() -> None:
    clean, plain = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    answer = torch.zeros_like(clean)
    for _ in range(40):
        answer = folded(clean, answer, plain, 1.5)
    assert torch.allclose(answer, guided(lambda x, t: clean, lambda x, t: plain, 1.5)(clean, torch.ones(2)), atol=1e-5)


def test_only_later_times_with_a_text_are_guided() -> None:
    clean, answered, plain = torch.randn(3, 4, 3, 4, 4).unbind()
    t, dropped = torch.tensor([1.0, 0.5, 0.5, 0.25]), torch.tensor([False, False, True, False])
    asked: list[int] = []

    def unasked(rows: torch.Tensor) -> torch.Tensor:
        asked.extend(rows.tolist())
        return plain[rows]

    target = folded_target(clean, answered, t, dropped, 3.0, unasked)
    assert asked == [1, 3] and torch.equal(target[[0, 2]], clean[[0, 2]])
    assert torch.allclose(target[[1, 3]], (clean + 2 / 3 * (answered - plain))[[1, 3]])
    assert folded_target(clean, answered, torch.ones(4), dropped, 3.0, unasked) is clean and asked == [1, 3]


def test_times_favour_noise() -> None:
    t = draw_times(4000, torch.Generator().manual_seed(0))
    assert 0.12 < (t == 1).float().mean() < 0.18 and t.min() > 0 and t.mean() > 0.65
