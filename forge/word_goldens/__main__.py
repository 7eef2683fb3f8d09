"""`python -m forge.word_goldens` writes e2e/goldens/words."""

import torch

from forge.word_goldens.golden import write_goldens

torch.set_num_threads(1)
write_goldens()
