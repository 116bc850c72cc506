"""Every `pipeline.scheme` of a manifest, by its name."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from . import monai, nnunet, organscope
from .stages import Keep
from .tiling import Network


class Scheme(Protocol):
    """From a scan to labels."""

    def __call__(
        self, channels: np.ndarray, affine: np.ndarray, manifest: dict[str, Any], network: Network, mirror: bool,
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


def spacing_zyx(affine: np.ndarray) -> np.ndarray:
    """Voxel edges in mm."""
    return np.sqrt((affine[:3, :3] ** 2).sum(0))[::-1]


def _nnunet_v1(channels, affine, manifest, network, mirror, keep):
    return nnunet.segment_v1(channels, spacing_zyx(affine), manifest, network, mirror, keep)


def _nnunet_v2(channels, affine, manifest, network, mirror, keep):
    return nnunet.segment_v2(channels, spacing_zyx(affine), manifest, network, mirror, keep)


def _monai(channels, affine, manifest, network, _mirror, keep):
    return monai.segment(channels, affine, manifest, network, keep)


def _organscope_v1(channels, affine, manifest, network, mirror, keep):
    labels = organscope.segment(channels[0].transpose(2, 1, 0), affine, manifest, network, keep, mirror)
    return labels.transpose(2, 1, 0)


SCHEMES: dict[str, Scheme] = {
    "organscope-v1": _organscope_v1, "nnunet-v1": _nnunet_v1, "nnunet-v2": _nnunet_v2, "monai": _monai,
}  # fmt: skip
