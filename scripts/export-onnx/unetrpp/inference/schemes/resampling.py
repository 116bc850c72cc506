"""nnU-Net's resampling: cubic B-splines in general, slice by slice where slices are thick.

Voxel edges of both grids coincide; values beyond an edge repeat it; the range of values never grows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage
from skimage.transform import resize

SAME_SPACING = 1e-5
"""Relative. Affines hold float32 numbers, so an oblique scan's equal spacings differ in the seventh digit."""


def resized(size: tuple[int, ...], spacing: np.ndarray, target: np.ndarray) -> tuple[int, ...]:
    """Voxels per axis at another spacing: round(spacing / target * size), halves to even, at least 1."""
    voxels = np.round(np.asarray(spacing) / np.asarray(target) * np.asarray(size)).astype(int)
    return tuple(int(n) for n in np.maximum(voxels, 1))


def _coarsest(spacing: np.ndarray) -> int | None:
    """The axis of the largest spacing, or None when two share it: (0.24, 1.25, 1.25) has no slices to go by."""
    axes = np.flatnonzero(spacing * (1 + SAME_SPACING) >= spacing.max())
    return int(axes[0]) if len(axes) == 1 else None


def separate_axis(first: np.ndarray, second: np.ndarray, rule: str, threshold: float) -> int | None:
    """The axis that is resampled on its own: the coarsest one of the first of two grids that is anisotropic.

    Args:
        first, second: spacings of the two grids, mm.
        rule: the manifest's `separateZ`; 'always' takes the first grid's coarsest axis, 'never' none.
        threshold: largest coarsest / finest that does not count as anisotropic.
    """
    if rule == "always":
        return _coarsest(np.asarray(first))
    for spacing in (np.asarray(first), np.asarray(second)):
        if rule == "auto" and spacing.max() / spacing.min() > threshold * (1 + SAME_SPACING):
            return _coarsest(spacing)
    return None


def _resize(values: np.ndarray, size: tuple[int, ...], order: int) -> np.ndarray:
    """Spline interpolation, clipped to the range of the input (which is what skimage's resize does)."""
    return resize(values, size, order, mode="edge", anti_aliasing=False)


def _slices(values: np.ndarray, axis: int, count: int, order: int) -> np.ndarray:
    """Another number of slices along one axis; order 0 takes slices as they are. Not clipped."""
    centres = (np.arange(count) + 0.5) * (values.shape[axis] / count) - 0.5
    grid = np.meshgrid(*(centres if a == axis else np.arange(n) for a, n in enumerate(values.shape)), indexing="ij")
    return ndimage.map_coordinates(values, grid, order=order, mode="nearest")


def resample(channels: np.ndarray, size: tuple[int, ...], sampler: dict[str, Any], axis: int | None) -> np.ndarray:
    """Channels (C, D, H, W) on another grid, float32.

    Args:
        channels: values on the grid we have.
        size: (D, H, W) of the grid we want.
        sampler: `order`, and `orderZ` across slices.
        axis: the axis that is resampled on its own, or None.
    """
    if channels.shape[1:] == tuple(size):
        return channels
    out = np.empty((len(channels), *size), np.float32)
    for channel, target in zip(channels.astype(np.float64), out, strict=True):
        if axis is None:
            target[...] = _resize(channel, size, sampler["order"])
            continue
        plane = tuple(n for a, n in enumerate(size) if a != axis)
        planes = [_resize(part, plane, sampler["order"]) for part in np.moveaxis(channel, axis, 0)]
        stack = np.stack(planes, axis)
        target[...] = _slices(stack, axis, size[axis], sampler["orderZ"]) if stack.shape != size else stack
    return out


def resample_mask(mask: np.ndarray, size: tuple[int, ...], axis: int | None) -> np.ndarray:
    """A mask on another grid: where its linear interpolation is at least one half."""
    return resample(mask[None].astype(np.float64), size, {"order": 1, "orderZ": 0}, axis)[0] >= 0.5
