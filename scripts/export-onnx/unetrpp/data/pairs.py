"""Real scans with reference labels as training and validation data: training data, kind "pairs".

They are read, and prepared exactly as inference prepares a scan, by unetrpp.data.cases.
"""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..config.model import ModelConfig
from ..config.sections import Augmentation, DataSection
from .augment import recolour, sampling_grid

Scan = tuple[pathlib.Path, pathlib.Path]
"""A scan and its reference labels."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairsSection(DataSection):
    """[data] of kind "pairs"."""

    images: str
    """A glob below the folder with all data sets."""
    label_path: tuple[str, str]
    """A scan's path with the first text replaced by the second is where its reference labels lie."""
    validation: tuple[str, ...]
    """What is held out, named by its folder or by its file without .nii.gz."""


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


def with_background(classes: Tensor) -> Tensor:
    """(K - 1, D, H, W) shares -> (K, D, H, W), background first, adding up to 1."""
    return torch.cat(((1 - classes.sum(0, keepdim=True)).clamp_min(0), classes))


def any_of(target: Tensor, classes: tuple[int, ...]) -> Tensor:
    """(K, D, H, W) shares with background's given to each of `classes`: voxels then add up to more than 1.

    unetrpp.data.losses.partial_deep_loss reads that as "one of these".
    """
    target, background = target.clone(), target[0]
    for index in classes:
        target[index].copy_(background)
    return target


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
    device = case.image.device
    grid = sampling_grid(rng, plan, patch_dhw, source, device)
    # The edge is repeated inside the scan's own (upright) box and blackened outside: turning must not invent a rim.
    # Along an axis of whole slices there is no rim to invent: there the box moves with the scan.
    image = F.grid_sample(case.image[None], grid, "bilinear", "border", align_corners=False)[0]
    target = F.grid_sample(case.classes[None], grid, "bilinear", "zeros", align_corners=False)[0]
    image = recolour(rng, plan, image[0])[None]
    box = [slice((p - min(n, p)) // 2, (p - min(n, p)) // 2 + n) for n, p in zip(source, patch_dhw, strict=True)]
    moving = [axis for axis in range(3) if plan.axes[axis] == 0]
    for axis in moving:
        box[axis] = slice(None)
    inside = torch.zeros(patch_dhw, dtype=torch.bool, device=device)
    inside[tuple(box)] = True
    for axis in moving:
        inside &= grid[0, ..., 2 - axis].abs() < 1
    target = with_background(target * inside)
    return image * inside, any_of(target, case.unknown) if case.unknown else target


class Pairs(torch.utils.data.Dataset):
    """Sample `index` of an endless deterministic series of augmented pairs; every scan once per round."""

    def __init__(self, cases: list[Case], model: ModelConfig):
        self.maps, self.model = cases, model
        self.plan = model.augmentation

    def __len__(self) -> int:
        return self.model.training.steps * self.model.training.batch

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        seed = self.model.training.seed
        turn, position = divmod(index, len(self.maps))
        order = np.random.default_rng((seed, turn)).permutation(len(self.maps))
        rng = np.random.default_rng((seed, turn, position))
        return draw(self.maps[order[position]], self.model.network.patch_dhw, self.plan, rng)
