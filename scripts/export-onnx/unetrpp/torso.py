"""CT of the torso made from label maps, mixed with the few real scans there are: training data, kind "torso".

Shapes come from unetrpp.bodies, Hounsfield units from unetrpp.hounsfield.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import bodies, hounsfield, pairs, pipeline, scan_sets
from .augment import Augmentation, class_shares, uniform
from .bodies import Body
from .config import ModelConfig


def synthesise(
    body: Body, model: ModelConfig, to_class: Tensor, rng: np.random.Generator, spacing: float
) -> tuple[Tensor, Tensor]:
    """One training pair.

    Args:
        body: where shapes come from, at `spacing` mm.
        to_class: int64 (TISSUES,), the output class of each tissue id; for NECK_BONE one more than there are where
            vertebrae are a class.

    Returns:
        image float32 (1, D, H, W) in [0, 1]; target float32 (classes, D, H, W), shares of each voxel.
    """
    factor = round(model.grid["spacing_dhw"][0] / spacing)
    size = tuple(n * factor for n in model.network.patch_dhw)
    tissue = bodies.limb(rng, size, spacing) if rng.random() < 0.06 else bodies.draw_shape(rng, body, size, spacing)
    if rng.random() < 0.12:  # a field of view narrower than the body
        y, x = (torch.arange(n) - n / 2 - uniform(rng, -n / 4, n / 4) for n in size[1:])
        tissue[:, torch.hypot(y[:, None], x) > uniform(rng, 0.4, 0.75) * max(size[1:])] = 0
    image = hounsfield.acquire(rng, hounsfield.paint(rng, tissue, spacing), factor, spacing)
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
    target[int(to_class[bodies.VERTEBRA])] += shares[classes]  # background or this: see pairs.any_of
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
        self.torsos = [bodies.load(data / plan["folder"] / f"{name}.nii.gz", self.spacing) for name in plan["maps"]]
        heads = sorted((data / plan["heads"]).glob("*.nii.gz")) if "heads" in plan else []
        if "heads" in plan and not heads:
            raise FileNotFoundError(f"No *.nii.gz label maps in {data / plan['heads']}.")
        self.heads = [bodies.load_head(file, self.spacing) for file in heads]
        self.to_class = torch.zeros(bodies.TISSUES, dtype=torch.int64)
        for index, label in enumerate(model.labels):
            self.to_class[list(label.sources)] = index
        if self.to_class[bodies.VERTEBRA]:
            self.to_class[bodies.NECK_BONE] = len(model.labels)
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
        lengths = np.array([len(body.tissue) for body in maps])  # few of the maps reach up to the chest
        body = maps[rng.choice(len(maps), p=lengths / lengths.sum())]
        return synthesise(body, self.model, self.to_class, rng, self.spacing)


def real_case(entry: dict[str, Any], data: pathlib.Path, model: ModelConfig) -> pairs.Case:
    """A real scan {image, labels, labelled}: paths below `data`, and the ids that its maker labelled, if not all."""
    meaning = scan_sets.meaning(model)
    if "labelled" in entry:
        names = tuple(label.name for label in model.labels if set(label.sources) & set(entry["labelled"]))
        meaning = dataclasses.replace(meaning, labelled=names)
    return pairs.load(data / entry["image"], data / entry["labels"], data, model, meaning)
