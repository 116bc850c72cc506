"""Published checkpoints of UNETR++ and the nnU-Net v1 plans beside them."""
