"""The independent evaluator: its own net, seed and renders. Frozen by sha256 before any generator's first run."""
