"""Reads label maps of heads, which images are synthesised from: see unetrpp.data.synthesis."""

from __future__ import annotations

import csv
import pathlib

import nibabel
import numpy as np
import torch

from ..config.labels import Label, opposite
from ..config.model import ModelConfig
from .synthesis import EXTRA_CEREBRAL, PLEXUS, PLEXUS_IDS, Anatomies, Anatomy, is_brain


def read(folder: pathlib.Path, labels: tuple[Label, ...], only: set[str] | None = None) -> Anatomies:
    """The label maps of a folder, with what each tissue id becomes.

    Args:
        folder: *.nii.gz label maps at 1 mm, beside a `labels.csv` (label_map_id, intensity_class) one level up.
        labels: the output classes.
        only: names, without .nii.gz, of the maps to read; all of them when None.

    Raises FileNotFoundError where there are none, ValueError for ids that the table lacks.
    """
    files = {file.name.removesuffix(".nii.gz"): file for file in sorted(folder.glob("*.nii.gz"))}
    if not files:
        raise FileNotFoundError(f"No *.nii.gz label maps in {folder}.")
    if only is not None:
        files = {name: file for name, file in files.items() if name in only}
    with (folder.parent / "labels.csv").open() as table:
        rows = list(csv.DictReader(table))
    ids = np.array(sorted(int(r["label_map_id"]) for r in rows))
    to_class = {source: index for index, label in enumerate(labels) for source in label.sources}
    full_names = {int(r["label_map_id"]): r["name"] for r in rows}
    names = {id_: name.split(" ")[-1] for id_, name in full_names.items()} | dict.fromkeys(PLEXUS_IDS, PLEXUS)
    intensity = {int(r["label_map_id"]): int(r["intensity_class"]) for r in rows}
    # Left and right share an intensity: the same tissue, imaged once. Extra-cerebral classes stay apart.
    key = [names[int(i)] if i < EXTRA_CEREBRAL else str(intensity[int(i)]) for i in ids]
    tissues = sorted(set(key))
    return Anatomies(
        torch.from_numpy(ids),
        torch.tensor([to_class.get(int(i), 0) for i in ids]),
        torch.tensor([tissues.index(k) for k in key]),
        torch.tensor(opposite([full_names[int(i)] for i in ids])),
        tissues,
        [_read_map(file, ids) for file in files.values()],
    )


def _read_map(file: pathlib.Path, ids: np.ndarray) -> Anatomy:
    image = nibabel.as_closest_canonical(nibabel.load(file))
    data = np.asarray(image.dataobj).astype(np.int32).transpose(2, 1, 0)  # (D, H, W)
    unknown = np.setdiff1d(np.unique(data), ids)
    if unknown.size:
        raise ValueError(f"{file} has ids {unknown.tolist()} that labels.csv does not list.")
    head = np.argwhere(data)
    data = data[tuple(slice(a, b + 1) for a, b in zip(head.min(0), head.max(0), strict=True))]
    brain = np.argwhere(is_brain(data))
    low, high = np.percentile(brain, [0.5, 99.5], axis=0)  # not the ends of vessels and of the brainstem
    index = np.searchsorted(ids, data).astype(np.uint8)
    centre, half = ((low + high) / 2).tolist(), ((high - low) / 2).tolist()
    return Anatomy(torch.from_numpy(index), tuple(centre), tuple(half))


def names(model: ModelConfig, data: pathlib.Path) -> tuple[set[str], set[str]]:
    """Which label maps are trained on, and which [data] `validation` holds out.

    Raises ValueError for a name that matches no label map.
    """
    folder = data / model.data.folder
    there = {file.name.removesuffix(".nii.gz") for file in folder.glob("*.nii.gz")}
    held_out = set(model.data.validation)
    if missing := held_out - there:
        raise ValueError(f"[data] validation names {sorted(missing)}, which match no label map in {folder}.")
    return there - held_out, held_out
