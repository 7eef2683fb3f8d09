"""Textual inversions with random vectors for the tiny pipelines, and what diffusers makes of them."""
