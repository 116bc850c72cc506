"""nnU-Net's inference, versions 1 and 2, with the network injected.

v1: crop, transpose, resample, normalise, average probabilities, transpose back, resample, decide, put back.
v2: transpose, crop, normalise, resample, average logits, resample, decide, put back, transpose back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import cropping, decision, normalisation, resampling, tiling
from .stages import Keep, ignore


def _turn(array: np.ndarray, axes: list[int]) -> np.ndarray:
    """Transposes the three last axes."""
    first = array.ndim - 3
    return array.transpose([*range(first), *(first + a for a in axes)])


def _windows(
    channels: np.ndarray, window: tiling.Window, patch: list[int], pipeline: dict[str, Any], mirror: bool
) -> np.ndarray:
    """Averages over windows (K, D, H, W) on the unpadded grid."""
    padded, inner = tiling.pad_to_patch(channels, patch)
    step, sigma_scale = pipeline["tiling"]["step"], pipeline["tiling"]["sigmaScale"]
    starts = [tiling.nnunet_starts(n, p, step) for n, p in zip(padded.shape[1:], patch, strict=True)]
    alone = all(len(along) == 1 for along in starts)
    weights = np.ones(tuple(patch)) if alone else tiling.nnunet_weights(patch, sigma_scale)
    if mirror:
        window = tiling.mirrored(window, pipeline["mirroring"]["axes"])
    return tiling.blend(padded, window, patch, starts, weights)[(slice(None), *inner)]


def segment_v1(
    channels: np.ndarray,
    spacing: np.ndarray,
    manifest: dict[str, Any],
    network: tiling.Network,
    mirror: bool = False,
    keep: Keep = ignore,
) -> np.ndarray:
    """Labels (z, y, x) uint8 by nnU-Net v1.

    Args:
        channels: (C, z, y, x) float32 in the file's own axes.
        spacing: mm, (z, y, x).
        manifest: model.json.
        network: the model.
        mirror: average over mirrored windows.
        keep: gets intermediates by name (see Stages).

    Raises EmptyScanError for a scan of zeros.
    """
    pipeline, output = manifest["pipeline"], manifest["output"]
    back, sampling = pipeline["transposeBackward"], pipeline["resampling"]
    threshold, target = sampling["anisotropyThreshold"], np.array(pipeline["spacingDhw"])
    cropped, mask, box = cropping.crop_to_nonzero(channels)
    size = cropped.shape[1:]
    turned, mask = (_turn(array, pipeline["transposeForward"]) for array in (cropped, mask))
    keep("cropped", turned)

    from_spacing = spacing[pipeline["transposeForward"]]
    grid = resampling.resized(turned.shape[1:], from_spacing, target)
    axis = resampling.separate_axis(from_spacing, target, sampling["image"]["separateZ"], threshold)
    resampled = resampling.resample(turned, grid, sampling["image"], axis)
    keep("resampled", resampled)
    mask = resampling.resample_mask(mask, grid, axis)
    pairs = zip(resampled, pipeline["normalization"], strict=True)
    normalised = np.stack([normalisation.nnunet_v1(channel, mask, scheme) for channel, scheme in pairs])
    keep("normalised", normalised)

    logits = tiling.logits_of(network, keep)
    probabilities = _windows(
        normalised, lambda x: decision.activate(logits(x), output), manifest["patchDhw"], pipeline, mirror
    )
    keep("blended", probabilities)
    # As published: the scan's spacing is in the file's order here, the target's still in the network's.
    axis = resampling.separate_axis(spacing, target, sampling["output"]["separateZ"], threshold)
    probabilities = resampling.resample(_turn(probabilities, back), size, sampling["output"], axis)
    labels = np.zeros(channels.shape[1:], np.uint8)
    labels[box] = decision.decide(probabilities, output)
    keep("labels", labels)
    return labels


def segment_v2(
    channels: np.ndarray,
    spacing: np.ndarray,
    manifest: dict[str, Any],
    network: tiling.Network,
    mirror: bool = False,
    keep: Keep = ignore,
) -> np.ndarray:
    """Labels (z, y, x) uint8 by nnU-Net v2. Arguments as segment_v1."""
    pipeline, output = manifest["pipeline"], manifest["output"]
    sampling, target = pipeline["resampling"], np.array(pipeline["spacingDhw"])
    threshold = sampling["anisotropyThreshold"]
    turned = _turn(channels, pipeline["transposeForward"])
    cropped, mask, box = cropping.crop_to_nonzero(turned)
    size = cropped.shape[1:]
    keep("cropped", cropped)

    pairs = zip(cropped, pipeline["normalization"], strict=True)
    normalised = np.stack([normalisation.nnunet_v2(channel, mask, scheme) for channel, scheme in pairs])
    keep("normalised", normalised)
    from_spacing = spacing[pipeline["transposeForward"]]
    grid = resampling.resized(size, from_spacing, target)
    axis = resampling.separate_axis(from_spacing, target, sampling["image"]["separateZ"], threshold)
    resampled = resampling.resample(normalised, grid, sampling["image"], axis)
    keep("resampled", resampled)

    logits = _windows(resampled, tiling.logits_of(network, keep), manifest["patchDhw"], pipeline, mirror)
    keep("blended", logits)
    # Here the network's grid comes first, because it is the one we come from.
    axis = resampling.separate_axis(target, from_spacing, sampling["output"]["separateZ"], threshold)
    logits = resampling.resample(logits, size, sampling["output"], axis)
    labels = np.zeros(turned.shape[1:], np.uint8)
    labels[box] = decision.decide(logits, output, threshold=0)
    labels = np.ascontiguousarray(_turn(labels, pipeline["transposeBackward"]))
    keep("labels", labels)
    return labels
