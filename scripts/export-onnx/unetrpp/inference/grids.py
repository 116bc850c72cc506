"""Whether two voxel grids are one."""

from __future__ import annotations

import nibabel
import numpy as np


def corners_apart(first: np.ndarray, second: np.ndarray, shape: tuple[int, ...]) -> float:
    """How far in mm the corners of a grid of `shape` (x, y, z) lie apart under two affines to mm; the farthest."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * (np.array(shape) - 1)
    placed = [nibabel.affines.apply_affine(affine, corners) for affine in (first, second)]
    return float(np.linalg.norm(placed[0] - placed[1], axis=1).max())


def tolerance(affine: np.ndarray) -> float:
    """How far in mm corners may lie apart on what counts as one grid: a tenth of the smallest voxel edge."""
    return 0.1 * float(np.sqrt((affine[:3, :3] ** 2).sum(0)).min())
