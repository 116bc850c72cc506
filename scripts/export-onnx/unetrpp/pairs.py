"""Real scans with reference labels as training and validation data, prepared exactly as inference prepares a scan."""

from __future__ import annotations

import dataclasses
import math
import pathlib

import nibabel
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from . import pipeline, reference, scan_sets
from .augment import Augmentation, recolour, sampling_grid
from .config import ModelConfig


@dataclasses.dataclass(frozen=True)
class Case:
    """One scan on the network's grid, RAS."""

    name: str
    """Path relative to the data folder."""
    image: Tensor
    """float32 (1, D, H, W), normalised."""
    classes: Tensor
    """float32 (K - 1, D, H, W): the share of each voxel that belongs to each class, background left out."""
    unknown: tuple[int, ...] = ()
    """Classes that nobody labelled here, 0 among them: what has no label may be any of them."""


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
    scan, header = pipeline.read_scan(image)
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
        for n, s, t in zip(volume.shape, spacing, model.grid["spacing_dhw"], strict=True)
    )
    normalization = model.grid["normalization"]
    grid = pipeline.normalise(pipeline.on_grid(volume, size, normalization), normalization)
    masks = ((ids == index).astype(np.float32) for index in range(1, len(model.labels)))
    classes = np.stack([pipeline.resample_linear(ras_dhw(mask), size) for mask in masks])
    names = meaning.labelled
    unknown = [i for i, label in enumerate(model.labels) if names is not None and label.name not in names]
    return Case(str(image.relative_to(data)), torch.from_numpy(grid)[None], torch.from_numpy(classes), tuple(unknown))


def with_background(classes: Tensor) -> Tensor:
    """(K - 1, D, H, W) shares -> (K, D, H, W), background first, adding up to 1."""
    return torch.cat(((1 - classes.sum(0, keepdim=True)).clamp_min(0), classes))


def any_of(target: Tensor, classes: tuple[int, ...]) -> Tensor:
    """(K, D, H, W) shares with background's given to each of `classes`: voxels then add up to more than 1.

    unetrpp.losses.partial_deep_loss reads that as "one of these".
    """
    return target.index_copy(0, torch.tensor(classes), target[:1].expand(len(classes), *target.shape[1:]))


def draw(
    case: Case, patch_dhw: tuple[int, int, int], plan: Augmentation, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """One augmented training pair: image (1, D, H, W) and target (K, D, H, W).

    The window lies centred on the scan or, where the scan is larger, anywhere in it. Beyond the scan the image is 0,
    as inference pads it.
    """
    source = tuple(case.image.shape[1:])
    slack = np.array([max(0, n - p) for n, p in zip(source, patch_dhw, strict=True)])
    plan = dataclasses.replace(plan, shift=tuple(slack / 2 + np.array(plan.shift)))
    grid = sampling_grid(rng, plan, patch_dhw, source)
    # The edge is repeated inside the scan's own (upright) box and blackened outside: turning must not invent a rim.
    # Along an axis of whole slices there is no rim to invent: there the box moves with the scan.
    image = F.grid_sample(case.image[None], grid, "bilinear", "border", align_corners=False)[0]
    target = F.grid_sample(case.classes[None], grid, "bilinear", "zeros", align_corners=False)[0]
    image = recolour(rng, plan, image[0])[None]
    box = [slice((p - min(n, p)) // 2, (p - min(n, p)) // 2 + n) for n, p in zip(source, patch_dhw, strict=True)]
    moving = [axis for axis in range(3) if plan.axes[axis] == 0]
    for axis in moving:
        box[axis] = slice(None)
    inside = torch.zeros(patch_dhw, dtype=torch.bool)
    inside[tuple(box)] = True
    for axis in moving:
        inside &= grid[0, ..., 2 - axis].abs() < 1
    target = with_background(target * inside)
    return image * inside, any_of(target, case.unknown) if case.unknown else target


class Pairs(torch.utils.data.Dataset):
    """Sample `index` of an endless deterministic series of augmented pairs; every scan once per round."""

    def __init__(self, cases: list[Case], model: ModelConfig):
        self.cases, self.model = cases, model
        self.plan = Augmentation(**model.augmentation)

    def __len__(self) -> int:
        return self.model.training["steps"] * self.model.training["batch"]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        seed = self.model.training["seed"]
        turn, position = divmod(index, len(self.cases))
        order = np.random.default_rng((seed, turn)).permutation(len(self.cases))
        rng = np.random.default_rng((seed, turn, position))
        return draw(self.cases[order[position]], self.model.network.patch_dhw, self.plan, rng)
