"""A first look at a whole scan on a coarse grid, so that windows tile only the part that has something to segment.

A head in a large field of view is mostly air, face and neck. The twin of src/inference/schemes/firstLook.ts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from ..islands import CORNERS
from . import tiling

Box = tuple[slice, ...]
"""One slice an axis, with a start and a stop."""


def coarse_size(size: Sequence[int], coarser: float) -> tuple[int, ...]:
    """The coarse grid over the same extent: max(1, floor(n / coarser)) voxels per axis."""
    return tuple(max(1, math.floor(n / coarser)) for n in size)


def is_worth_it(size: Sequence[int], patch: Sequence[int], step: float, coarser: float) -> bool:
    """Whether a scan has enough windows: more than the first look has, times how much smaller its grid is."""

    def windows(grid: Sequence[int]) -> int:
        return math.prod(len(tiling.nnunet_starts(max(n, p), p, step)) for n, p in zip(grid, patch, strict=True))

    return windows(coarse_size(size, coarser)) * coarser**3 < windows(size)


def box_around(
    labels: np.ndarray, size: Sequence[int], patch: Sequence[int], spacing: Sequence[float], plan: dict[str, Any]
) -> Box | None:
    """Which part of the grid the windows should tile.

    The smallest box around the largest island of what the first look labelled, islands touching at corners being one,
    with `marginMm` on all sides and as large as a window where the grid is; cut where the grid ends.

    Args:
        labels: of the first look, (D, H, W) on the coarse grid.
        size: of the grid that windows lie on, over the same extent.
        spacing: mm of that grid.
        plan: the manifest's `firstLook`.

    Returns None where that island is smaller than `leastMl`: then the first look says nothing.
    """
    numbers, count = ndimage.label(labels > 0, CORNERS)
    if count == 0:
        return None
    voxels = np.bincount(numbers.ravel())
    voxels[0] = 0
    island = int(voxels.argmax())
    scales = [n / m for n, m in zip(size, labels.shape, strict=True)]
    if voxels[island] * math.prod(scales) * math.prod(spacing) < 1000 * plan["leastMl"]:
        return None
    found = ndimage.find_objects(numbers)[island - 1]
    box = []
    for inside, scale, n, p, mm in zip(found, scales, size, patch, spacing, strict=True):
        margin = plan["marginMm"] / mm
        low = max(0, math.floor(inside.start * scale - margin))
        high = min(n, math.ceil(inside.stop * scale + margin))
        least = min(p, n)
        if high - low < least:
            low = min(max(0, (low + high - least) // 2), n - least)
            high = low + least
        box.append(slice(low, high))
    return tuple(box)
