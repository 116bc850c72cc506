"""Cropping to what is not zero, as nnU-Net does before anything else."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

Box = tuple[slice, slice, slice]


class EmptyScanError(Exception):
    """There is nothing to segment; the message says what was looked for."""


def nonzero_mask(channels: np.ndarray) -> np.ndarray:
    """Voxels (D, H, W) that are not 0 in any channel (C, D, H, W), holes filled."""
    return ndimage.binary_fill_holes((channels != 0).any(axis=0))


def bounding_box(mask: np.ndarray, what: str) -> Box:
    """The smallest box around a mask. Raises EmptyScanError when there is none: `what` says what the mask marks."""
    if not mask.any():
        raise EmptyScanError(f"The scan has no voxel {what}; there is nothing to segment.")
    sides = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        inside = np.flatnonzero(mask.any(axis=others))
        sides.append(slice(int(inside[0]), int(inside[-1]) + 1))
    return sides[0], sides[1], sides[2]


def crop_to_nonzero(channels: np.ndarray) -> tuple[np.ndarray, np.ndarray, Box]:
    """Channels and mask inside the box around the mask, and the box."""
    mask = nonzero_mask(channels)
    box = bounding_box(mask, "that is not 0")
    return channels[(slice(None), *box)], mask[box], box
