"""From probabilities to labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from .tiling import sigmoid, softmax


def activate(logits: np.ndarray, output: dict[str, Any]) -> np.ndarray:
    """Probabilities (K, ...) by the manifest's `output`."""
    return softmax(logits) if output["activation"] == "softmax" else sigmoid(logits)


def decide(values: np.ndarray, output: dict[str, Any], threshold: float = 0.5) -> np.ndarray:
    """Labels uint8 from probabilities (K, ...), or from logits with threshold 0.

    softmax: the largest, ties to the lower label. sigmoid: label regionOrder[i] where channel i is above the threshold,
    later ones on top.
    """
    if output["activation"] == "softmax":
        return values.argmax(0).astype(np.uint8)
    labels = np.zeros(values.shape[1:], np.uint8)
    for value, label in zip(values, output["regionOrder"], strict=True):
        labels[value > threshold] = label
    return labels
