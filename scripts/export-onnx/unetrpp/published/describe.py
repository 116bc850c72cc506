"""What is known of the four published UNETR++ checkpoints beside their tensors: names of channels and labels."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
from typing import Any

from ..inference import manifest
from ..network import checkpoint
from ..network.variants import VARIANTS, Config
from .plans import NON_CT

Colour = tuple[int, int, int]

BACKGROUND: tuple[str, Colour] = ("background", (0, 0, 0))


@dataclasses.dataclass(frozen=True)
class Dataset:
    """One data set: what its network sees and says. `labels` starts after background."""

    title: str
    modality: str
    channels: tuple[str, ...]
    labels: tuple[tuple[str, Colour], ...]
    source: str
    """Where the training data came from, and under which licence as far as its authors state one."""
    license: str
    regions: tuple[tuple[str, Colour, tuple[int, ...]], ...] = ()


DATASETS = {
    "synapse": Dataset(
        "Abdominal organs (CT, UNETR++ Synapse)",
        "CT",
        ("CT",),
        (
            ("spleen", (157, 108, 162)),
            ("right kidney", (185, 102, 83)),
            ("left kidney", (214, 140, 90)),
            ("gallbladder", (139, 150, 98)),
            ("oesophagus", (211, 171, 143)),
            ("liver", (221, 130, 101)),
            ("stomach", (216, 132, 105)),
            ("aorta", (224, 97, 76)),
            ("inferior vena cava", (0, 151, 206)),
            ("portal and splenic vein", (70, 110, 200)),
            ("pancreas", (249, 180, 111)),
            ("right adrenal gland", (240, 215, 90)),
            ("left adrenal gland", (200, 225, 120)),
        ),
        "Multi-Atlas Labeling Beyond the Cranial Vault (BTCV / Synapse)",
        "see the data set's terms",
    ),
    "acdc": Dataset(
        "Heart chambers (cine MR, UNETR++ ACDC)",
        "MR",
        ("cine MR",),
        (
            ("right ventricle", (90, 130, 230)),
            ("myocardium", (230, 180, 90)),
            ("left ventricle", (220, 80, 80)),
        ),
        "Automated Cardiac Diagnosis Challenge (ACDC)",
        "see the data set's terms",
    ),
    "lung": Dataset(
        "Lung tumour (CT, UNETR++ Decathlon-Lung)",
        "CT",
        ("CT",),
        (("lung tumour", (220, 80, 80)),),
        "Medical Segmentation Decathlon, Task06 Lung",
        "CC-BY-SA-4.0",
    ),
    "tumor": Dataset(
        "Brain tumour (MR, UNETR++ BraTS)",
        "MR",
        ("FLAIR", "T1w", "T1gd", "T2w"),
        (
            ("oedema", (110, 190, 120)),
            ("non-enhancing tumour core", (90, 130, 230)),
            ("enhancing tumour", (230, 180, 60)),
        ),
        "Medical Segmentation Decathlon, Task01 BrainTumour",
        "CC-BY-SA-4.0",
        regions=(
            ("whole tumour", (110, 190, 120), (1, 2, 3)),
            ("tumour core", (90, 130, 230), (2, 3)),
            ("enhancing tumour", (230, 180, 60), (3,)),
        ),
    ),
}
"""By the variant's name in network.VARIANTS."""

CHANNEL_HINTS = {
    "flair": ("flair",),
    "t1": ("t1", "t1w"),
    "t1w": ("t1", "t1w"),
    "t1gd": ("t1ce", "t1gd", "t1c", "t1post"),
    "t1ce": ("t1ce", "t1gd", "t1c", "t1post"),
    "t2": ("t2", "t2w"),
    "t2w": ("t2", "t2w"),
    "ct": ("ct",),
    "adc": ("adc",),
    "dwi": ("dwi",),
}


def channel(name: str, index: int) -> dict[str, Any]:
    """The manifest's entry of one input channel: nnU-Net's file name ending, and what such scans are usually called."""
    return {"name": name, "hints": [f"_{index:04d}", *CHANNEL_HINTS.get(name.lower(), ())]}


def generic_colour(index: int) -> Colour:
    """A colour for a label that nobody chose one for: hues a golden angle apart, so that neighbours differ."""
    hue = (index * 137.508) % 360 / 60
    rise = round(80 + 150 * (1 - abs(hue % 2 - 1)))
    sextants = ((230, rise, 80), (rise, 230, 80), (80, 230, rise), (80, rise, 230), (rise, 80, 230), (230, 80, rise))
    return sextants[int(hue)]


class DatasetError(Exception):
    """dataset.json does not describe the checkpoint's classes; the message says what differs."""


def read_labels(path: pathlib.Path, classes: int) -> list[str]:
    """Label names from an nnU-Net dataset.json (v1: {"0": name}, v2: {name: 0}), background first."""
    try:
        entries = json.loads(path.read_text())["labels"]
        is_v1 = "0" in entries
        named = {int(k if is_v1 else v): str(v if is_v1 else k) for k, v in entries.items()}
    except (OSError, json.JSONDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path} has no labels as nnU-Net writes them: {type(error).__name__} {error}.") from error
    if sorted(named) != list(range(classes)):
        raise DatasetError(f"{path} names labels {sorted(named)}; the checkpoint has 0 to {classes - 1}.")
    return [named[i] for i in range(classes)]


def labels(classes: int, dataset: Dataset | None, names: list[str] | None) -> list[dict[str, Any]]:
    """The manifest's labels: `names` if given, else the data set's, else numbers."""
    known = [BACKGROUND, *(dataset.labels if dataset else ())]
    if names:
        colours = dict(known)
        chosen = [(name, colours.get(name.lower(), generic_colour(i))) for i, name in enumerate(names)]
        chosen[0] = BACKGROUND
    elif len(known) == classes:
        chosen = known
    else:
        chosen = [BACKGROUND, *((f"class {i}", generic_colour(i)) for i in range(1, classes))]
    return [{"id": i, "name": name, "color": list(colour)} for i, (name, colour) in enumerate(chosen)]


def dataset_of(config: Config) -> Dataset | None:
    """The data set of a published checkpoint: known only where channels, classes and patch are the published ones."""
    variant = checkpoint.variant_of(config)
    if variant is None or config != dataclasses.replace(VARIANTS[variant], deep_supervision=config.deep_supervision):
        return None
    return DATASETS[variant]


def describe(
    config: Config, dataset: Dataset | None, channels: list[str], names: list[str] | None, pipeline: dict[str, Any]
) -> dict[str, Any]:
    """The manifest of a published checkpoint, without `weights`. Name, title and licence may be overruled."""
    if dataset and all(name in NON_CT for name in channels):
        channels = list(dataset.channels)  # such plans do not tell the channels apart
    has_ct = any(entry["scheme"].startswith("CT") for entry in pipeline["normalization"])
    trained_on = [{"name": dataset.source, "license": dataset.license, "source": dataset.source}] if dataset else []
    regions = dataset.regions if dataset else ()
    return {
        "format": "organscope-model",
        "formatVersion": manifest.FORMAT_VERSION,
        "name": "unetrpp",
        "title": dataset.title if dataset else f"UNETR++ ({config.num_classes - 1} structures)",
        "version": "1",
        "task": "segmentation",
        "modality": "CT" if has_ct else "MR",
        "channels": [channel(name, i) for i, name in enumerate(channels)],
        "labels": labels(config.num_classes, dataset, names),
        "regions": [{"name": name, "color": list(colour), "labels": list(ids)} for name, colour, ids in regions],
        "patchDhw": list(config.patch_dhw),
        "output": {"activation": "softmax"},
        "pipeline": pipeline,
        "license": "not stated; ask whoever trained the checkpoint",
        "trainingData": trained_on,
        "intendedUse": "Research. Not for clinical use.",
        "limitations": "Exported from a checkpoint; its quality was not measured with Organscope.",
        "evaluation": [],
        "network": dataclasses.asdict(config),
    }


def slug(text: str) -> str:
    """A name as the manifest wants it: lower-case letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "model"
