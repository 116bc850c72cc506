"""What a MONAI bundle does at validation, with the network injected:

Orientation, Spacing, intensities, CropForeground, sliding_window_inference, softmax or sigmoid, Invert, decide.
"""

from __future__ import annotations

from typing import Any

import nibabel
import numpy as np
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from . import cropping, decision, normalisation, tiling
from .stages import Keep, ignore

SAME_SPACING_MM = 1e-3
"""An axis whose spacing is this close to the one wanted is left alone (MONAI's AFFINE_TOL)."""


def positions(count: int, ratio: float, size: int) -> np.ndarray:
    """Where `count` voxels lie among `size` voxels, centres of the first coinciding, `ratio` = their spacing / ours."""
    return np.clip(np.arange(count) * ratio, 0, size - 1)


def interpolate(values: np.ndarray, centres: list[np.ndarray | None], mode: str) -> np.ndarray:
    """Channels (C, D, H, W) at positions per axis, None leaving an axis alone; linear or nearest (halves to even)."""
    for axis, at in enumerate(centres, start=1):
        if at is None:
            continue
        if mode == "nearest":
            values = np.take(values, np.round(at).astype(int), axis)
            continue
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, values.shape[axis] - 1)
        shape = [-1 if a == axis else 1 for a in range(4)]
        t = (at - low).reshape(shape)
        values = (np.take(values, low, axis) * (1 - t) + np.take(values, high, axis) * t).astype(np.float32)
    return values


def segment(
    channels: np.ndarray,
    affine: np.ndarray,
    manifest: dict[str, Any],
    network: tiling.Network,
    keep: Keep = ignore,
) -> np.ndarray:
    """Labels (z, y, x) uint8.

    Args:
        channels: (C, z, y, x) float32 in the file's own axes.
        affine: 4x4 voxel (x, y, z) to RAS mm.
        manifest: model.json.
        network: the model.
        keep: gets intermediates by name (see Stages).

    Raises EmptyScanError when cropForeground finds nothing.
    """
    pipeline, output, patch = manifest["pipeline"], manifest["output"], manifest["patchDhw"]
    turn = ornt_transform(io_orientation(affine), axcodes2ornt(tuple(pipeline["axcodes"])))
    oriented = np.stack([nibabel.apply_orientation(channel.transpose(2, 1, 0), turn) for channel in channels])
    size = oriented.shape[1:]
    # turn[i] says which new axis the file's axis i becomes.
    spacing = np.sqrt((affine[:3, :3] ** 2).sum(0))[np.argsort(turn[:, 0])]
    target = np.array(pipeline["spacingDhw"] or spacing)
    changes = [abs(s - t) > SAME_SPACING_MM for s, t in zip(spacing, target, strict=True)]
    there: list[np.ndarray | None] = [None] * 3
    back: list[np.ndarray | None] = [None] * 3
    for axis in np.flatnonzero(changes):
        ratio = target[axis] / spacing[axis]
        count = int(np.round((size[axis] - 1) / ratio + 1))
        there[axis] = positions(count, ratio, size[axis])
        back[axis] = positions(size[axis], 1 / ratio, count)
    resampled = interpolate(oriented, there, pipeline["interpolation"]["image"])
    keep("resampled", resampled)

    normalised = np.stack([normalisation.monai(channel, pipeline["intensity"]) for channel in resampled])
    box = tuple(slice(0, n) for n in normalised.shape[1:])
    if pipeline.get("cropForeground"):
        box = cropping.bounding_box((normalised > 0).any(0), "above 0 after its intensities were scaled")
    cropped = normalised[(slice(None), *box)]
    keep("normalised", cropped)

    t = pipeline["tiling"]
    padded, inner = tiling.pad_to_patch(cropped, patch)
    starts = [tiling.monai_starts(n, p, t["overlap"]) for n, p in zip(padded.shape[1:], patch, strict=True)]
    weights = tiling.monai_weights(patch, t["mode"], t.get("sigmaScale", 0.125))
    logits = tiling.blend(padded, tiling.logits_of(network, keep), patch, starts, weights)[(slice(None), *inner)]
    probabilities = decision.activate(logits, output)
    keep("blended", probabilities)

    # Outside the crop every class is 0, as Invertd pads it; argmax makes that background.
    whole = np.zeros((len(probabilities), *normalised.shape[1:]), np.float32)
    whole[(slice(None), *box)] = probabilities
    if pipeline["interpolation"]["output"] == "nearest":
        labels = interpolate(decision.decide(whole, output)[None], back, "nearest")[0]
    else:
        labels = decision.decide(interpolate(whole, back, "linear"), output)
    native = ornt_transform(axcodes2ornt(tuple(pipeline["axcodes"])), io_orientation(affine))
    labels = np.ascontiguousarray(nibabel.apply_orientation(labels, native).transpose(2, 1, 0))
    keep("labels", labels)
    return labels
