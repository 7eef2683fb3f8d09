"""`python -m forge.lora_goldens` writes e2e/goldens/lora."""

import torch

from forge.lora_goldens.golden import write_goldens

torch.set_num_threads(1)
write_goldens()
