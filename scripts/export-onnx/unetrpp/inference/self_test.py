"""The answer to one window that every device has to give: src/inference/job/selfTest.ts asks for the same.

The window is made of whole numbers alone, so that both languages have it to the bit: noise in blocks of 8 voxels a side
and finer noise on it, in [0, 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .runtime import onnx_network

LOGITS = 200
"""Numbers that are compared, spread over the window and all channels."""


def _hashed(n: np.ndarray) -> np.ndarray:
    """16 bits of each 32-bit number, all different ones far apart."""
    n = n.astype(np.uint32)
    n = (n ^ (n >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    n = (n ^ (n >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return ((n ^ (n >> np.uint32(16))) >> np.uint32(16)).astype(np.float64)


def window(channels: int, patch_dhw: tuple[int, int, int]) -> np.ndarray:
    """The window, (1, channels, D, H, W) in float32."""
    shape = (channels, *patch_dhw)
    c, z, y, x = np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")
    block = ((c * 64 + z // 8) * 64 + y // 8) * 64 + x // 8
    voxel = np.arange(c.size).reshape(shape)
    return ((3 * _hashed(block + 0x9E3779B9) + _hashed(voxel)) / 2**18).astype(np.float32)[None]


def positions(count: int) -> np.ndarray:
    """Which of `count` logits, (C, D, H, W), are compared."""
    return (np.arange(LOGITS, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)) % np.uint64(count)


def answer(weights: bytes, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest's `selfTest`: what ONNX Runtime in float32 on the CPU says, and of which weights."""
    logits = onnx_network(weights)(window(len(manifest["channels"]), tuple(manifest["patchDhw"])))[0].ravel()
    compared = logits[positions(logits.size)]
    return {"weights": manifest["weights"]["sha256"], "logits": [float(f"{value:.6g}") for value in compared]}


def attach(manifest: dict[str, Any], weights: bytes) -> dict[str, Any]:
    """The manifest with its `selfTest`."""
    return manifest | {"selfTest": answer(weights, manifest)}
