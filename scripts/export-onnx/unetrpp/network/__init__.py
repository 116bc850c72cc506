"""The network: its variants, its layers, and checkpoints of it."""
