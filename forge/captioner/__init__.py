"""The captioner: BLIP's architecture at a small size, trained from scratch to read what the starter models draw."""
