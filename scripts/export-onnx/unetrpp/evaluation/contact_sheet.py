"""One picture of many results: for each scan the slice with most of the reference, bare, with reference, with mask."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from typing import Any

import nibabel
import numpy as np
from nibabel.orientations import io_orientation
from PIL import Image, ImageDraw

TILE = 144
"""Edge of one tile in pixels."""
CAPTION = 14
MARGIN_MM = 15
"""How much around the structures a tile shows."""
COLUMNS = 3
OPACITY = 0.45
SOFT_TISSUE = (-160.0, 240.0)
"""Window of a CT whose model does not say which intensities it looks at, Hounsfield units."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One scan's strip: bare slice, reference, mask."""

    name: str
    dice: float
    strip: Image.Image


def window(description: dict[str, Any]) -> tuple[float, float] | None:
    """Black and white of a model's scans: what a CT model looks at; None, by each scan's own percentiles, for MR."""
    if description["modality"] != "CT":
        return None
    scheme = description["pipeline"].get("normalization")
    if isinstance(scheme, dict) and scheme.get("scheme") == "range":
        return float(scheme["lower"]), float(scheme["upper"])
    return SOFT_TISSUE


def _upright(array: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """(x, y, z) in RAS."""
    return nibabel.apply_orientation(array, io_orientation(affine))


class Sheet:
    """Collects scans and draws them, the worst first: failures are what one looks for.

    Args:
        labels: the manifest's labels, for their colours.
        window: intensities drawn black and white; None: percentiles of each scan.
    """

    def __init__(self, labels: list[dict[str, Any]], window: tuple[float, float] | None = None):
        self.window = window
        self.colors = np.array([label["color"] for label in labels], np.float32)
        self.rows: list[Row] = []

    def add(
        self, name: str, dice: float, scan: np.ndarray, mask: np.ndarray, reference: np.ndarray, affine: np.ndarray
    ) -> None:
        """Takes one result: scan, mask and reference (x, y, z) on one grid, mean Dice for the caption."""
        scan, mask, reference = (_upright(array, affine) for array in (scan, mask, reference))
        spacing = [math.sqrt((affine[:3, column] ** 2).sum()) for column in range(3)]
        order = io_orientation(affine)[:, 0]
        spacing = [spacing[int(np.flatnonzero(order == axis)[0])] for axis in range(3)]
        shown = reference if reference.any() else mask
        z = int((shown > 0).sum((0, 1)).argmax())
        inside = np.argwhere(shown[:, :, z]) if shown.any() else np.array([[0, 0], np.array(scan.shape[:2]) - 1])
        low = [max(0, int(inside[:, a].min() - MARGIN_MM / spacing[a])) for a in range(2)]
        high = [min(scan.shape[a], int(inside[:, a].max() + MARGIN_MM / spacing[a]) + 1) for a in range(2)]
        shown_part = (slice(low[0], high[0]), slice(low[1], high[1]), z)
        black, white = self.window or np.percentile(scan, [1, 99.5])
        grey = np.clip((scan[shown_part] - black) / max(white - black, 1e-6), 0, 1) * 255
        tiles = [self._tile(grey, layer, spacing) for layer in (None, reference[shown_part], mask[shown_part])]
        strip = Image.new("RGB", (3 * TILE, TILE + CAPTION))
        for column, tile in enumerate(tiles):
            strip.paste(tile, (column * TILE + (TILE - tile.width) // 2, CAPTION + (TILE - tile.height) // 2))
        label = f"{name.removesuffix('.nii.gz')}  Dice {dice:.3f}  |  reference  |  mask"
        ImageDraw.Draw(strip).text((2, 1), label, fill=(230, 230, 230))
        self.rows.append(Row(name, dice, strip))

    def _tile(self, grey: np.ndarray, labels: np.ndarray | None, spacing: list[float]) -> Image.Image:
        """A slice (x, y) with square pixels, anterior up and the patient's right on the left, as radiologists look."""
        rgb = np.repeat(grey[..., None], 3, 2)
        if labels is not None:
            painted = labels > 0
            rgb[painted] = (1 - OPACITY) * rgb[painted] + OPACITY * self.colors[labels[painted]]
        image = Image.fromarray(rgb.transpose(1, 0, 2)[::-1, ::-1].astype(np.uint8))
        width, height = grey.shape[0] * spacing[0], grey.shape[1] * spacing[1]
        scale = TILE / max(width, height)
        return image.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC)

    def save(self, path: pathlib.Path) -> None:
        """Writes the PNG. Raises ValueError when there is nothing to draw."""
        if not self.rows:
            raise ValueError("There is no scan to draw a contact sheet of.")
        rows = sorted(self.rows, key=lambda row: row.dice)
        width, height = rows[0].strip.size
        columns = min(COLUMNS, len(rows))
        lines = math.ceil(len(rows) / columns)
        sheet = Image.new("RGB", (columns * (width + 6), lines * (height + 4)), (40, 40, 40))
        for index, row in enumerate(rows):
            sheet.paste(row.strip, ((index % columns) * (width + 6), (index // columns) * (height + 4)))
        sheet.quantize(192).save(path, optimize=True)
