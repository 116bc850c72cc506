"""CT of the torso made from label maps, mixed with the few real scans there are: training data, kind "torso".

Hounsfield units are given by physics, so unlike in unetrpp.synthesis the contrast is not arbitrary: each tissue's mean
is drawn from the range it has without contrast medium or in one of its phases. What the maps leave out is filled in:
fat, abdominal wall, skin, vessels, what bowel holds, cortical bone, cysts and lesions, the table.
Ids are TotalSegmentator's (version 2) below FAT.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import nibabel
import numpy as np
import scipy.ndimage
import torch
from torch import Tensor

from . import pairs, pipeline
from .augment import Augmentation, blur, class_shares, gather, noise_field, rotation, uniform
from .config import ModelConfig
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

# Means in HU without contrast medium, in the arterial, the portal venous and the late phase.
PHASES = ("plain", "arterial", "portal", "late")
HOW_OFTEN = (0.4, 0.2, 0.3, 0.1)
SOLID: dict[tuple[int, ...], tuple[tuple[float, float], ...]] = {
    (LIVER,): ((35, 70), (50, 85), (85, 135), (75, 110)),
    (SPLEEN,): ((35, 58), (80, 190), (100, 150), (75, 110)),
    KIDNEYS: ((18, 42), (110, 220), (140, 230), (110, 190)),
    (PANCREAS,): ((-5, 48), (70, 125), (70, 115), (55, 90)),
    ADRENALS: ((0, 40), (40, 90), (50, 95), (40, 75)),
    (GALLBLADDER,): ((-5, 25),) * 4,
    (BLADDER,): ((-5, 22), (-5, 22), (-5, 25), (0, 350)),
    (PROSTATE,): ((25, 50), (40, 90), (50, 100), (50, 90)),
    CYSTS: ((-5, 20),) * 4,
    HEART: ((32, 52), (120, 320), (100, 170), (70, 120)),
    ARTERIES: ((28, 52), (180, 420), (110, 180), (75, 125)),
    VEINS: ((28, 52), (35, 140), (90, 180), (75, 125)),
    (PORTAL,): ((28, 52), (45, 130), (120, 200), (80, 125)),
    MUSCLES: ((38, 62), (42, 68), (50, 75), (48, 72)),
    (WALL,): ((15, 58), (20, 62), (25, 68), (25, 66)),
    (CARTILAGE,): ((70, 180),) * 4,
    (BRAIN, CORD): ((25, 42),) * 4,
    (*LUNGS,): ((-900, -700),) * 4,
    (TRACHEA,): ((-1010, -960),) * 4,
    (FAT, SUBCUTANEOUS): ((-118, -88),) * 4,
    (SKIN,): ((-40, 40),) * 4,
    (STOMACH, SMALL_BOWEL, DUODENUM, COLON, OESOPHAGUS): ((25, 50), (35, 80), (50, 100), (40, 80)),
}
# What hollow organs hold, by how often: mean and spread in HU, and the share of the lumen filled with gas.
HELD: dict[int, tuple[tuple[float, tuple[float, float], float, tuple[float, float]], ...]] = {
    STOMACH: (
        (0.4, (0, 40), 15, (0, 0.5)), (0.25, (20, 60), 30, (0, 0.3)),
        (0.2, (120, 450), 30, (0, 0.3)), (0.15, (-60, 20), 60, (0.2, 0.7)),
    ),
    COLON: ((0.5, (-80, 50), 70, (0.1, 0.6)), (0.3, (0, 45), 25, (0, 0.9)), (0.2, (120, 500), 60, (0, 0.4))),
    SMALL_BOWEL: ((0.7, (5, 45), 15, (0, 0.1)), (0.3, (100, 400), 60, (0, 0.1))),
    DUODENUM: ((0.75, (5, 45), 15, (0, 0.2)), (0.25, (80, 350), 40, (0, 0.2))),
    OESOPHAGUS: ((1.0, (20, 50), 10, (0, 0.3)),),
}  # fmt: skip


GROUPS = (
    (FAT,), LUNGS, (WALL, *MUSCLES), (HEART[0],), BONES, tuple(HELD), KIDNEYS, (LIVER,), (SPLEEN,), (PANCREAS,),
)  # fmt: skip
"""Ids that are painted together, numbered from 1; 0 is air, everything else the last number."""
IN_FAT, IN_LUNGS, IN_MUSCLE, IN_HEART, IN_BONE, IN_HOLLOW, IN_KIDNEY, IN_LIVER, IN_SPLEEN, IN_PANCREAS = range(1, 11)


def _group_of() -> Tensor:
    table = torch.full((TISSUES,), len(GROUPS) + 1, dtype=torch.uint8)
    table[0] = 0
    for number, ids in enumerate(GROUPS, start=1):
        table[list(ids)] = number
    return table


GROUP_OF = _group_of()


@dataclasses.dataclass(frozen=True)
class Torso:
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


def load(file: pathlib.Path, spacing: float) -> Torso:
    """Reads a label map. Raises ValueError when its voxels are not cubes of `spacing` mm or ids are unknown."""
    labels = _read(file, spacing)
    if labels.max() >= FAT:
        raise ValueError(f"{file} has the id {labels.max()}; TotalSegmentator's go to {FAT - 1}.")
    tissue, outside = surround(labels, spacing)
    slices = np.flatnonzero(np.isin(labels, ABDOMEN).any((1, 2)))
    abdomen = np.array([slices.min(), slices.max()] if slices.size else [0, len(labels) - 1])
    return Torso(torch.from_numpy(tissue), torch.from_numpy(outside), abdomen, *_middle(outside == 0))


def load_head(file: pathlib.Path, spacing: float) -> Torso:
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
    return Torso(torch.from_numpy(tissue), outside, np.array([0, len(ids) - 1]), *_middle(tissue > 0))


def _draw_shape(rng: np.random.Generator, torso: Torso, size: tuple[int, ...], spacing: float) -> Tensor:
    """A turned, scaled and bent patch of tissue ids (D, H, W) = size, with a wall, fat and skin of random thickness."""
    matrix = rotation(rng, (12, 8, 8)) @ np.diag(rng.uniform(0.82, 1.2) ** -1 * rng.uniform(0.88, 1.13, 3))
    depth = torso.tissue.shape[0]
    reach = min(size[0] / 2, depth / 2)
    low, high = torso.abdomen + np.array((-25, 25)) if rng.random() < 0.6 else (0, depth)
    z = np.clip(rng.uniform(low, high), reach - 8, depth - reach + 8)  # rarely beyond the scan's ends
    centre = np.array([z, *(torso.centre + rng.uniform(-0.7, 0.7, 3) * torso.half)[1:]])
    bend = noise_field(rng, 3, int(rng.integers(4, 8)), size, uniform(rng, 0, 5))
    tissue, outside = gather([torso.tissue, torso.outside], matrix, centre, bend, (0, 255))
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


def _hounsfield(rng: np.random.Generator, tissue: Tensor, spacing: float) -> Tensor:
    """What a scanner without blur or noise would see of a patch of tissue ids, HU."""
    size = tissue.shape
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    phase = rng.choice(len(PHASES), p=HOW_OFTEN)
    mean, grain = np.full(TISSUES, 45.0), np.full(TISSUES, 4.0)
    mean[0] = -1000
    for ids, ranges in SOLID.items():
        shared = rng.uniform(*ranges[phase])
        for id_ in ids:
            mean[id_] = shared + rng.normal(0, 6)
    mean[list(BONES)] = rng.uniform(90, 280) + rng.normal(0, 30, len(BONES))
    grain[list(BONES)], grain[list(LUNGS)], grain[[FAT, SUBCUTANEOUS]] = 50, 40, 8
    index = tissue.long()
    image = torch.from_numpy(mean).float()[index]
    group = GROUP_OF[index]

    def within(member: int) -> Tensor:
        return group == member

    # Vessels, fascia and lymph nodes that no map labels; fat in muscle; vessels in lungs.
    fine = noise_field(rng, 1, int(rng.integers(12, 28)), size, 1.0)[0]
    other = noise_field(rng, 1, int(rng.integers(8, 20)), size, 1.0)[0]
    fat, lungs = within(IN_FAT), within(IN_LUNGS)
    image.masked_fill_(fat & (fine > uniform(rng, 0.5, 1.6)), mean[MUSCLES[1]])
    image.masked_fill_(fat & (fine < -uniform(rng, 0.9, 2.0)), mean[VEINS[0]])
    muscle = within(IN_MUSCLE)
    image.masked_fill_(muscle & (other > uniform(rng, 0.8, 2.5)), mean[FAT])
    if rng.random() < 0.5:  # sheets of fat between muscles
        image.masked_fill_(muscle & (fine.abs() < uniform(rng, 0.03, 0.12)), mean[FAT])
    image.masked_fill_(lungs & (fine > uniform(rng, 0.9, 1.5)), mean[VEINS[0]])
    if rng.random() < 0.3:  # the lung's back part without air, or fluid
        image.masked_fill_(lungs & (other > uniform(rng, 0.6, 1.5)), uniform(rng, 0, 60))
    image.addcmul_(within(IN_HEART).float(), other, value=0.15 * (mean[HEART[0]] - 40))

    # Shells: cortical bone, walls of hollow organs, the kidney's cortex.
    bones, hollow, kidneys = within(IN_BONE), within(IN_HOLLOW), within(IN_KIDNEY)
    depth = blur((bones | hollow | kidneys).float(), np.full(3, 1.2))
    image.masked_fill_(bones & (depth < uniform(rng, 0.7, 0.9)), uniform(rng, 250, 750))
    if phase:
        image.add_((kidneys & (depth > uniform(rng, 0.85, 0.97))).float(), alpha=uniform(rng, -80, 30))
    lumen = hollow & (depth > uniform(rng, 0.55, 0.8))
    upward = torch.linspace(-1.2, 1.2, size[1])[:, None]  # patients lie on their backs: gas is in front
    for id_, kinds in HELD.items():
        _, (low, high), spread, gas = kinds[rng.choice(len(kinds), p=[kind[0] for kind in kinds])]
        content, gas_share, tilt, gas_mean = (
            uniform(rng, low, high), uniform(rng, *gas), uniform(rng, 0.5, 3), uniform(rng, -980, -850),
        )  # fmt: skip
        inside = lumen & (tissue == id_)
        if not inside.any():
            continue
        image = torch.where(inside, content + spread * (fine if id_ == COLON else other), image)
        if id_ == COLON and rng.random() < 0.5:  # stool is full of small bubbles
            bubbles = noise_field(rng, 1, int(rng.integers(25, 50)), size, 1.0)[0]
            image.masked_fill_(inside & (bubbles > uniform(rng, 1, 2.2)), uniform(rng, -900, -250))
        level = other + tilt * upward
        sample = level[inside]
        top = torch.quantile(sample[:: 1 + sample.numel() // 10000], 1 - gas_share)
        image.masked_fill_(inside & (level > top), gas_mean)

    # Lesions of any kind where they are common, and a lumpy background everywhere.
    for organ in (IN_LIVER, IN_KIDNEY, IN_SPLEEN, IN_PANCREAS):
        if rng.random() < 0.25:
            lumps = noise_field(rng, 1, int(rng.integers(6, 16)), size, 1.0)[0]
            image.add_((within(organ) & (lumps > uniform(rng, 1.5, 2.5))).float(), alpha=uniform(rng, -90, 60))
    image.addcmul_(torch.from_numpy(grain).float()[index], torch.randn(size, generator=generator))
    image.addcmul_((group > 0).float(), other, value=uniform(rng, 0, 5))
    return _with_table(rng, image, tissue, spacing)


def _with_table(rng: np.random.Generator, image: Tensor, tissue: Tensor, spacing: float) -> Tensor:
    """Lays a body whose back is in the patch on a table, mostly."""
    rows = (tissue > 0).any(2).any(0)
    back = int(rows.int().argmax())
    gap = int(uniform(rng, 2, 30) / spacing)
    if not rows.any() or back - gap < 4 or rng.random() < 0.2:
        return image
    x = torch.linspace(-1, 1, image.shape[2]) - uniform(rng, -0.8, 0.8)
    top = back - gap + uniform(rng, 0, 20) * x**2  # a shallow trough
    below = top - torch.arange(image.shape[1])[:, None]
    plate = (below > 0) & (below < uniform(rng, 1, 4))
    image[plate.expand(image.shape) & (tissue == 0)] = uniform(rng, -300, 200)
    return image


def _acquire(rng: np.random.Generator, image: Tensor, factor: int, spacing: float) -> Tensor:
    """Resolution and noise of a scanner: HU (D, H, W) at `spacing` mm to `factor` times coarser."""
    in_plane = rng.uniform(0.3, 0.9)
    across = 0.3 * rng.choice([1, 2, 3, 5], p=[0.25, 0.3, 0.3, 0.15])  # sigma in mm of a slice 1 to 5 mm thick
    image = blur(image, np.array([across, in_plane, in_plane]) / spacing, factor)
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    noise = torch.randn(image.shape, generator=generator)
    if rng.random() < 0.5:
        noise = blur(noise, np.full(3, 0.6)) * 2.5
    return image + noise * uniform(rng, 0, 25)


def synthesise(
    torso: Torso, model: ModelConfig, to_class: Tensor, rng: np.random.Generator, spacing: float
) -> tuple[Tensor, Tensor]:
    """One training pair.

    Args:
        torso: where shapes come from, at `spacing` mm.
        to_class: int64 (TISSUES,), the output class of each tissue id; for NECK_BONE one more than there are where
            vertebrae are a class.

    Returns:
        image float32 (1, D, H, W) in [0, 1]; target float32 (classes, D, H, W), shares of each voxel.
    """
    factor = round(model.grid["spacing_dhw"][0] / spacing)
    size = tuple(n * factor for n in model.network.patch_dhw)
    tissue = limb(rng, size, spacing) if rng.random() < 0.06 else _draw_shape(rng, torso, size, spacing)
    if rng.random() < 0.12:  # a field of view narrower than the body
        y, x = (torch.arange(n) - n / 2 - uniform(rng, -n / 4, n / 4) for n in size[1:])
        tissue[:, torch.hypot(y[:, None], x) > uniform(rng, 0.4, 0.75) * max(size[1:])] = 0
    image = _acquire(rng, _hounsfield(rng, tissue, spacing), factor, spacing)
    image = torch.from_numpy(pipeline.normalise(image.numpy(), model.grid["normalization"]))
    box = [slice(None)] * 3
    for axis, n in enumerate(image.shape):  # the scan ends within the window, as where it is smaller
        if rng.random() < 0.15:
            length = int(rng.integers(n // 3, n))
            start = int(rng.integers(n - length + 1))
            box[axis] = slice(start, start + length)
    inside = torch.zeros(image.shape, dtype=torch.bool)
    inside[tuple(box)] = True
    classes = model.network.num_classes
    shares = class_shares(to_class[tissue.long()], classes + 1, factor) * inside
    target = pairs.with_background(shares[1:classes])
    target[int(to_class[VERTEBRA])] += shares[classes]  # background or this: see pairs.any_of
    return image[None] * inside, target


class Torsos(torch.utils.data.Dataset):
    """Sample `index` of an endless deterministic series: synthesised pairs and, [data] `real_share` of them, real ones.

    Args:
        model: a configuration whose [data] has `folder`, `spacing` (mm of the label maps), `maps` (names), `real_share`
            and `real`, a list of scans {image, labels, labelled}; see real_case. With `heads`, a folder of whole-head
            label maps, `heads_share` of what is synthesised comes from them.
        data: the folder with all data sets.
    """

    def __init__(self, model: ModelConfig, data: pathlib.Path):
        plan = model.data
        self.model, self.spacing = model, plan["spacing"]
        self.torsos = [load(data / plan["folder"] / f"{name}.nii.gz", self.spacing) for name in plan["maps"]]
        heads = sorted((data / plan["heads"]).glob("*.nii.gz")) if "heads" in plan else []
        if "heads" in plan and not heads:
            raise FileNotFoundError(f"No *.nii.gz label maps in {data / plan['heads']}.")
        self.heads = [load_head(file, self.spacing) for file in heads]
        self.to_class = torch.zeros(TISSUES, dtype=torch.int64)
        for index, label in enumerate(model.labels):
            self.to_class[list(label.sources)] = index
        if self.to_class[VERTEBRA]:
            self.to_class[NECK_BONE] = len(model.labels)
        self.real = [real_case(entry, data, model) for entry in plan["real"]]
        self.augmentation = Augmentation(**model.augmentation)

    def __len__(self) -> int:
        return self.model.training["steps"] * self.model.training["batch"]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.model.training["seed"], index))
        if self.real and rng.random() < self.model.data["real_share"]:
            case = self.real[rng.integers(len(self.real))]
            return pairs.draw(case, self.model.network.patch_dhw, self.augmentation, rng)
        maps = self.heads if rng.random() < self.model.data.get("heads_share", 0) else self.torsos
        torso = maps[rng.integers(len(maps))]
        return synthesise(torso, self.model, self.to_class, rng, self.spacing)


def real_case(entry: dict[str, Any], data: pathlib.Path, model: ModelConfig) -> pairs.Case:
    """A real scan {image, labels, labelled}: paths below `data`, and which ids its maker labelled (all when left out).

    Classes with another id are unknown there: a voxel without a label may be any of them.
    """
    case = pairs.load(data / entry["image"], data / entry["labels"], data, model)
    if "labelled" not in entry:
        return case
    unknown = [i for i, label in enumerate(model.labels) if not set(label.sources) & set(entry["labelled"])]
    return dataclasses.replace(case, unknown=tuple(unknown))
