"""Intermediate results of a run, for whoever wants to look at them or compare them."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

import numpy as np

Keep = Callable[[str, np.ndarray], None]
"""What a pipeline hands its intermediate results to."""


class Stages:
    """Keeps the arrays that a pipeline hands it. The names, in order:

    read (C, z, y, x); cropped, resampled and normalised (C, D, H, W), where the scheme has them; look
    (1, D, H, W) labels on the grid of a first look; first-window and last-window (K, D, H, W) logits; blended
    (K, D, H, W) on the network's grid, probabilities but for nnunet-v2, logits there; labels (z, y, x) uint8.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}

    def __call__(self, name: str, array: np.ndarray) -> None:
        kind = np.uint8 if name == "labels" else np.float32
        self.arrays[name] = np.array(array, dtype=kind, order="C")

    def write(self, folder: pathlib.Path) -> None:
        """NAME.npy for each, and stages.json with their order and shapes."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array)
        shapes = [{"stage": name, "shape": list(array.shape)} for name, array in self.arrays.items()]
        (folder / "stages.json").write_text(json.dumps(shapes, indent=2) + "\n")


def ignore(_name: str, _array: np.ndarray) -> None:
    """Keeps nothing."""
