"""Golden numbers for src/core/sampling, written from the schedulers of diffusers and from torch."""
