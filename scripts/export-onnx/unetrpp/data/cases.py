"""Reads scans with reference labels and prepares them exactly as inference prepares a scan: see unetrpp.data.pairs."""

from __future__ import annotations

import dataclasses
import math
import pathlib

import nibabel
import numpy as np
import torch

from ..config.model import ModelConfig
from ..inference import scan_file
from ..inference.schemes import organscope
from . import reference, scan_sets
from .pairs import Case, Scan
from .torso import RealScan


def load(
    image: pathlib.Path,
    labels: pathlib.Path,
    data: pathlib.Path,
    model: ModelConfig,
    meaning: reference.Meaning | None = None,
) -> Case:
    """Reads a scan and its labels and brings both to the network's grid. `data` is what its name is relative to.

    Args:
        meaning: what ids of the labels mean, and which classes they have; None: what the configuration says of all.
            A class that they do not have is unknown: a voxel without a label may be it.

    Raises ReferenceLabelsError when they do not lie on one grid or an id has no meaning.
    """
    scan, header = scan_file.read_scan(image)
    ids = reference.read(labels, image, scan.shape, header.affine)
    meaning = meaning or scan_sets.meaning(model)
    structures = [{"id": i, "sources": label.sources} for i, label in enumerate(model.labels)]
    ids = reference.to_labels(ids, structures, meaning, str(labels))

    def ras_dhw(array: np.ndarray) -> np.ndarray:
        return nibabel.as_closest_canonical(nibabel.Nifti1Image(array, header.affine)).dataobj[:].transpose(2, 1, 0)

    volume = ras_dhw(scan)
    spacing = nibabel.as_closest_canonical(header).header.get_zooms()[2::-1]
    size = tuple(
        max(1, math.floor(n * float(s) / t + 0.5))
        for n, s, t in zip(volume.shape, spacing, model.grid.spacing_dhw, strict=True)
    )
    normalization = model.grid.normalization.as_manifest()
    grid = organscope.normalise(organscope.on_grid(volume, size, normalization), normalization)
    masks = ((ids == index).astype(np.float32) for index in range(1, len(model.labels)))
    classes = np.stack([organscope.resample_linear(ras_dhw(mask), size) for mask in masks])
    names = meaning.labelled
    unknown = [i for i, label in enumerate(model.labels) if names is not None and label.name not in names]
    return Case(str(image.relative_to(data)), torch.from_numpy(grid)[None], torch.from_numpy(classes), tuple(unknown))


def load_listed(scan: RealScan, data: pathlib.Path, model: ModelConfig) -> Case:
    """A real scan of [[data.real]]."""
    meaning = scan_sets.meaning(model)
    if scan.labelled is not None:
        names = tuple(label.name for label in model.labels if set(label.sources) & set(scan.labelled))
        meaning = dataclasses.replace(meaning, labelled=names)
    return load(data / scan.image, data / scan.labels, data, model, meaning)


def load_development(scans: list[Scan], data: pathlib.Path, model: ModelConfig) -> list[Case]:
    """Scans that choices are made on, with what [development] says of their ids."""
    meaning = scan_sets.meaning(model, model.development)
    return [load(*scan, data, model, meaning) for scan in scans]
