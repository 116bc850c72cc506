"""The sections of a configuration file, each a data class: what it may hold, of which type, and what it means."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from .labels import ids_of, mapping

Triple = tuple[float, float, float]


def _ids(entries: list[int | str]) -> tuple[int, ...]:
    return tuple(ids_of(entries))


@dataclasses.dataclass(frozen=True)
class Normalization:
    """How intensities become numbers from 0 to 1."""

    scheme: Literal["percentile", "range"]
    """Of the voxels above the least value, or intensities as they are."""
    lower: float
    upper: float

    def as_manifest(self) -> dict[str, Any]:
        """model.json's `normalization`."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Tiling:
    """How windows lie on a scan and are blended."""

    scheme: Literal["nnunet-v1"]
    step: float
    """Of a window's size."""
    sigma_scale: float = dataclasses.field(metadata={"key": "sigmaScale"})
    """Of the Gaussian weight of a window, in window sizes."""

    def as_manifest(self) -> dict[str, Any]:
        """model.json's `tiling`."""
        return {"step": self.step, "sigmaScale": self.sigma_scale}


@dataclasses.dataclass(frozen=True)
class FirstLook:
    """How to look at a whole scan before windows are laid over it: see unetrpp.inference.schemes.first_look."""

    coarser: float
    """How many times coarser its grid is."""
    margin_mm: float
    least_ml: float

    def as_manifest(self) -> dict[str, Any]:
        """model.json's `firstLook`."""
        return {"coarser": self.coarser, "marginMm": self.margin_mm, "leastMl": self.least_ml}


@dataclasses.dataclass(frozen=True)
class Grid:
    """[grid]: the network's grid, and how a scan is brought to it and its mask back."""

    spacing_dhw: Triple
    """mm."""
    normalization: Normalization
    tiling: Tiling
    mirror_by_default: bool | None = None
    """Whether windows are averaged with mirrored ones without being asked; None: they cannot be."""
    base_certainty: float | None = None
    """Slices at the base that are less certain are dropped."""
    first_look: FirstLook | None = None


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """[augmentation]: how far training pairs are moved and recoloured. Of real scans alone."""

    mirror_x: bool = False
    """Exchange left and right in half of the samples: only where the labels mean the same on both sides."""
    degrees_zyx: Triple = (10, 10, 10)
    """Largest turn about the z, y and x axis."""
    scale: tuple[float, float] = (0.85, 1.15)
    """Range of a common magnification."""
    squeeze: float = 0.05
    """How far each axis' magnification may differ from the common one."""
    bend: float = 2.0
    """Standard deviation of the elastic displacement at its lattice points, at most, in voxels."""
    bend_points: tuple[int, int] = (4, 7)
    """Range of lattice points per axis of the elastic displacement."""
    axes: Triple = (1, 1, 1)
    """How much of magnification, displacement and blur each axis (D, H, W) gets. Along an axis with 0 a sample takes
    whole slices: those of a stack 10 mm apart are not interpolated."""
    shift: Triple = (4, 4, 4)
    """Largest translation (D, H, W) in voxels."""
    slip: float = 0.0
    """Standard deviation, at most, of each slice's own translation along H and W in voxels: slices of a stack are
    taken in breath holds of different depth."""
    recolour: float = 1.0
    """How much of bias field, gamma, contrast and brightness there is. Little for CT: its values mean something."""


@dataclasses.dataclass(frozen=True)
class ScanSet:
    """Scans that a model is measured on: [development], which may choose, or [test], which chooses nothing."""

    about: str
    """For the card: what they are and, of development scans, what was chosen on them."""
    images: tuple[str, ...] = ()
    """Paths or globs below the folder with all data sets. Empty: of [development], what [data] holds out."""
    label_path: tuple[str, str] = ("", "")
    """A scan's path with the first text replaced by the second is where its reference labels lie."""
    map: dict[int, int] = dataclasses.field(default_factory=dict, metadata={"read": mapping})
    """Reference ids that count as another id: see unetrpp.data.reference."""
    background: tuple[int, ...] = dataclasses.field(default=(), metadata={"read": _ids})
    """Reference ids that are no structure of the model, beside those of the whole configuration."""
    labelled: tuple[str, ...] | None = None
    """The structures that the reference has, when it does not have all: the others are not measured."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataSection:
    """[data]: where training data lies. Every kind has a class of its own: see unetrpp.data.sources."""

    kind: str

    @property
    def label_folder(self) -> str | None:
        """Below the folder with all data sets, where label maps lie whose ids all mean the same; None: beside scans."""
        return None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Training:
    """[training]."""

    seed: int
    steps: int
    cooldown: int
    """The last steps, in which the learning rate falls to nothing."""
    freeze_norm_at: int | None = None
    """The step from which on BatchNorm uses its running statistics; None: in the cooldown alone."""
    batch: int
    workers: int = 2
    """Processes that make samples, on a CPU."""
    learning_rate: float
    weight_decay: float
    average: float = 0.0
    """Memory of the weight average that is exported: about 1 / (1 - average) steps."""
    compile: bool = False
    """Loss and instance norms by TorchInductor."""
    validate_every: int | None = None
    """Steps between two measurements of the held-out scans; None: they are measured at the end alone."""
    stop: int | None = None
    """Ends the run at this step of its `steps`, as if its process had been ended."""


@dataclasses.dataclass(frozen=True)
class DataSet:
    """[[training_data]]: one data set, for the card."""

    name: str
    license: str
    source: str


@dataclasses.dataclass(frozen=True)
class Extent:
    """Sizes of the scans that a model is made for, mm."""

    at_least_xyz: Triple | None = None
    at_most_xyz: Triple | None = None

    def as_manifest(self) -> dict[str, Any]:
        """model.json's `extentMm`."""
        bounds = {"atLeastXyz": self.at_least_xyz, "atMostXyz": self.at_most_xyz}
        return {name: list(mm) for name, mm in bounds.items() if mm is not None}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """The top level: what model.json and the card say beside figures."""

    name: str
    title: str
    version: str
    modality: Literal["CT", "MR"]
    extent_mm: Extent | None = None
    experimental: bool = False
    channels: tuple[str, ...]
    license: str
    intended_use: str
    unintended_use: str | None = None
    limitations: str
    failures: str | None = None
    """What is wrong in the masks that were looked at."""
    split: str | None = None
    """Which scans were trained on, and which were not."""
    untested: str | None = None
    """Why there is no [test]."""
    hardware: str | None = None
    earlier: str | None = None
    """Training before this run, whose weights it began with."""
    monitored: str | None = None
    """What training measured as it went, where it was not the development scans."""
    start: str | None = None
    """Checkpoint or model folder that training began with."""
    start_commit: str | None = None
    """The commit that has this model, or the configuration of this checkpoint."""
    start_config: str | None = None
    training_data: tuple[DataSet, ...]
