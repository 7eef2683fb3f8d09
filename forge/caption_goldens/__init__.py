"""Golden numbers for reading pictures: Pillow's resizing and transformers' ways of decoding."""
