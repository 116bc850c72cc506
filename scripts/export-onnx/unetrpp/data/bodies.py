"""Trunks and limbs as ids of tissues: what is labelled in a map, and what the map leaves out around it.

Maps are read by unetrpp.data.body_maps. Ids are TotalSegmentator's (version 2) below FAT.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor

from ..config.sections import Triple
from .augment import CPU, gather, noise_field, rotation, uniform

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
ABDOMEN = (SPLEEN, *KIDNEYS, GALLBLADDER, LIVER, STOMACH, PANCREAS, COLON, BLADDER)
RIM_MM = 66
"""How far around its labels a body is known: more than wall, fat and skin take."""


@dataclasses.dataclass(frozen=True)
class Body:
    """One label map, RAS, isotropic."""

    tissue: Tensor
    """uint8 (D, H, W): TotalSegmentator ids, FAT between them, 0 outside the body's hull."""
    outside: Tensor
    """uint8 (D, H, W): voxels from the hull in the slice, 0 within."""
    abdomen: tuple[float, float]
    """First and last slice with an abdominal organ."""
    centre: Triple
    half: Triple
    """Centre and half extent (D, H, W) of the hull, in voxels."""


def draw_shape(rng: np.random.Generator, body: Body, size: tuple[int, ...], spacing: float) -> Tensor:
    """A turned, scaled and bent patch of tissue ids (D, H, W) = size, with a wall, fat and skin of random thickness."""
    matrix = rotation(rng, (12, 8, 8)) @ np.diag(rng.uniform(0.82, 1.2) ** -1 * rng.uniform(0.88, 1.13, 3))
    depth = body.tissue.shape[0]
    reach = min(size[0] / 2, depth / 2)
    low, high = body.abdomen + np.array((-25, 25)) if rng.random() < 0.45 else (0, depth)
    z = np.clip(rng.uniform(low, high), reach - 8, depth - reach + 8)  # rarely beyond the scan's ends
    centre = np.array([z, *(body.centre + rng.uniform(-0.7, 0.7, 3) * body.half)[1:]])
    device = body.tissue.device
    bend = noise_field(rng, 3, int(rng.integers(4, 8)), size, uniform(rng, 0, 5), device)
    tissue, outside = gather([body.tissue, body.outside], matrix, centre, bend, (0, 255))
    far = outside.float() + noise_field(rng, 1, 5, size, uniform(rng, 0, 2), device)[0]
    if rng.random() < 0.5:  # more in front or behind
        far *= torch.linspace(*np.exp(rng.uniform(-0.5, 0.5, 2)), size[1], device=device)[:, None]
    ends = np.cumsum([rng.uniform(0, 14), rng.gamma(2, 8) + 2, 2]).clip(max=RIM_MM - 6) / spacing
    beyond = (tissue == 0) & (outside > 0)
    for id_, end in zip((SKIN, SUBCUTANEOUS, WALL), ends[::-1], strict=True):
        tissue.masked_fill_(beyond & (far <= end), id_)
    return tissue


def _from_line(rng: np.random.Generator, y: Tensor, x: Tensor, away: float) -> Tensor:
    """How far voxels are from a line along a limb, `away` from its axis on any side; y and x count from the axis."""
    turn = rng.uniform(0, 2 * np.pi)
    return torch.hypot(y - away * np.sin(turn), x - away * np.cos(turn))


def limb(rng: np.random.Generator, size: tuple[int, ...], spacing: float, device: torch.device = CPU) -> Tensor:
    """A patch with one or two arms or legs, above a joint, at it or below. There is nothing in it to label.

    From outside in: skin, fat, muscle with vessels, and one or two bones, which are hollow and widen towards the joint.
    """
    tissue = torch.zeros(size, dtype=torch.uint8, device=device)
    axes = (torch.arange(n, dtype=torch.float32, device=device) - n / 2 for n in size)
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    apart, joint = uniform(rng, 55, 110) / spacing, uniform(rng, -1.5, 1.5) * size[0]
    near_joint = torch.exp(-(((z - joint) * spacing / uniform(rng, 15, 40)) ** 2))
    bones = int(rng.integers(1, 3))
    for side in (-1, 1) if rng.random() < 0.5 else (0,):
        tilt, wave = rng.uniform(-0.25, 0.25, 2), noise_field(rng, 1, 5, size, uniform(rng, 0, 3), device)[0]
        offset = rng.uniform(-10, 10, 2)
        y_from_axis = y - tilt[0] * z - offset[0]
        x_from_axis = (x - side * apart - tilt[1] * z - offset[1]) * uniform(rng, 0.8, 1.2)
        r = torch.hypot(y_from_axis, x_from_axis) + wave + z * uniform(rng, -0.1, 0.1)
        muscle, fat = uniform(rng, 25, 75) / spacing, uniform(rng, 3, 30) / spacing
        for id_, end in ((SKIN, muscle + fat + 1.5), (SUBCUTANEOUS, muscle + fat), (THIGH, muscle)):
            tissue.masked_fill_(r < end, id_)
        for _ in range(int(rng.integers(5))):
            distance = _from_line(rng, y_from_axis, x_from_axis, muscle * uniform(rng, 0.3, 0.8))
            vessel = distance < uniform(rng, 2, 5) / spacing
            tissue.masked_fill_(vessel, NECK_ARTERY if rng.random() < 0.5 else NECK_VEIN)
        for _ in range(bones):
            away = muscle * (uniform(rng, 0, 0.2) if bones == 1 else uniform(rng, 0.2, 0.4))
            bone = _from_line(rng, y_from_axis, x_from_axis, away)
            radius = muscle * uniform(rng, 0.12, 0.35)
            tissue.masked_fill_(bone < radius * (1 + near_joint * uniform(rng, 0.3, 1.2)), FEMUR)
            tissue.masked_fill_(bone < radius * uniform(rng, 0.4, 0.8) * (1 - near_joint), SUBCUTANEOUS)  # fat marrow
    return tissue
