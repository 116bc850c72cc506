"""Reads what a configuration's [data] describes: what is trained on, and the scans that training is measured on."""

from __future__ import annotations

import pathlib

import torch

from ..config.model import ModelConfig
from . import bodies, body_maps, cases, label_maps, sampling, scan_sets
from .pairs import Case, Pairs
from .synthesis import Synthesised
from .torso import Torsi, Torsos

VALIDATION_PATCHES = 12
NEVER_TRAINED = 10**9
"""Synthesised samples from this number on are for validation."""


def training(model: ModelConfig, data: pathlib.Path) -> sampling.Samples:
    """The training samples. Raises LockedScanError where they would be made from scans of [test]."""
    kind = sampling.kind_of(model)
    scan_sets.refuse_test_scans(model, data)
    folder = data / model.data.get("folder", "")
    if kind is Synthesised:
        return Synthesised(label_maps.read(folder, model.labels, label_maps.names(model, data)[0]), model)
    if kind is Torsos:
        return Torsos(_torsi(model, data), model)
    scans = [(image, scan_sets.label_path(image, data, model.data)) for image in scan_sets.find(data, model.data)[0]]
    return Pairs([cases.load(*scan, data, model) for scan in scans], model)


def held_out(model: ModelConfig, data: pathlib.Path) -> list[Case]:
    """What training is measured on as it goes: of held-out label maps, VALIDATION_PATCHES synthesised patches."""
    if model.data["kind"] == "label-maps":
        kept_apart = label_maps.names(model, data)[1]
        if not kept_apart:
            return []
        maps = label_maps.read(data / model.data["folder"], model.labels, kept_apart)
        unseen = Synthesised(maps, model, for_validation=True)
        patches = [unseen[NEVER_TRAINED + index] for index in range(VALIDATION_PATCHES)]
        return [Case(f"patch {n}", image, target[1:]) for n, (image, target) in enumerate(patches)]
    if model.data["kind"] == "torso" and not model.development:
        return []
    meaning = scan_sets.meaning(model, model.development)
    return [cases.load(*scan, data, model, meaning) for scan in scan_sets.development(model, data)]


def _torsi(model: ModelConfig, data: pathlib.Path) -> Torsi:
    """[data] has `folder`, `spacing` (mm of the label maps), `maps` (names) and `real`, a list of scans.

    With `heads`, a folder of whole-head label maps, there are those too.
    """
    plan = model.data
    torsos = [body_maps.load(data / plan["folder"] / f"{name}.nii.gz", plan["spacing"]) for name in plan["maps"]]
    files = sorted((data / plan["heads"]).glob("*.nii.gz")) if "heads" in plan else []
    if "heads" in plan and not files:
        raise FileNotFoundError(f"No *.nii.gz label maps in {data / plan['heads']}.")
    heads = [body_maps.load_head(file, plan["spacing"]) for file in files]
    to_class = torch.zeros(bodies.TISSUES, dtype=torch.int64)
    for index, label in enumerate(model.labels):
        to_class[list(label.sources)] = index
    vertebra = int(to_class[bodies.VERTEBRA])
    if vertebra:
        to_class[bodies.NECK_BONE] = len(model.labels)
    return Torsi(torsos, heads, [cases.load_listed(entry, data, model) for entry in plan["real"]], to_class, vertebra)
