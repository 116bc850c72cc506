"""Small islands of a structure, which are nearly always mistakes: the twin of src/volume/islands.ts."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

CORNERS = np.ones((3, 3, 3))
"""Voxels that share a corner belong to one island."""


def dissolve_islands(labels: np.ndarray, least_voxels: list[float]) -> np.ndarray:
    """A label map (three axes, uint8) in which every island of a structure has a least size.

    An island smaller than `least_voxels` of its label becomes what most of its faces border on, background included,
    other such islands and the end of the array left out; of equals the lowest label, and background where nothing is
    left.
    """
    island = np.zeros(labels.shape, np.int32)  # 1, 2, ... where an island is too small
    count = 0
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None or least_voxels[label] <= 1:
            continue
        numbers, found = ndimage.label(labels[box] == label, CORNERS)
        small = np.bincount(numbers.ravel(), minlength=found + 1) < least_voxels[label]
        small[0] = False
        too_small = small[numbers]
        island[box][too_small] = (np.cumsum(small) + count)[numbers[too_small]]
        count += int(small.sum())
    if count == 0:
        return labels
    classes = len(least_voxels)
    borders = np.zeros((count + 1) * classes, np.int64)
    for axis in range(3):
        for here, there in ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))):
            a, b = ((slice(None),) * axis + (side,) for side in (here, there))
            faces = (island[a] > 0) & (island[b] == 0)
            borders += np.bincount(island[a][faces] * classes + labels[b][faces], minlength=borders.size)
    becomes = borders.reshape(-1, classes).argmax(1).astype(np.uint8)
    return np.where(island > 0, becomes[island], labels)
