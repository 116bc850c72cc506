"""Measures a model on labelled scans: Dice, 95 % Hausdorff distance and volume error per structure.

Scans go through the whole pipeline and masks are compared on the scan's own grid.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..data import reference, scan_sets
from ..data.reference import Meaning
from ..inference import manifest, runtime, segmentation
from . import contact_sheet, metrics
from .report import WHOLE, mean_dice


def score(
    mask: np.ndarray,
    expected: np.ndarray,
    labels: list[dict[str, Any]],
    spacing: tuple[float, ...],
    labelled: tuple[str, ...] | None = None,
) -> dict[str, metrics.Figures]:
    """The figures of each structure by name, and of all structures together. Spacing in mm per array axis.

    Where the reference has some structures alone (`labelled`), those, and not all together: what it does not have may
    be any of the others.
    """
    figures = {
        label["name"]: metrics.structure(mask == label["id"], expected == label["id"], spacing)
        for label in labels[1:]
        if labelled is None or label["name"] in labelled
    }
    return figures if labelled is not None else {WHOLE: metrics.structure(mask > 0, expected > 0, spacing), **figures}


def measure(
    folder: pathlib.Path,
    scans: list[scan_sets.Scan],
    sheet: contact_sheet.Sheet | None = None,
    meaning: Meaning | None = None,
) -> Iterator[dict[str, Any]]:
    """Segments each (image, labels) and yields {scan, structures: {name: figures}} as it goes, figures unrounded.

    Raises ReferenceLabelsError before a scan is segmented whose labels cannot be compared with its mask.
    """
    description, meaning = manifest.read(folder), meaning or Meaning()
    labels = description["labels"]
    network = runtime.onnx_network(manifest.read_weights(folder, description))
    for image_path, labels_path in scans:
        channels, image = segmentation.read_channels(segmentation.assign([image_path], description["channels"]))
        ids = reference.read(labels_path, image_path, channels.shape[:0:-1], image.affine)
        expected = reference.to_labels(ids, labels, meaning, str(labels_path))
        mask = segmentation.segment(channels, image.affine, description, network).transpose(2, 1, 0)
        spacing = tuple(np.sqrt((image.affine[:3, :3] ** 2).sum(0)).tolist())
        structures = score(mask, expected, labels, spacing, meaning.labelled)
        mean = mean_dice(structures)
        if sheet and mean is not None:
            sheet.add(image_path.name, mean, channels[0].transpose(2, 1, 0), mask, expected, image.affine)
        yield {"scan": image_path.name, "structures": structures}
