"""The tests' data: seven concepts in five styles, committed; runs go to a temporary folder."""

import os
import tempfile
from pathlib import Path

import torch

FIXTURES = Path(__file__).parent / "fixtures"
os.environ["FORGE_DATA"] = str(FIXTURES / "data")
os.environ["FORGE_RUNS"] = tempfile.mkdtemp(prefix="forge-runs-")
torch.set_num_threads(1)
