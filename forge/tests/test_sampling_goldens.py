"""The committed golden files of src/core/sampling are what the pinned diffusers and torch give."""

import pytest

from forge.sampling import __main__ as sampling
from forge.sampling.cases import Case, diffusion
from forge.sampling.numbers import differences
from forge.sampling.traces import noise_pool, trace


def test_committed_files_are_what_would_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert sampling.check() == 0, capsys.readouterr().out


def test_a_check_sees_a_change() -> None:
    expected = [{"steps": 2, "latents": [[1.0, 2.0], [3.0, 4.0]]}]
    assert list(differences([{"steps": 2, "latents": [[1.0, 2.0], [3.0, 4.0]]}], expected)) == []
    assert list(differences([{"steps": 2, "latents": [[1.0, 2.0], [3.0, 4.001]]}], expected))
    assert list(differences([{"steps": 3, "latents": [[1.0, 2.0], [3.0, 4.0]]}], expected))
    assert list(differences([], expected))


def test_a_trace_shows_the_timestep() -> None:
    pool = noise_pool()
    normal = trace(Case("euler", "normal", diffusion(), 4), pool)
    uniform = trace(Case("euler", "sgm-uniform", diffusion(), 4), pool)
    assert list(differences(normal["latents"], uniform["latents"]))
