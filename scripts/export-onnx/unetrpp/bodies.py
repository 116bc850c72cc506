"""Trunks and limbs as ids of tissues: what is labelled in a map, and what the map leaves out around it.

Ids are TotalSegmentator's (version 2) below FAT.
"""

from __future__ import annotations

import dataclasses
import pathlib

import nibabel
import numpy as np
import scipy.ndimage
import torch
from torch import Tensor

from .augment import gather, noise_field, rotation, uniform
from .synthesis import EXTRA_CEREBRAL, is_brain

SPLEEN, KIDNEYS, GALLBLADDER, LIVER, STOMACH, PANCREAS, ADRENALS = 1, (2, 3), 4, 5, 6, 7, (8, 9)
LUNGS, OESOPHAGUS, TRACHEA, SMALL_BOWEL, DUODENUM, COLON, BLADDER, PROSTATE = range(10, 15), 15, 16, 18, 19, 20, 21, 22
CYSTS, BRAIN, CORD, CARTILAGE = (23, 24), 90, 79, 117
NECK_BONE, TISSUES = 122, 123
"""Bone of a head's map, which may be a vertebra or not; one more than the last id."""
BONES = (*range(25, 51), *range(69, 79), 91, *range(92, 117), NECK_BONE)
HEART, ARTERIES, VEINS, PORTAL = (51, 61), (52, 54, 55, 56, 57, 58, 65, 66), (53, 59, 60, 62, 63, 67, 68), 64
MUSCLES = (17, *range(80, 90))
FAT, WALL, SUBCUTANEOUS, SKIN = 118, 119, 120, 121
"""What fills the space between labels, the muscle around them, and what lies outside that."""
VERTEBRA, NECK_ARTERY, NECK_VEIN, NECK_MUSCLE, SKULL = 50, 57, 53, 86, 91
FEMUR, THIGH = 75, 80
OF_HEAD = {502: NECK_ARTERY, 511: SUBCUTANEOUS, 512: CORD, 514: NECK_VEIN, 515: SKULL, 516: SKULL}
"""Tissues of whole-head label maps outside the brain, whose own ids end at synthesis.EXTRA_CEREBRAL; others: muscle."""
ABDOMEN = (SPLEEN, *KIDNEYS, GALLBLADDER, LIVER, STOMACH, PANCREAS, COLON, BLADDER)
GAPS_MM = 60
"""Labels less than twice this far apart in a slice belong to one body."""
RIM_MM = 66
"""How far around its labels a body is known: more than wall, fat and skin take."""


@dataclasses.dataclass(frozen=True)
class Body:
    """One label map, RAS, isotropic."""

    tissue: Tensor
    """uint8 (D, H, W): TotalSegmentator ids, FAT between them, 0 outside the body's hull."""
    outside: Tensor
    """uint8 (D, H, W): voxels from the hull in the slice, 0 within."""
    abdomen: np.ndarray
    """First and last slice with an abdominal organ."""
    centre: np.ndarray
    half: np.ndarray
    """Centre and half extent (D, H, W) of the hull, in voxels."""


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


def _middle(body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and half extent of a mask (D, H, W), in voxels; every fourth row and column does."""
    places = np.argwhere(body[:, ::4, ::4]) * (1, 4, 4)
    low, high = places.min(0), places.max(0)
    return (low + high) / 2, (high - low) / 2


def load(file: pathlib.Path, spacing: float) -> Body:
    """Reads a label map. Raises ValueError when its voxels are not cubes of `spacing` mm or ids are unknown."""
    labels = _read(file, spacing)
    if labels.max() >= FAT:
        raise ValueError(f"{file} has the id {labels.max()}; TotalSegmentator's go to {FAT - 1}.")
    tissue, outside = surround(labels, spacing)
    slices = np.flatnonzero(np.isin(labels, ABDOMEN).any((1, 2)))
    abdomen = np.array([slices.min(), slices.max()] if slices.size else [0, len(labels) - 1])
    return Body(torch.from_numpy(tissue), torch.from_numpy(outside), abdomen, *_middle(outside == 0))


def load_head(file: pathlib.Path, spacing: float) -> Body:
    """Reads a whole-head label map (see unetrpp.synthesis): anatomy without an organ of the trunk.

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
    return Body(torch.from_numpy(tissue), outside, np.array([0, len(ids) - 1]), *_middle(tissue > 0))


def draw_shape(rng: np.random.Generator, body: Body, size: tuple[int, ...], spacing: float) -> Tensor:
    """A turned, scaled and bent patch of tissue ids (D, H, W) = size, with a wall, fat and skin of random thickness."""
    matrix = rotation(rng, (12, 8, 8)) @ np.diag(rng.uniform(0.82, 1.2) ** -1 * rng.uniform(0.88, 1.13, 3))
    depth = body.tissue.shape[0]
    reach = min(size[0] / 2, depth / 2)
    low, high = body.abdomen + np.array((-25, 25)) if rng.random() < 0.45 else (0, depth)
    z = np.clip(rng.uniform(low, high), reach - 8, depth - reach + 8)  # rarely beyond the scan's ends
    centre = np.array([z, *(body.centre + rng.uniform(-0.7, 0.7, 3) * body.half)[1:]])
    bend = noise_field(rng, 3, int(rng.integers(4, 8)), size, uniform(rng, 0, 5))
    tissue, outside = gather([body.tissue, body.outside], matrix, centre, bend, (0, 255))
    far = outside.float() + noise_field(rng, 1, 5, size, uniform(rng, 0, 2))[0]
    if rng.random() < 0.5:  # more in front or behind
        far *= torch.linspace(*np.exp(rng.uniform(-0.5, 0.5, 2)), size[1])[:, None]
    ends = np.cumsum([rng.uniform(0, 14), rng.gamma(2, 8) + 2, 2]).clip(max=RIM_MM - 6) / spacing
    beyond = tissue == 0
    for id_, end in zip((SKIN, SUBCUTANEOUS, WALL), ends[::-1], strict=True):
        tissue[beyond & (outside > 0) & (far <= end)] = id_
    return tissue


def _from_line(rng: np.random.Generator, y: Tensor, x: Tensor, away: float) -> Tensor:
    """How far voxels are from a line along a limb, `away` from its axis on any side; y and x count from the axis."""
    turn = rng.uniform(0, 2 * np.pi)
    return torch.hypot(y - away * np.sin(turn), x - away * np.cos(turn))


def limb(rng: np.random.Generator, size: tuple[int, ...], spacing: float) -> Tensor:
    """A patch with one or two arms or legs, above a joint, at it or below. There is nothing in it to label.

    From outside in: skin, fat, muscle with vessels, and one or two bones, which are hollow and widen towards the joint.
    """
    tissue = torch.zeros(size, dtype=torch.uint8)
    z, y, x = torch.meshgrid(*(torch.arange(n, dtype=torch.float32) - n / 2 for n in size), indexing="ij")
    apart, joint = uniform(rng, 55, 110) / spacing, uniform(rng, -1.5, 1.5) * size[0]
    near_joint = torch.exp(-(((z - joint) * spacing / uniform(rng, 15, 40)) ** 2))
    bones = int(rng.integers(1, 3))
    for side in (-1, 1) if rng.random() < 0.5 else (0,):
        tilt, wave = rng.uniform(-0.25, 0.25, 2), noise_field(rng, 1, 5, size, uniform(rng, 0, 3))[0]
        offset = rng.uniform(-10, 10, 2)
        y_from_axis = y - tilt[0] * z - offset[0]
        x_from_axis = (x - side * apart - tilt[1] * z - offset[1]) * uniform(rng, 0.8, 1.2)
        r = torch.hypot(y_from_axis, x_from_axis) + wave + z * uniform(rng, -0.1, 0.1)
        muscle, fat = uniform(rng, 25, 75) / spacing, uniform(rng, 3, 30) / spacing
        for id_, end in ((SKIN, muscle + fat + 1.5), (SUBCUTANEOUS, muscle + fat), (THIGH, muscle)):
            tissue[r < end] = id_
        for _ in range(int(rng.integers(5))):
            distance = _from_line(rng, y_from_axis, x_from_axis, muscle * uniform(rng, 0.3, 0.8))
            vessel = distance < uniform(rng, 2, 5) / spacing
            tissue[vessel] = NECK_ARTERY if rng.random() < 0.5 else NECK_VEIN
        for _ in range(bones):
            away = muscle * (uniform(rng, 0, 0.2) if bones == 1 else uniform(rng, 0.2, 0.4))
            bone = _from_line(rng, y_from_axis, x_from_axis, away)
            radius = muscle * uniform(rng, 0.12, 0.35)
            tissue[bone < radius * (1 + near_joint * uniform(rng, 0.3, 1.2))] = FEMUR
            tissue[bone < radius * uniform(rng, 0.4, 0.8) * (1 - near_joint)] = SUBCUTANEOUS  # fat marrow
    return tissue
