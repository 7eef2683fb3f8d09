"""`python -m forge.onnx_fixtures`: writes every fixture again, to the same bytes."""

from __future__ import annotations

from forge.onnx_fixtures.failing_models import write_failing_models
from forge.onnx_fixtures.hostile import write_hostile
from forge.onnx_fixtures.precision import write_precision
from forge.paths import REPO


def main() -> None:
    write_precision(REPO / "src" / "core" / "onnx" / "passes" / "fixtures")
    write_hostile(REPO / "e2e" / "models" / "hostile")
    write_failing_models(REPO / "e2e" / "models")


if __name__ == "__main__":
    main()
