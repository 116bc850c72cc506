"""Windows over a volume: where they start, what they weigh, and their weighted average."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

Network = Callable[[np.ndarray], np.ndarray]
"""(1, C, D, H, W) float32 -> logits (1, K, D, H, W)."""

Window = Callable[[np.ndarray], np.ndarray]
"""(C, D, H, W) of one window -> what is averaged, (K, D, H, W)."""


def nnunet_starts(size: int, patch: int, step: float) -> list[int]:
    """Window starts along one axis, as nnU-Net: 110 voxels, patch 64, step 0.5 -> [0, 23, 46]."""
    count = math.ceil((size - patch) / (patch * step)) + 1
    if count == 1:
        return [0]
    return [int(np.round(i * ((size - patch) / (count - 1)))) for i in range(count)]


def monai_starts(size: int, patch: int, overlap: float) -> list[int]:
    """Window starts along one axis, as MONAI: 21 voxels, patch 8, overlap 0.5 -> [0, 4, 8, 12, 13]."""
    interval = patch if patch == size else max(1, int(patch * (1 - overlap)))
    starts = [0]
    while starts[-1] + patch < size:
        starts.append(starts[-1] + interval)
    return [min(start, size - patch) for start in starts]


def gaussian(patch: int, centre: float, sigma_scale: float) -> np.ndarray:
    """Weight of each voxel of a window along one axis: 1 at `centre`, sigma = sigma_scale * patch."""
    return np.exp(-0.5 * ((np.arange(patch) - centre) / (sigma_scale * patch)) ** 2)


def _outer(axes: list[np.ndarray]) -> np.ndarray:
    return axes[0][:, None, None] * axes[1][:, None] * axes[2]


def nnunet_weights(patch: Sequence[int], sigma_scale: float) -> np.ndarray:
    """nnU-Net's importance of each voxel of a window (D, H, W), 1 at patch // 2."""
    return _outer([gaussian(p, p // 2, sigma_scale) for p in patch])


def monai_weights(patch: Sequence[int], mode: str, sigma_scale: float) -> np.ndarray:
    """MONAI's importance map (D, H, W): centred between voxels where the patch is even, never below 0.001."""
    if mode == "constant":
        return np.ones(tuple(patch))
    weights = _outer([gaussian(p, (p - 1) / 2, sigma_scale) for p in patch])
    return np.maximum(weights, max(float(weights.min()), 1e-3))


def pad_to_patch(channels: np.ndarray, patch: Sequence[int]) -> tuple[np.ndarray, tuple[slice, ...]]:
    """Channels (C, D, H, W) padded with 0 to at least the patch, the smaller half first; and where they lie in that."""
    missing = [max(0, p - n) for p, n in zip(patch, channels.shape[1:], strict=True)]
    padding = [(m // 2, m - m // 2) for m in missing]
    inner = tuple(slice(low, low + n) for (low, _), n in zip(padding, channels.shape[1:], strict=True))
    return np.pad(channels, [(0, 0), *padding]), inner


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over the first axis."""
    p = np.exp(logits - logits.max(0))
    return p / p.sum(0)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-logits))


def mirrored(window: Window, axes: Sequence[int], exchange: Sequence[Sequence[int]] = ()) -> Window:
    """The mean over all flips of a window along `axes` (0, 1, 2), each result flipped back: 2^axes runs.

    `exchange` lists pairs of classes that are each other's mirror image along the last axis: left and right.
    """
    flips = [[1 + a for a in chosen] for n in range(len(axes) + 1) for chosen in itertools.combinations(axes, n)]

    def once(patch: np.ndarray, flip: list[int]) -> np.ndarray:
        result = np.flip(window(np.flip(patch, flip)), flip)
        if 3 not in flip or not exchange:
            return result
        order = np.arange(len(result))
        for a, b in exchange:
            order[[a, b]] = b, a
        return result[order]

    def run(patch: np.ndarray) -> np.ndarray:
        return sum(once(patch, flip) for flip in flips) / np.float32(len(flips))

    return run


def blend(
    channels: np.ndarray, window: Window, patch: Sequence[int], starts: Sequence[list[int]], weights: np.ndarray
) -> np.ndarray:
    """The weighted average of windows, (K, D, H, W) float32, on a volume (C, D, H, W) of at least one patch.

    Args:
        starts: window starts along each axis.
        weights: (D, H, W) of a window.
    """
    total, weight = None, np.zeros(channels.shape[1:])
    for corner in itertools.product(*starts):
        at = tuple(slice(c, c + p) for c, p in zip(corner, patch, strict=True))
        values = window(channels[(slice(None), *at)])
        if total is None:
            total = np.zeros((len(values), *channels.shape[1:]), np.float32)
        total[(slice(None), *at)] += values * weights
        weight[at] += weights
    return (total / weight).astype(np.float32)


def logits_of(network: Network, keep: Callable[[str, np.ndarray], None]) -> Window:
    """A network as a window function that records the logits of the first and the last window."""
    seen = False

    def run(patch: np.ndarray) -> np.ndarray:
        nonlocal seen
        logits = network(np.ascontiguousarray(patch[None], np.float32))[0]
        if not seen:
            keep("first-window", logits)
        seen = True
        keep("last-window", logits)
        return logits

    return run
