"""Adapters with random weights for the tiny pipelines, and what diffusers with peft makes of them."""
