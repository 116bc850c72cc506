"""CT of the torso made from label maps, mixed with the few real scans there are: training data, kind "torso".

Shapes come from bodies.py, Hounsfield units from hounsfield.py.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from torch import Tensor

from ..config.model import ModelConfig
from ..config.sections import DataSection
from . import bodies, hounsfield, pairs
from .augment import class_shares, uniform
from .bodies import Body


@dataclasses.dataclass(frozen=True)
class RealScan:
    """One entry of [[data.real]]; paths below the folder with all data sets."""

    image: str
    labels: str
    labelled: tuple[int, ...] | None = None
    """The ids that its maker labelled, if not all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TorsoSection(DataSection):
    """[data] of kind "torso"."""

    folder: str
    """With label maps of trunks, below the folder with all data sets."""
    maps: tuple[str, ...]
    """Their names."""
    spacing: float
    """mm of every map."""
    heads: str | None = None
    """Folder of whole-head label maps: what has no organ of the trunk."""
    heads_share: float = 0
    """Of the synthesised samples, made from heads."""
    real_share: float = 0
    """Of the samples, drawn from real scans."""
    real: tuple[RealScan, ...] = ()

    @property
    def label_folder(self) -> str:
        return self.folder


@dataclasses.dataclass(frozen=True)
class Torsi:
    """What samples are made from."""

    torsos: list[Body]
    heads: list[Body]
    real: list[pairs.Case]
    to_class: Tensor
    """int64 (TISSUES,), the output class of each tissue id; for NECK_BONE one more than there are where vertebrae are a
    class."""
    vertebra: int
    """That class, 0 where there is none."""


def synthesise(
    body: Body, model: ModelConfig, torsi: Torsi, rng: np.random.Generator, spacing: float
) -> tuple[Tensor, Tensor]:
    """One training pair.

    Args:
        body: where shapes come from, at `spacing` mm.
        torsi: what tissues become.

    Returns:
        image float32 (1, D, H, W) in [0, 1]; target float32 (classes, D, H, W), shares of each voxel.
    """
    factor = round(model.grid.spacing_dhw[0] / spacing)
    size = tuple(n * factor for n in model.network.patch_dhw)
    device = body.tissue.device
    is_limb = rng.random() < 0.06
    tissue = bodies.limb(rng, size, spacing, device) if is_limb else bodies.draw_shape(rng, body, size, spacing)
    if rng.random() < 0.12:  # a field of view narrower than the body
        y, x = (torch.arange(n, device=device) - n / 2 - uniform(rng, -n / 4, n / 4) for n in size[1:])
        tissue.masked_fill_(torch.hypot(y[:, None], x) > uniform(rng, 0.4, 0.75) * max(size[1:]), 0)
    image = hounsfield.acquire(rng, hounsfield.paint(rng, tissue, spacing), factor, spacing)
    lower, upper = model.grid.normalization.lower, model.grid.normalization.upper
    image = ((image - lower) / (upper - lower)).clamp_(0, 1)
    box = [slice(None)] * 3
    for axis, n in enumerate(image.shape):  # the scan ends within the window, as where it is smaller
        if rng.random() < 0.15:
            length = int(rng.integers(n // 3, n))
            start = int(rng.integers(n - length + 1))
            box[axis] = slice(start, start + length)
    inside = torch.zeros(image.shape, dtype=torch.bool, device=device)
    inside[tuple(box)] = True
    classes = model.network.num_classes
    shares = class_shares(torsi.to_class[tissue.long()], classes + 1, factor) * inside
    target = pairs.with_background(shares[1:classes])
    target[torsi.vertebra] += shares[classes]  # background or this: see pairs.any_of
    return image[None] * inside, target


class Torsos(torch.utils.data.Dataset):
    """Sample `index` of an endless deterministic series: synthesised pairs and, [data] `real_share` of them, real ones.

    [data] `heads_share` of what is synthesised comes from heads.
    Raises ValueError where intensities are not normalised by a range of Hounsfield units.
    """

    def __init__(self, maps: Torsi, model: ModelConfig):
        self.maps, self.model, self.spacing = maps, model, model.data.spacing
        normalization = model.grid.normalization
        if normalization.scheme != "range":
            raise ValueError(f"[grid] normalization = {normalization}: CT is synthesised for a range.")

    def __len__(self) -> int:
        return self.model.training.steps * self.model.training.batch

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng, maps = np.random.default_rng((self.model.training.seed, index)), self.maps
        if maps.real and rng.random() < self.model.data.real_share:
            case = maps.real[rng.integers(len(maps.real))]
            return pairs.draw(case, self.model.network.patch_dhw, self.model.augmentation, rng)
        bodies_ = maps.heads if rng.random() < self.model.data.heads_share else maps.torsos
        lengths = np.array([len(body.tissue) for body in bodies_])  # few of the maps reach up to the chest
        body = bodies_[rng.choice(len(bodies_), p=lengths / lengths.sum())]
        return synthesise(body, self.model, maps, rng, self.spacing)
