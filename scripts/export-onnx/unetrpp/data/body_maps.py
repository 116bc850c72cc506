"""Reads label maps of trunks and of whole heads, and finds the body around what is labelled (see bodies.py)."""

from __future__ import annotations

import pathlib

import nibabel
import numpy as np
import scipy.ndimage
import torch

from ..config.sections import Triple
from .bodies import (
    ABDOMEN,
    BRAIN,
    CORD,
    FAT,
    NECK_ARTERY,
    NECK_BONE,
    NECK_MUSCLE,
    NECK_VEIN,
    RIM_MM,
    SKULL,
    SUBCUTANEOUS,
    TRACHEA,
    Body,
)
from .synthesis import EXTRA_CEREBRAL, is_brain

OF_HEAD = {502: NECK_ARTERY, 511: SUBCUTANEOUS, 512: CORD, 514: NECK_VEIN, 515: SKULL, 516: SKULL}
"""Tissues of whole-head label maps outside the brain, whose own ids end at synthesis.EXTRA_CEREBRAL; others: muscle."""
GAPS_MM = 60
"""Labels less than twice this far apart in a slice belong to one body."""


def surround(labels: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """The body that the labels (D, H, W) lie in: them with FAT in the gaps, and the distance to that in each slice.

    Both uint8, padded in the slice by RIM_MM. In each slice the labels are closed by GAPS_MM and holes filled.
    """
    pad = int(RIM_MM / spacing)
    tissue = np.pad(labels, ((0, 0), (pad, pad), (pad, pad))).astype(np.uint8)
    outside = np.full_like(tissue, 255)
    reach = GAPS_MM / spacing / 2  # every second voxel does for a hull
    for z, plane in enumerate(tissue):
        if not plane.any():
            continue
        coarse = plane[::2, ::2] > 0
        near = scipy.ndimage.distance_transform_edt(~coarse) <= reach
        hull = scipy.ndimage.binary_fill_holes(scipy.ndimage.distance_transform_edt(near) > reach) | coarse
        hull = np.repeat(np.repeat(hull, 2, 0), 2, 1)[: plane.shape[0], : plane.shape[1]] | (plane > 0)
        outside[z] = np.minimum(scipy.ndimage.distance_transform_edt(~hull), 255)
        plane[hull & (plane == 0)] = FAT
    return tissue, outside


def _read(file: pathlib.Path, spacing: float) -> np.ndarray:
    """Ids (D, H, W), RAS. Raises ValueError when voxels are not cubes of `spacing` mm."""
    image = nibabel.as_closest_canonical(nibabel.load(file))
    zooms = image.header.get_zooms()[:3]
    if not np.allclose(zooms, spacing, atol=1e-3):
        raise ValueError(f"{file} has voxels of {zooms} mm; this kind of data wants {spacing} mm.")
    return np.asarray(image.dataobj).transpose(2, 1, 0)


def _middle(body: np.ndarray) -> tuple[Triple, Triple]:
    """Centre and half extent of a mask (D, H, W), in voxels; every fourth row and column does."""
    places = np.argwhere(body[:, ::4, ::4]) * (1, 4, 4)
    low, high = places.min(0), places.max(0)
    return tuple(((low + high) / 2).tolist()), tuple(((high - low) / 2).tolist())


def load(file: pathlib.Path, spacing: float) -> Body:
    """Reads a label map. Raises ValueError when its voxels are not cubes of `spacing` mm or ids are unknown."""
    labels = _read(file, spacing)
    if labels.max() >= FAT:
        raise ValueError(f"{file} has the id {labels.max()}; TotalSegmentator's go to {FAT - 1}.")
    tissue, outside = surround(labels, spacing)
    slices = np.flatnonzero(np.isin(labels, ABDOMEN).any((1, 2)))
    abdomen = (int(slices.min()), int(slices.max())) if slices.size else (0, len(labels) - 1)
    return Body(torch.from_numpy(tissue), torch.from_numpy(outside), abdomen, *_middle(outside == 0))


def load_head(file: pathlib.Path, spacing: float) -> Body:
    """Reads a whole-head label map (see unetrpp.data.synthesis): anatomy without an organ of the trunk.

    Raises ValueError when its voxels are not cubes of 1 mm.
    """
    ids = _read(file, 1.0).astype(np.int32)
    ids = ids[np.ix_(*(np.arange(0, n - 0.5, spacing).round().astype(int) for n in ids.shape))]
    table = np.full(1 + max(ids.max(), *OF_HEAD), NECK_MUSCLE, np.uint8)
    table[:EXTRA_CEREBRAL], table[0] = BRAIN, 0
    table[list(OF_HEAD)] = list(OF_HEAD.values())
    tissue = table[ids]
    brain = np.flatnonzero(is_brain(ids).any((1, 2)))
    low = tissue[: brain.min() + int(40 / spacing)]  # the brainstem reaches a little below the first vertebra
    low[low == SKULL] = NECK_BONE
    for plane in tissue:  # pharynx and sinuses
        plane[scipy.ndimage.binary_fill_holes(plane > 0) & (plane == 0)] = TRACHEA
    outside = torch.full(tissue.shape, 255, dtype=torch.uint8)
    return Body(torch.from_numpy(tissue), outside, (0, len(ids) - 1), *_middle(tissue > 0))
