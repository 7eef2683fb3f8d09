"""The data: built from public clones of its three sources, and pinned by hash."""
