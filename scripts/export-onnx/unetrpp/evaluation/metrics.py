"""How well a mask agrees with a reference: Dice, 95 % Hausdorff distance, volume error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import ndimage

Figures = dict[str, float | None]
"""The figures of one structure in one scan, by name; None where a figure has no meaning."""


def dice(a: np.ndarray, b: np.ndarray) -> float | None:
    """Overlap 2|A and B| / (|A| + |B|) of two masks; None when both are empty."""
    size = int(a.sum()) + int(b.sum())
    return 2 * int((a & b).sum()) / size if size else None


def _surface(mask: np.ndarray) -> np.ndarray:
    """The voxels of a mask with a face on the outside, where the edge of the array counts as outside."""
    return mask & ~ndimage.binary_erosion(mask)


def hd95(a: np.ndarray, b: np.ndarray, spacing: Iterable[float]) -> float | None:
    """95 % Hausdorff distance between the surfaces of two masks in mm; None when either is empty.

    The larger of the two directed 95th percentiles of the distances from each surface voxel of one mask to the nearest
    surface voxel of the other (Maier-Hein et al., Metrics reloaded, Nature Methods 21, 2024), voxel centres.
    """
    if not a.any() or not b.any():
        return None
    occupied = np.argwhere(a | b)
    box = tuple(slice(low, high + 1) for low, high in zip(occupied.min(0), occupied.max(0), strict=True))
    a, b = _surface(a[box]), _surface(b[box])
    spacing = tuple(spacing)
    to_a, to_b = (ndimage.distance_transform_edt(~surface, sampling=spacing) for surface in (a, b))
    return float(max(np.percentile(to_b[a], 95), np.percentile(to_a[b], 95)))


def structure(mask: np.ndarray, reference: np.ndarray, spacing: tuple[float, ...]) -> Figures:
    """All figures of one structure: boolean masks on one grid, spacing in mm per array axis.

    The volume error is (mask - reference) / reference, signed, in per cent; None without a reference volume.
    """
    millilitres = float(np.prod(spacing)) / 1000
    volume, expected = int(mask.sum()) * millilitres, int(reference.sum()) * millilitres
    return {
        "dice": dice(mask, reference),
        "hd95Mm": hd95(mask, reference, spacing),
        "volumeMl": volume,
        "referenceMl": expected,
        "volumeErrorPercent": 100 * (volume - expected) / expected if expected else None,
    }


def spread(values: list[float], worst: Callable[[list[float]], float]) -> dict[str, Any]:
    """Mean, standard deviation (n - 1; None of a single value), and the worst of some figures."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"n": len(values), "mean": float(np.mean(values)), "sd": deviation, "worst": float(worst(values))}


def summarise(scans: list[dict[str, Figures]]) -> dict[str, dict[str, Any]]:
    """Over many scans, per structure: the spread of Dice, of HD95, and of the volume error's size and sign.

    A structure that was missed altogether, or found where it is not, has a Dice of 0 and no distance. `n` says how many
    scans have it or got it, `missed` and `invented` in how many of them it was so; they are left out where in none.

    Args:
        scans: for each scan the figures of each structure by name; the structures are the same in all.
    """
    summary = {}
    for name in scans[0]:
        of = [scan[name] for scan in scans]
        columns = {key: [figures[key] for figures in of if figures[key] is not None] for key in of[0]}
        missed = sum(figures["referenceMl"] > 0 and figures["volumeMl"] == 0 for figures in of)
        invented = sum(figures["referenceMl"] == 0 and figures["volumeMl"] > 0 for figures in of)
        summary[name] = {"n": len(columns["dice"])} if columns["dice"] else {}
        summary[name] |= {key: n for key, n in (("missed", missed), ("invented", invented)) if n}
        if columns["dice"]:
            summary[name]["dice"] = spread(columns["dice"], min)
        if columns["hd95Mm"]:
            summary[name]["hd95Mm"] = spread(columns["hd95Mm"], max)
        if columns["volumeErrorPercent"]:
            error = columns["volumeErrorPercent"]
            summary[name]["volumeErrorPercent"] = spread(error, lambda values: max(values, key=abs))
            summary[name]["absoluteVolumeErrorPercent"] = spread([abs(value) for value in error], max)
    return summary
