"""Tiny random-weight pipelines of the real classes, and golden numbers from the reference library.

They prove that the engine runs the hub's big models: same classes, same folder layout, small enough to commit.
"""
