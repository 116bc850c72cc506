"""Whether a model's masks can mean anything on scans: the twin of src/models/suitability.ts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from nibabel.orientations import io_orientation

from .intensity import Intensity
from .schemes.registry import SCHEMES

ALONG = ("from right to left", "from back to front", "from foot to head")


@dataclasses.dataclass(frozen=True)
class SuitabilityWarning:
    """code: 'modality', 'modality-unknown', 'not-hounsfield', 'padding', 'extent' or 'label-map'."""

    code: str
    message: str


@dataclasses.dataclass(frozen=True)
class JudgedScan:
    """What is judged of a scan."""

    name: str
    intensity: Intensity
    dims_xyz: tuple[int, ...]
    affine: np.ndarray
    is_label_map: bool = False


def _number(value: float) -> str:
    """Up to four digits that count."""
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-3:
        return f"{value:.1e}"
    return f"{value:.0f}" if value == int(value) else np.format_float_positional(value, 4, False, False, "-")


def suitability(description: dict[str, Any], scans: Sequence[JudgedScan]) -> list[SuitabilityWarning]:
    """Why a model may not be made for scans, the worst first; empty where nothing speaks against it.

    `description` is model.json, `scans` those that go into its channels, in its order.
    """
    found = []
    for scan in scans:
        if scan.is_label_map:
            found.append(_label_map(scan.name))
        else:
            found += [*_modality(description["modality"], scan), *_padding(description["pipeline"], scan)]
    return found + _extent(description.get("extentMm", {}), scans[0])


def _label_map(name: str) -> SuitabilityWarning:
    return SuitabilityWarning(
        "label-map",
        f"{name} seems to be a mask and not a scan (its values are whole numbers from 0 on, in blocks). Masks of a "
        "mask would mean nothing. Choose the scan that it belongs to.",
    )


def _modality(made_for: str, scan: JudgedScan) -> list[SuitabilityWarning]:
    name, looks_like = scan.name, scan.intensity.looks_like
    if looks_like == made_for:
        return []
    values = f"values from {_number(scan.intensity.min)} to {_number(scan.intensity.max)}"
    if looks_like == "unknown" and made_for == "CT":
        message = (
            f"{name} may not be CT in Hounsfield units: its {values} do not tell. The model is made for CT; "
            "make sure that the scan is, or do not trust its masks."
        )
    elif looks_like == "unknown":
        message = (
            f"{name} may be CT: its {values} do not tell. The model is made for MR; make sure that the scan is, or do "
            "not trust its masks."
        )
    elif looks_like == "CT":
        message = (
            f"{name} looks like CT ({values}), but the model is made for MR. Its masks would mean nothing. Choose a "
            "model for CT."
        )
        return [SuitabilityWarning("modality", message)]
    else:
        message = (
            f"The values of {name} are not Hounsfield units ({values}), but the model is made for CT. Its masks would "
            "mean nothing. If the scan is CT, its intercept (often -1024) is missing: convert it again from DICOM; if "
            "not, choose a model for MR."
        )
        return [SuitabilityWarning("not-hounsfield", message)]
    return [SuitabilityWarning("modality-unknown", message)]


def _padding(pipeline: dict[str, Any], scan: JudgedScan) -> list[SuitabilityWarning]:
    """Schemes of other programs take padding for intensities, and so do we then."""
    intensity = scan.intensity
    if intensity.below + intensity.above == 0 or not SCHEMES[pipeline["scheme"]].measures_scan(pipeline):
        return []
    share = max(0.1, 100 * (intensity.below + intensity.above))
    value = intensity.file_min if intensity.below >= intensity.above else intensity.file_max
    rest = f"{_number(intensity.min)} to {_number(intensity.max)}"
    return [
        SuitabilityWarning(
            "padding",
            f"{share:.1f} % of the voxels of {scan.name} are far outside the rest ({_number(value)}, the rest {rest}), "
            "as padding is. The model's own preparation takes them for intensities, so its masks may mean nothing. Set "
            "them to the value of the background first.",
        )
    ]


def _extent(extent: dict[str, Any], scan: JudgedScan) -> list[SuitabilityWarning]:
    axes = io_orientation(scan.affine)[:, 0]
    spacing = np.sqrt((scan.affine[:3, :3] ** 2).sum(0))
    for axis, along in enumerate(ALONG):
        native = int(np.flatnonzero(axes == axis)[0])
        mm = scan.dims_xyz[native] * spacing[native]
        least = extent.get("atLeastXyz", [0, 0, 0])[axis]
        most = extent.get("atMostXyz", [np.inf] * 3)[axis]
        if least <= mm <= most:
            continue
        limit = f"at least {least:g}" if mm < least else f"at most {most:g}"
        return [
            SuitabilityWarning(
                "extent",
                f"This scan measures {round(mm)} mm {along}, but the model is made for scans of {limit} mm. Its masks "
                "may mean nothing.",
            )
        ]
    return []
