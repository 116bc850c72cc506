"""Intensities to what the network was trained on. Means and deviations in float64, of the population."""

from __future__ import annotations

from typing import Any

import numpy as np

EPSILON = 1e-8


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and deviation; 0 and 0 of nothing."""
    return (float(values.mean()), float(values.std())) if values.size else (0.0, 0.0)


def nnunet_v1(values: np.ndarray, mask: np.ndarray, scheme: dict[str, Any]) -> np.ndarray:
    """One channel (D, H, W) by an entry of the manifest's `normalization`, float32. `mask` is what was not zero."""
    if scheme["scheme"] == "noNorm":
        return values
    x = values.astype(np.float64)
    inside = mask if scheme["useMask"] else np.ones(x.shape, bool)
    if scheme["scheme"] == "CT":
        x = (np.clip(x, scheme["lower"], scheme["upper"]) - scheme["mean"]) / scheme["sd"]
    elif scheme["scheme"] == "CT2":
        mean, deviation = _moments(x[(x > scheme["lower"]) & (x < scheme["upper"])])
        x = (np.clip(x, scheme["lower"], scheme["upper"]) - mean) / deviation
    else:
        mean, deviation = _moments(x[inside])
        x = (x - mean) / (deviation + EPSILON)
    return np.where(inside, x, 0).astype(np.float32)


def nnunet_v2(values: np.ndarray, mask: np.ndarray, scheme: dict[str, Any]) -> np.ndarray:
    """As nnunet_v1, by nnU-Net v2's rules: with `useMask`, voxels outside stay as they are."""
    x = values.astype(np.float64)
    match scheme["scheme"]:
        case "CT":
            x = (np.clip(x, scheme["lower"], scheme["upper"]) - scheme["mean"]) / max(scheme["sd"], EPSILON)
        case "ZScore":
            inside = mask if scheme["useMask"] else np.ones(x.shape, bool)
            mean, deviation = _moments(x[inside])
            x = np.where(inside, (x - mean) / max(deviation, EPSILON), x)
        case "RescaleTo01":
            x = (x - x.min()) / max(x.max() - x.min(), EPSILON)
        case "RGBTo01":
            x = x / 255
    return x.astype(np.float32)


def monai(values: np.ndarray, scheme: dict[str, Any]) -> np.ndarray:
    """One channel (D, H, W) by the manifest's `intensity`, float32."""
    x = values.astype(np.float64)
    if scheme["scheme"] == "range":
        a, b = (scheme["aMin"], scheme["aMax"]), (scheme["bMin"], scheme["bMax"])
        x = (x - a[0]) / (a[1] - a[0]) * (b[1] - b[0]) + b[0]
        x = np.clip(x, *b) if scheme["clip"] else x
    elif scheme["scheme"] == "normalize":
        inside = x != 0 if scheme["nonzero"] else np.ones(x.shape, bool)
        mean, deviation = _moments(x[inside])
        x = np.where(inside, (x - mean) / (deviation or 1), x)
    return x.astype(np.float32)
