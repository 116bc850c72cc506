"""Every `pipeline.scheme` of a manifest, by its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from . import monai, nnunet, organscope
from .stages import Keep
from .tiling import Network

Manifest = dict[str, Any]
"""model.json, or a part of it."""


class Segment(Protocol):
    """From a scan to labels."""

    def __call__(
        self, channels: np.ndarray, affine: np.ndarray, manifest: Manifest, network: Network, mirror: bool,
        keep: Keep,
    ) -> np.ndarray:  # fmt: skip
        """Labels (z, y, x) uint8.

        Args:
            channels: (C, z, y, x) float32 in the file's own axes.
            affine: 4x4 voxel (x, y, z) to RAS mm.
            manifest: model.json.
            network: the model.
            mirror: average over mirrored windows, where the scheme has them.
            keep: gets intermediates by name (see stages.Stages).

        Raises InvalidInputError or EmptyScanError for scans that cannot be segmented.
        """


@dataclasses.dataclass(frozen=True)
class Scheme:
    """What there is to know of a scheme."""

    segment: Segment
    measures_scan: Callable[[Manifest], bool]
    """Whether, by the manifest's `pipeline`, intensities depend on the scan's own values without bounds: padding of a
    scan, or a lone outlier, then changes them all."""


def spacing_zyx(affine: np.ndarray) -> np.ndarray:
    """Voxel edges in mm."""
    return np.sqrt((affine[:3, :3] ** 2).sum(0))[::-1]


def _nnunet_v1(
    channels: np.ndarray, affine: np.ndarray, manifest: Manifest, network: Network, mirror: bool, keep: Keep
) -> np.ndarray:
    return nnunet.segment_v1(channels, spacing_zyx(affine), manifest, network, mirror, keep)


def _nnunet_v2(
    channels: np.ndarray, affine: np.ndarray, manifest: Manifest, network: Network, mirror: bool, keep: Keep
) -> np.ndarray:
    return nnunet.segment_v2(channels, spacing_zyx(affine), manifest, network, mirror, keep)


def _monai(
    channels: np.ndarray, affine: np.ndarray, manifest: Manifest, network: Network, _mirror: bool, keep: Keep
) -> np.ndarray:
    return monai.segment(channels, affine, manifest, network, keep)


def _organscope_v1(
    channels: np.ndarray, affine: np.ndarray, manifest: Manifest, network: Network, mirror: bool, keep: Keep
) -> np.ndarray:
    labels = organscope.segment(channels[0].transpose(2, 1, 0), affine, manifest, network, keep, mirror)
    return labels.transpose(2, 1, 0)


def _nnunet_v1_measures(pipeline: Manifest) -> bool:
    return any(entry["scheme"] in ("nonCT", "noNorm") for entry in pipeline["normalization"])


def _nnunet_v2_measures(pipeline: Manifest) -> bool:
    return any(entry["scheme"] != "CT" for entry in pipeline["normalization"])


def _monai_measures(pipeline: Manifest) -> bool:
    return pipeline["intensity"]["scheme"] != "range" or not pipeline["intensity"]["clip"]


SCHEMES = {
    "organscope-v1": Scheme(_organscope_v1, lambda _: False),  # padding is found and left out
    "nnunet-v1": Scheme(_nnunet_v1, _nnunet_v1_measures),
    "nnunet-v2": Scheme(_nnunet_v2, _nnunet_v2_measures),
    "monai": Scheme(_monai, _monai_measures),
}
