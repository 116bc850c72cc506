"""Training images made from label maps alone: random shapes, random contrast, random acquisition.

After the idea of SynthSeg (Billot et al., Medical Image Analysis 2023): a network that has seen every contrast needs no
particular one. Everything happens on a grid of at most 1 mm, a whole number of times finer than the network's, to which
it is then reduced, so that the target keeps partial volumes: each voxel's class fractions. Maps are read by
unetrpp.data.label_maps.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from torch import Tensor

from ..config.model import ModelConfig
from ..config.sections import DataSection, Triple
from .augment import (
    between,
    blur,
    class_shares,
    gather,
    generator_of,
    noise_field,
    on,
    percentiles,
    rotation,
    uniform,
)

AIR = 0
EXTRA_CEREBRAL = 500
"""Ids from here on are skull, skin, eyes, ...: absent after brain extraction."""
CSF = 24
PLEXUS, PLEXUS_IDS = "choroid-plexus", (136, 137, 163, 164)
"""labels.csv counts it as ventricle, of an intensity of its own."""
T1, T2, FLAIR, THREE, RANDOM = "t1", "t2", "flair", "three", "random"
PLACES = (0.65, 0.2, 0.15)
"""How often a patch lies within the brain, up to its rim, and anywhere in the head."""
STYLES = {T1: 0.44, T2: 0.18, FLAIR: 0.18, THREE: 0.12, RANDOM: 0.08}
"""How often an image is drawn like a T1, T2 or FLAIR, with fluid, grey and white matter at random, or every tissue at
random. What comes in practice has the larger part: a short training cannot afford to see everything equally often."""
WHITENESS = {
    "cerebral-white-matter": 1, "cerebellum-white-matter": 1, "brainstem": 0.9, "ventral-dc": 0.8, "pallidum": 0.85,
    "thalamus": 0.6, "putamen": 0.4, "caudate": 0.25, "accumbens": 0.25, "cerebral-cortex": 0, "cerebellum-cortex": 0,
    "hippocampus": 0.15, "amygdala": 0.15,
}  # fmt: skip
"""How white each tissue is, between grey matter (0) and white matter (1), before a spread over scanners and people."""
IRON = {"pallidum": 0.25, "putamen": 0.1, "ventral-dc": 0.1}
"""How much darker iron makes a tissue in T2 and FLAIR at most; it comes with age."""
LESIONS = 0.12
"""How often an image has a lesion: an infarct keeps the name of the tissue it was."""
LESION_MM = (4, 28)
"""Range of its mean radius."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelMapsSection(DataSection):
    """[data] of kind "label-maps"."""

    folder: str
    """With *.nii.gz label maps of heads, below the folder with all data sets; labels.csv lies beside it."""
    validation: tuple[str, ...] = ()
    """Names of the maps that are held out: patches synthesised from them are measured in training."""
    coarse_share: float = 0
    """Of the samples on the grid of the first look."""

    @property
    def label_folder(self) -> str:
        return self.folder


@dataclasses.dataclass(frozen=True)
class Anatomy:
    """One label map, RAS, 1 mm, cropped to the head, as dense tissue indices."""

    tissue: Tensor
    """uint8 (D, H, W), an index into Anatomies.ids."""
    brain_centre: Triple
    brain_half: Triple
    """Centre and half extent (D, H, W) of the brain, in voxels. Fluid does not count: it goes down the spine."""


def is_brain(ids: np.ndarray | Tensor) -> np.ndarray | Tensor:
    """Where a map of FreeSurfer ids has brain; the fluid around it does not count."""
    return (ids > 0) & (ids < EXTRA_CEREBRAL) & (ids != CSF)


@dataclasses.dataclass(frozen=True)
class Anatomies:
    """Label maps, and what each of the ids in them becomes. Tables are indexed by an id's place in `ids`."""

    ids: Tensor
    """int64 (T,), ascending."""
    to_class: Tensor
    """int64 (T,): the output class."""
    to_tissue: Tensor
    """int64 (T,): an index into `tissues`. Left and right share one."""
    opposite: Tensor
    """int64 (T,): the same structure on the other side."""
    tissues: list[str]
    subjects: list[Anatomy]


def _sample_tissue(
    rng: np.random.Generator, anatomy: Anatomy, size: tuple[int, ...], spacing: float, opposite: Tensor
) -> Tensor:
    """A randomly turned, scaled, sheared, bent and mirrored patch of tissue indices at `spacing` mm, (D, H, W) = size.

    Mirroring makes the left side the right one, in shape and, through `opposite`, in name.
    """
    matrix = rotation(rng, 15) @ np.diag(rng.uniform(0.87, 1.15, 3)) @ (np.eye(3) + rng.uniform(-0.03, 0.03, (3, 3)))
    matrix = matrix * spacing  # the label maps have voxels of 1 mm
    mirror = rng.random() < 0.5
    if mirror:
        matrix = matrix @ np.diag([1, 1, -1])
    # Mostly patches full of brain, where there is most to learn; some at its rim, some of face and neck.
    where = rng.choice(3, p=PLACES)
    if where == 2:
        centre = rng.uniform(0, 1, 3) * np.array(anatomy.tissue.shape)
    else:
        centre = anatomy.brain_centre + rng.uniform(-1, 1, 3) * (0.5, 1.0)[where] * anatomy.brain_half
    bend = noise_field(rng, 3, int(rng.integers(4, 9)), size, uniform(rng, 0, 3), anatomy.tissue.device)
    tissue = gather([anatomy.tissue], matrix, centre, bend, (0,))[0].long()
    return opposite[tissue] if mirror else tissue


def _contrast(rng: np.random.Generator, tissues: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation per tissue, in arbitrary units around 0..1."""
    means = rng.uniform(0.1, 1, len(tissues))
    style = rng.choice(list(STYLES), p=list(STYLES.values()))
    if style == RANDOM:
        return means, rng.uniform(0.01, 0.08, len(tissues))
    if style == T1:
        fluid, grey, white = rng.uniform(0.08, 0.35), rng.uniform(0.4, 0.65), rng.uniform(0.7, 1.0)
    elif style == T2:
        fluid, grey = rng.uniform(0.7, 1.0), rng.uniform(0.3, 0.65)
        white = grey - rng.uniform(0.06, 0.25)
    elif style == FLAIR:
        fluid, grey = rng.uniform(0.05, 0.25), rng.uniform(0.5, 0.8)
        white = grey - rng.uniform(0.02, 0.2)  # as little apart as real ones have them
    else:
        fluid, grey, white = rng.uniform(0.1, 1, 3)
    iron = rng.uniform() if style in (T2, FLAIR) else 0
    for index, tissue in enumerate(tissues):
        if tissue.endswith("ventricle") or tissue == "csf":
            means[index] = fluid + rng.normal(0, 0.02)
        elif tissue in WHITENESS:
            share = WHITENESS[tissue] + rng.normal(0, 0.15)
            means[index] = max(0.02, grey + (white - grey) * share - iron * IRON.get(tissue, 0))
        elif tissue == PLEXUS:
            means[index] = fluid + (grey - fluid) * rng.uniform(0.2, 1.2)
    return means, rng.uniform(0.01, 0.08) * rng.uniform(0.5, 1.5, len(tissues))


def _add_lesion(rng: np.random.Generator, image: Tensor, brain: Tensor, spacing: float) -> None:
    """Draws a rugged ellipsoid of another intensity into an image (D, H, W), where `brain` is true."""
    radii = rng.uniform(*LESION_MM) / spacing * rng.uniform(0.6, 1.4, 3)
    apart = noise_field(rng, 1, int(rng.integers(4, 9)), image.shape, uniform(rng, 0, 0.4), image.device)[0]
    for axis, n in enumerate(image.shape):
        offsets = (torch.arange(n, device=image.device) - uniform(rng, 0.2, 0.8) * n) / float(radii[axis])
        apart += (offsets**2).float().reshape(*(-1 if i == axis else 1 for i in range(3)))
    level, share = uniform(rng, 0.02, 1.1), uniform(rng, 0.4, 1)
    image.copy_(torch.where((apart < 1) & brain, image + share * (level - image), image))


def synthesise(
    anatomies: Anatomies, patch_dhw: tuple[int, int, int], rng: np.random.Generator, classes: int, spacing: float,
    factor: int | None = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """One training pair.

    Args:
        spacing: the network's, in mm.
        factor: how many times finer the grid is on which everything happens. None: the least with 1 mm or less.

    Returns:
        image float32 (1, D, H, W) scaled like the pipeline's normalisation; target float32 (classes, D, H, W), the
        fraction of each class in each voxel.
    """
    anatomy = anatomies.subjects[rng.integers(len(anatomies.subjects))]
    factor = factor or math.ceil(spacing)
    tissue = _sample_tissue(rng, anatomy, tuple(n * factor for n in patch_dhw), spacing / factor, anatomies.opposite)
    ids, device = anatomies.ids, tissue.device

    means, deviations = _contrast(rng, anatomies.tissues)
    mean_of = on(device, means)[anatomies.to_tissue]
    deviation_of = on(device, deviations)[anatomies.to_tissue]
    air = ids == AIR
    mean_of.masked_fill_(air, uniform(rng, 0, 0.04))
    deviation_of.masked_fill_(air, uniform(rng, 0, 0.03))
    if rng.random() < 0.5:  # brain extraction, with or without the fluid around the brain
        gone = ids >= EXTRA_CEREBRAL
        if rng.random() < 0.5:
            gone = gone | (ids == CSF)
        mean_of.masked_fill_(gone | air, 0)
        deviation_of.masked_fill_(gone | air, 0)
    generator = generator_of(rng, device)
    image = mean_of[tissue] + deviation_of[tissue] * torch.randn(tissue.shape, generator=generator, device=device)
    if rng.random() < LESIONS:
        _add_lesion(rng, image, is_brain(ids)[tissue], spacing / factor)
    image *= torch.exp(noise_field(rng, 1, int(rng.integers(2, 5)), image.shape, uniform(rng, 0, 0.25), device)[0])

    # Acquisition: in-plane resolution, sometimes thick slices; sigma of a boxcar of that width.
    resolution = np.full(3, rng.uniform(0.7, 1.5) if rng.random() < 0.6 else rng.uniform(1.5, 3.2))
    if rng.random() < 0.25:
        resolution[rng.integers(3)] = rng.uniform(2, 6)
    image = blur(image, 0.42 * resolution * factor / spacing, factor)
    image += torch.randn(image.shape, generator=generator, device=device) * uniform(rng, 0, 0.04)

    image = between(image, *percentiles(image, 1 / 500, 1 - 1 / 300))
    image = image ** float(np.exp(rng.normal(0, 0.25)))
    image = image * uniform(rng, 0.75, 1.1) + uniform(rng, -0.02, 0.05)

    target = class_shares(anatomies.to_class[tissue], classes, factor)
    return image[None], target


class Synthesised(torch.utils.data.Dataset):
    """Sample `index` of an endless deterministic series of synthesised pairs.

    [data] `coarse_share` of them, none for validation, are on the coarse grid of [grid] `first_look`.
    """

    def __init__(self, anatomies: Anatomies, model: ModelConfig, for_validation: bool = False):
        self.maps, self.model = anatomies, model
        self.coarse_share = 0 if for_validation else model.data.coarse_share
        spacing_dhw = model.grid.spacing_dhw
        self.spacing = spacing_dhw[0]
        if set(spacing_dhw) != {self.spacing}:
            raise ValueError(
                f"[grid] spacing_dhw = {list(spacing_dhw)}: images are synthesised for one spacing on all axes."
            )

    def __len__(self) -> int:
        return self.model.training.steps * self.model.training.batch

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.model.training.seed, index))
        network, spacing = self.model.network, self.spacing
        if self.coarse_share and rng.random() < self.coarse_share:
            spacing *= self.model.grid.first_look.coarser
        # No finer grid for coarse samples: they show a whole head, in which a voxel more or less does not matter.
        factor = math.ceil(self.spacing)
        return synthesise(self.maps, network.patch_dhw, rng, network.num_classes, spacing, factor)
