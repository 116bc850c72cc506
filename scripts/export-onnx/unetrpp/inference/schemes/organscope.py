"""The scheme 'organscope-v1' in numpy, from a scan to a mask: the twin of src/inference/job/segmentVolume.ts.

Arrays are (D, H, W) = (z, y, x) throughout, RAS: z towards superior, y anterior, x right. A step here and its twin in
the browser follow the same text; masks are compared voxel by voxel in e2e/segment.spec.ts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import nibabel
import numpy as np
from nibabel.orientations import io_orientation, ornt_transform

from ..intensity import air_of, intensity_of, without_padding
from ..nifti_file import InvalidInputError
from . import first_look, tiling
from .stages import Keep, ignore
from .tiling import Network

Array = np.ndarray


def resample_linear(volume: Array, size_dhw: tuple[int, int, int]) -> Array:
    """Linear resampling with a triangle filter as wide as the coarser grid; voxel edges of both grids coincide.

    Axes in the order x, y, z, float32 between them. Output i of m is centred at c = (i + 0.5) * n / m - 0.5; tap k
    weighs max(0, 1 - |k - c| / max(1, n / m)), normalised over the taps inside the volume.
    """
    for axis in (2, 1, 0):
        n, m = volume.shape[axis], size_dhw[axis]
        if n == m:
            continue
        support = max(1.0, n / m)
        centres = (np.arange(m) + 0.5) * (n / m) - 0.5
        weights = np.maximum(0, 1 - np.abs(np.arange(n) - centres[:, None]) / support)  # (m, n)
        weights /= weights.sum(1, keepdims=True)
        volume = np.moveaxis(np.tensordot(weights, volume.astype(np.float64), (1, axis)), 0, axis).astype(np.float32)
    return volume


def on_grid(scan: Array, size_dhw: tuple[int, int, int], scheme: dict[str, Any]) -> Array:
    """The scan (D, H, W) resampled; `scheme` is the manifest's `normalization`.

    Padding is taken as background before that: what is mixed with padding is neither tissue nor padding.
    """
    intensity = intensity_of(scan)
    background = air_of(intensity, scheme["lower"]) if scheme["scheme"] == "range" else intensity.background
    return resample_linear(without_padding(scan, intensity, background), size_dhw)


def normalise(volume: Array, scheme: dict[str, Any]) -> Array:
    """Maps lower..upper to [0, 1], clipped: intensities (scheme "range") or percentiles of voxels above the minimum.

    Percentile q of k sorted values is the one at floor(q / 100 * (k - 1)).
    """
    low, high = (scheme["lower"], scheme["upper"]) if scheme["scheme"] == "range" else _percentiles(volume, scheme)
    return np.clip((volume.astype(np.float64) - low) / (float(high) - low), 0, 1).astype(np.float32)


def _percentiles(volume: Array, scheme: dict[str, Any]) -> tuple[np.float32, np.float32]:
    above = np.sort(volume[volume > volume.min()])
    if not above.size:
        raise InvalidInputError(f"Every voxel has the same value, {volume.min():g}; there is nothing to segment.")
    low, high = (above[int(scheme[q] / 100 * (above.size - 1))] for q in ("lower", "upper"))
    if high <= low:
        raise InvalidInputError(f"Nearly every voxel has the same value, {low:g}; there is nothing to segment.")
    return low, high


def sliding_window(
    volume: Array,
    network: Network,
    patch_dhw: list[int],
    scheme: dict[str, Any],
    keep: Keep = ignore,
    mirroring: dict[str, Any] | None = None,
) -> Array:
    """Class probabilities (K, D, H, W): softmax per window, averaged with Gaussian weights.

    A volume smaller than the patch is padded with 0 on both sides, the smaller half first. `mirroring` is the
    manifest's, None to run every window once.
    """
    padded, inner = tiling.pad_to_patch(volume[None], patch_dhw)
    starts = [tiling.nnunet_starts(n, p, scheme["step"]) for n, p in zip(padded.shape[1:], patch_dhw, strict=True)]
    weights = tiling.nnunet_weights(patch_dhw, scheme["sigmaScale"])
    logits = tiling.logits_of(network, keep)

    def window(patch: Array) -> Array:
        return tiling.softmax(logits(patch))

    if mirroring:
        window = tiling.mirrored(window, mirroring["axes"], mirroring["exchange"])
    return tiling.blend(padded, window, patch_dhw, starts, weights)[(slice(None), *inner)]


Taps = tuple[Array, Array, Array]


def voxels_in(n: int, m: int, part: slice) -> slice:
    """Which of n voxels along an axis have their centre in `part` of the m of another grid over the same extent."""
    low, high = (math.ceil(edge * (n / m) - 0.5) for edge in (part.start, part.stop))
    return slice(low, high)


def taps(n: int, m: int, part: slice) -> Taps:
    """How those voxels read the part: its voxels before and after each, and the share of the latter."""
    inside, size = voxels_in(n, m, part), part.stop - part.start
    c = np.clip((np.arange(inside.start, inside.stop) + 0.5) * (m / n) - 0.5 - part.start, 0, size - 1)
    low = np.floor(c).astype(int)
    return low, np.minimum(low + 1, size - 1), (c - low).astype(np.float32)


def labels_on_grid(probabilities: Array, reading: Sequence[Taps]) -> Array:
    """Argmax of the trilinearly interpolated probabilities on another grid, uint8; ties go to the lower label."""
    (planes, y, x) = reading
    labels = np.empty([len(low) for low, _, _ in reading], np.uint8)
    for i, (low, high, t) in enumerate(zip(*planes, strict=True)):
        plane = probabilities[:, low] * (1 - t) + probabilities[:, high] * t
        plane = plane[:, y[0]] * (1 - y[2][:, None]) + plane[:, y[1]] * y[2][:, None]
        plane = plane[:, :, x[0]] * (1 - x[2]) + plane[:, :, x[1]] * x[2]
        labels[i] = plane.argmax(0)
    return labels


def uncertain_base(probabilities: Array, least: float) -> Array:
    """Which planes across D belong to a base that the network labels without being sure of it, bool (D,).

    A plane's certainty is one minus the probability of background, on average over the voxels it labels. Planes are
    marked from the end that has more labelled in its half, up to the first one that is as certain as `least`; none
    where no plane is, which says nothing about the base.
    """
    labelled = probabilities.argmax(0) > 0
    count = labelled.sum((1, 2))
    certainty = ((1 - probabilities[0]) * labelled).sum((1, 2), dtype=np.float64)
    half = len(count) // 2
    is_first = count[:half].sum() > count[len(count) - half :].sum()
    sure = (count > 0) & (certainty >= least * count)
    if not is_first:
        sure = sure[::-1]
    marked = np.logical_and.accumulate(~sure) & sure.any()
    return marked if is_first else marked[::-1]


def _box_to_segment(grid: Array, manifest: dict[str, Any], network: Network, keep: Keep) -> first_look.Box:
    """The part of the normalised grid that windows tile: all of it, but for what a first look leaves out."""
    whole = tuple(slice(0, n) for n in grid.shape)
    scheme, patch = manifest["pipeline"], manifest["patchDhw"]
    plan = scheme.get("firstLook")
    if not plan or not first_look.is_worth_it(grid.shape, patch, scheme["tiling"]["step"], plan["coarser"]):
        return whole
    coarse = resample_linear(grid, first_look.coarse_size(grid.shape, plan["coarser"]))
    labels = sliding_window(coarse, network, patch, scheme["tiling"]).argmax(0)
    keep("look", labels[None])
    return first_look.box_around(labels, grid.shape, patch, scheme["spacingDhw"], plan) or whole


def segment(
    scan: Array,
    affine: Array,
    manifest: dict[str, Any],
    network: Network,
    keep: Keep = ignore,
    mirror: bool = False,
) -> Array:
    """Labels (x, y, z) uint8 on the scan's own grid.

    Args:
        scan: intensities (x, y, z) in the file's axes, float32.
        affine: 4x4 voxel to RAS mm.
        manifest: model.json.
        network: the model.
        keep: gets intermediates by name (see schemes.stages).
        mirror: average over mirrored windows, where the manifest has `mirroring`.
    """
    scheme = manifest["pipeline"]
    to_ras = io_orientation(affine)
    ras = nibabel.apply_orientation(scan, to_ras).transpose(2, 1, 0)  # (D, H, W)
    native_spacing = np.sqrt((affine[:3, :3] ** 2).sum(0))
    spacing_xyz = [native_spacing[np.flatnonzero(to_ras[:, 0] == axis)[0]] for axis in range(3)]
    size = tuple(
        max(1, math.floor(n * s / t + 0.5))
        for n, s, t in zip(ras.shape, spacing_xyz[::-1], scheme["spacingDhw"], strict=True)
    )
    resampled = on_grid(ras, size, scheme["normalization"])
    keep("resampled", resampled[None])
    grid = normalise(resampled, scheme["normalization"])
    keep("normalised", grid[None])
    box = _box_to_segment(grid, manifest, network, keep)
    mirroring = scheme.get("mirroring") if mirror else None
    probabilities = sliding_window(grid[box], network, manifest["patchDhw"], scheme["tiling"], keep, mirroring)
    keep("blended", probabilities)
    axes = list(zip(ras.shape, size, box, strict=True))
    reading = [taps(*axis) for axis in axes]
    found = labels_on_grid(probabilities, reading)
    if "baseCertainty" in scheme:
        low, high, t = reading[0]
        found[uncertain_base(probabilities, scheme["baseCertainty"])[np.where(t < 0.5, low, high)]] = 0
    labels = np.zeros(ras.shape, np.uint8)
    labels[tuple(voxels_in(*axis) for axis in axes)] = found
    labels = labels.transpose(2, 1, 0)
    back = ornt_transform([[0, 1], [1, 1], [2, 1]], to_ras)
    native = nibabel.apply_orientation(labels, back).astype(np.uint8)
    keep("labels", native.transpose(2, 1, 0))
    return native
