"""From a `diffusers` pipeline on disk to a folder that the studio opens: graphs, weight files, tokenizers, manifest."""
