"""Segments scans, one file per input channel, by whichever scheme the manifest's `pipeline.scheme` names.

Files are in the model's order, or in any order when their names tell (the manifest's hints). The mask lies on the
scan's own grid.
"""

from __future__ import annotations

import math
import pathlib
from typing import Any

import nibabel
import numpy as np

from . import grids, manifest, nifti_file, scan_file
from .intensity import intensity_of
from .islands import dissolve_islands
from .label_map import is_label_map
from .schemes import tiling
from .schemes.cropping import EmptyScanError
from .schemes.registry import SCHEMES
from .schemes.stages import Keep, ignore
from .suitability import JudgedScan, SuitabilityWarning, suitability

MAX_VOXELS = 2**29
"""Of all channels at the model's spacing: 2 GB of float32. The twin of src/inference/schemes/gridLimit.ts."""

REFUSALS = (manifest.ManifestError, nifti_file.InvalidInputError, EmptyScanError, FileNotFoundError)


def assign(paths: list[pathlib.Path], channels: list[dict[str, Any]]) -> list[pathlib.Path]:
    """Files in the order of the channels: by the longest hint in each name, or as given where names do not tell.

    Raises InvalidInputError when there are not as many files as channels.
    """
    names = ", ".join(channel["name"] for channel in channels)
    if len(paths) != len(channels):
        raise nifti_file.InvalidInputError(
            f"This model takes {len(channels)} scans ({names}), but {len(paths)} were given."
        )
    found: dict[int, pathlib.Path] = {}
    for path in paths:
        hints = [(len(h), i) for i, c in enumerate(channels) for h in c.get("hints", []) if h in path.name.lower()]
        if hints:
            found.setdefault(max(hints)[1], path)
    return [found[i] for i in range(len(channels))] if len(found) == len(channels) else paths


def read_channels(paths: list[pathlib.Path]) -> tuple[np.ndarray, nibabel.Nifti1Image]:
    """Intensities (C, z, y, x) float32 and the first image. Raises InvalidInputError when grids differ."""
    scans = [scan_file.read_scan(path) for path in paths]
    first_scan, first = scans[0]
    for path, (scan, image) in zip(paths[1:], scans[1:], strict=True):
        if scan.shape != first_scan.shape:
            raise nifti_file.InvalidInputError(
                f"{path} has {scan.shape} voxels, {paths[0]} {first_scan.shape}. Resample them to one grid first."
            )
        apart = grids.corners_apart(first.affine, image.affine, scan.shape)
        if apart > grids.tolerance(first.affine):
            raise nifti_file.InvalidInputError(
                f"{path} and {paths[0]} lie up to {apart:.2f} mm apart. Register and resample them to one grid first."
            )
    return np.stack([scan.transpose(2, 1, 0) for scan, _ in scans]), first


def require_writable(out: pathlib.Path, scans: list[pathlib.Path]) -> None:
    """Raises InvalidInputError where a mask cannot be written, or only over a scan: before the minutes of the run."""
    if not out.name.endswith((".nii", ".nii.gz")):
        raise nifti_file.InvalidInputError(f'--out must end in .nii or .nii.gz, got "{out}".')
    if not out.absolute().parent.is_dir():
        raise nifti_file.InvalidInputError(f"The folder {out.absolute().parent} does not exist; create it first.")
    if out.resolve() in [scan.resolve() for scan in scans]:
        raise nifti_file.InvalidInputError("--out is the scan itself; choose another name.")


def judge(
    names: list[str], channels: np.ndarray, affine: np.ndarray, description: dict[str, Any]
) -> list[SuitabilityWarning]:
    """Why the masks may mean nothing: one name per channel; the rest as for segment."""
    scans = [
        JudgedScan(name, intensity_of(channel), channel.shape[::-1], affine, is_label_map(channel))
        for name, channel in zip(names, channels, strict=True)
    ]
    return suitability(description, scans)


def require_grid_fits(shape: tuple[int, ...], affine: np.ndarray, spacing: list[float] | None) -> None:
    """Raises InvalidInputError, before anything is allocated, where (C, z, y, x) is too much at a model's spacing."""
    voxel = abs(np.sqrt((affine[:3, :3] ** 2).sum(0))).prod()
    voxels = math.prod(shape) * (voxel / math.prod(spacing) if spacing else 1)
    if voxels > MAX_VOXELS:
        raise nifti_file.InvalidInputError(
            f"The scan has {voxels / 1e6:.0f} million voxels at this model's {spacing or 'spacing'} mm; at most "
            f"{MAX_VOXELS / 1e6:.0f} million can be segmented. Check the voxel size, or crop the scan."
        )


def segment(
    channels: np.ndarray,
    affine: np.ndarray,
    description: dict[str, Any],
    network: tiling.Network,
    mirror: bool | None = None,
    keep: Keep = ignore,
) -> np.ndarray:
    """Labels (z, y, x) uint8 by whichever scheme the manifest names.

    Args:
        channels: (C, z, y, x) float32 in the file's own axes.
        affine: 4x4 voxel (x, y, z) to RAS mm.
        description: model.json.
        network: the model.
        mirror: average over mirrored windows, where the model can; None: as it does by default.
        keep: gets intermediates by name (see Stages).

    Raises InvalidInputError, EmptyScanError for scans that cannot be segmented, ManifestError for an unknown scheme.
    """
    scheme = description["pipeline"]["scheme"]
    if scheme not in SCHEMES:
        raise manifest.ManifestError(f'model.json names the scheme "{scheme}", which this program does not know.')
    description = {"output": {"activation": "softmax"}, **description}
    if mirror is None:
        mirror = description["pipeline"].get("mirroring", {}).get("byDefault", False)
    require_grid_fits(channels.shape, affine, description["pipeline"].get("spacingDhw"))
    keep("read", channels)
    labels = SCHEMES[scheme].segment(channels, affine, description, network, mirror, keep)
    least_voxels = [label.get("leastMl", 0) / millilitres_per_voxel(affine) for label in description["labels"]]
    return dissolve_islands(labels, least_voxels)


def millilitres_per_voxel(affine: np.ndarray) -> float:
    """Right for sheared grids too."""
    return float(abs(np.linalg.det(affine[:3, :3]))) / 1000
