"""Which scans a configuration or a command line names: to train on, to choose on, and to measure without choosing."""

from __future__ import annotations

import filecmp
import pathlib
import re
from collections.abc import Callable, Iterable
from typing import Protocol

from ..config.model import ModelConfig
from ..config.sections import ScanSet
from .pairs import PairsSection, Scan
from .reference import Meaning

SUFFIXES = (".nii.gz", ".nii", ".mgz", ".mgh")
LABEL_WORDS = {"label", "labels", "lbl", "seg", "segmentation", "mask", "masks", "gt", "reference", "ref", "aseg", "lv"}
IMAGE_WORDS = {"image", "images", "img", "scan", "ct", "mr", "mri", "0000"}


class LockedScanError(ValueError):
    """Training would read a scan that is locked away for the test; the message names it."""


class SaysWhereLabelsLie(Protocol):
    """A section with `label_path`."""

    label_path: tuple[str, str]


def label_path(image: pathlib.Path, data: pathlib.Path, plan: SaysWhereLabelsLie) -> pathlib.Path:
    """The reference labels of a scan: its path below `data` with `label_path`'s first text replaced by its second."""
    return data / image.relative_to(data).as_posix().replace(*plan.label_path)


def with_labels(images: list[pathlib.Path], data: pathlib.Path, plan: SaysWhereLabelsLie) -> list[Scan]:
    """Scans and where their reference labels lie."""
    return [(image, label_path(image, data, plan)) for image in images]


def find(data: pathlib.Path, plan: PairsSection) -> tuple[list[pathlib.Path], list[pathlib.Path]]:
    """The scans for training and those held out of a [data] of kind "pairs", each sorted by name.

    Args:
        data: the folder with all data sets.
        plan: a configuration's [data].

    Raises ValueError for a name in `validation` that matches nothing, FileNotFoundError when there are no scans.
    """
    suffix = plan.label_path[1] if plan.label_path[0] == ".nii.gz" else None
    files = sorted(f for f in data.glob(plan.images) if suffix is None or not f.name.endswith(suffix))
    if not files:
        raise FileNotFoundError(f"No scans match {plan.images} in {data}.")

    def names(file: pathlib.Path) -> set[str]:
        relative = file.relative_to(data)
        return {*relative.parts[:-1], relative.name.removesuffix(".nii.gz")}

    held_out = set(plan.validation)
    missing = held_out - set().union(*(names(file) for file in files))
    if missing:
        raise ValueError(f"[data] validation names {sorted(missing)}, which match no scan in {data}.")
    return [f for f in files if not names(f) & held_out], [f for f in files if names(f) & held_out]


def listed(scans: ScanSet, data: pathlib.Path) -> list[Scan]:
    """The scans of [development] or [test]. Raises FileNotFoundError for a name that matches nothing."""
    found = []
    for pattern in scans.images:
        images = sorted(data.glob(pattern))
        if not images:
            raise FileNotFoundError(f"No scan matches {pattern} in {data}.")
        found += images
    return with_labels(found, data, scans)


def meaning(model: ModelConfig, scans: ScanSet | None = None) -> Meaning:
    """What reference ids mean that no label collects: to the whole configuration, and to one set of scans."""
    if scans is None:
        return Meaning(background=frozenset(model.background))
    return Meaning(scans.map, frozenset((*model.background, *scans.background)), scans.labelled)


def development(
    model: ModelConfig, data: pathlib.Path, held_out: Callable[[ModelConfig, pathlib.Path], list[Scan] | None]
) -> list[Scan]:
    """What choices are made on: [development] or, where it lists no scans, what [data] holds out (`held_out`).

    Raises ValueError where there is neither.
    """
    if model.development and model.development.images:
        return listed(model.development, data)
    scans = held_out(model, data)
    if scans is None:
        raise ValueError(
            f"The configuration of {model.card.name} names no scans to measure: its [data] is of kind "
            f'"{model.data.kind}", which holds out no scan. List some in [development].'
        )
    return scans


def test(model: ModelConfig, data: pathlib.Path) -> list[Scan]:
    """What chose nothing. Raises ValueError where the configuration has none."""
    if not model.test:
        raise ValueError(f"The configuration of {model.card.name} has no [test]: no scan is locked away for it.")
    return listed(model.test, data)


def _files_at_hand(scans: ScanSet | None, data: pathlib.Path) -> list[pathlib.Path]:
    """Scans and labels of a set as far as they are there."""
    images = [image for pattern in (scans.images if scans else ()) for image in data.glob(pattern)]
    return [file for image in images for file in (image, label_path(image, data, scans))]


def refuse_test_scans(model: ModelConfig, data: pathlib.Path, training: list[pathlib.Path]) -> None:
    """Raises LockedScanError where one of the files of `training`, or a scan that choices are made on, is a scan of
    [test], labels of one, or a copy of a scan."""
    locked = _files_at_hand(model.test, data)
    if not locked:
        return
    read = {file.resolve() for file in (*_files_at_hand(model.development, data), *training)}
    both = {str(file) for file in locked if file.resolve() in read}
    for scan in locked[::2]:  # label maps of two patients may be alike, scans are not
        size = scan.stat().st_size
        copies = (file for file in read if size and file.exists() and file.stat().st_size == size)
        both |= {f"{file} (a copy of {scan})" for file in copies if filecmp.cmp(file, scan, shallow=False)}
    if both:
        raise LockedScanError(
            f"[test] of {model.card.name} locks away {', '.join(sorted(both))}, which training would read. A scan "
            f"that training or a choice has seen says nothing about others: take it out of [test], or out of [data] "
            f"and [development]."
        )


def _words(path: pathlib.Path) -> tuple[list[str], bool]:
    """What a file's name says of its scan, without words for the kind of file; and whether it is called a label map."""
    name = next((path.name.removesuffix(suffix) for suffix in SUFFIXES if path.name.endswith(suffix)), path.name)
    words = [word for word in re.split(r"[\s_\-]+", name.lower()) if word]
    rest = [word for word in words if word not in LABEL_WORDS | IMAGE_WORDS]
    return rest or words, bool(set(words) & LABEL_WORDS)


def _files(paths: Iterable[pathlib.Path], are_labels: bool) -> list[pathlib.Path]:
    """Files as named, and those of folders; a folder that holds both kinds gives the wanted one."""
    files = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(file for file in path.iterdir() if file.name.endswith(SUFFIXES))
        kinds = [_words(file)[1] for file in inside]
        files += [file for file, kind in zip(inside, kinds, strict=True) if kind == are_labels or len({*kinds}) < 2]
    return files


def match(images: list[pathlib.Path], labels: list[pathlib.Path]) -> tuple[list[Scan], list[pathlib.Path]]:
    """Scans with their labels, and the files that have no partner.

    Where only files are named, the n-th belongs to the n-th. Of folders, files belong together whose names are the same
    but for words such as "image", "ct", "labels", "seg" or "gt" and nnU-Net's "_0000".
    Raises ValueError when the numbers of files differ, when names are ambiguous, or when nothing belongs together.
    """
    if not any(path.is_dir() for path in (*images, *labels)):
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images but {len(labels)} label maps were named.")
        return list(zip(images, labels, strict=True)), []
    by_name: tuple[dict[str, pathlib.Path], ...] = ({}, {})
    for found, files in zip(by_name, (_files(images, False), _files(labels, True)), strict=True):
        for file in files:
            key = " ".join(_words(file)[0])
            if key in found:
                raise ValueError(f"{found[key]} and {file} cannot be told apart by name. Name files one by one.")
            found[key] = file
    scans, references = by_name
    alone = [file for key, file in (scans | references).items() if (key in scans) != (key in references)]
    both = [(file, references[key]) for key, file in scans.items() if key in references]
    if not both:
        raise ValueError(
            f"No label map in {', '.join(map(str, labels))} has the name of a scan in {', '.join(map(str, images))}. "
            f"Call them alike (case1.nii.gz and case1_labels.nii.gz), or name the files one by one."
        )
    return both, alone
