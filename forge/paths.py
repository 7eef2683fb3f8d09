"""Where the forge reads and writes. Everything that is not committed lies under FORGE_RUNS."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
"""The forge folder itself (committed text, the frozen evaluator, results)."""

REPO = ROOT.parent
MODELS = REPO / "public" / "models"
RESULTS = ROOT / "results"


def data_dir() -> Path:
    """The folder with concepts.json and one zip of pictures per style. Override with FORGE_DATA."""
    return Path(os.environ.get("FORGE_DATA") or REPO.parent / "shared" / "data")


def runs_dir() -> Path:
    """Caches, checkpoints and logs (git-ignored). Override with FORGE_RUNS."""
    folder = Path(os.environ.get("FORGE_RUNS") or REPO / ".runs")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
