"""Reference labels as they come: on which grid, with which ids, and what those mean to a model.

Nothing is guessed: an id that no structure of the model collects and that nobody called background, or a label map that
lies elsewhere than its scan, is refused by name. Either would give a Dice that looks like a bad mask.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..config.labels import mapping
from ..inference import grids, placement

IDS_NAMED = 12
"""So many unknown ids are named one by one, the most frequent first."""
MOST_IDS = 1 << 24
APARC = {"1000-1035": 3, "2000-2035": 42, "11100-11175": 3, "12100-12175": 42}
APARC |= {"3000-3035": 2, "4000-4035": 41, "5001": 2, "5002": 41}
"""FreeSurfer's parcellations (aparc, aparc.a2009s, wmparc): cortex and white matter of either side, as in aseg."""
PRESETS = {"aparc": APARC}


class ReferenceLabelsError(ValueError):
    """Reference labels cannot be compared with a mask; the message names file and value."""


@dataclasses.dataclass(frozen=True)
class Meaning:
    """What reference ids mean, beside what the model's labels collect (`sources`)."""

    map: Mapping[int, int] = dataclasses.field(default_factory=dict)
    """Ids that count as another id."""
    background: frozenset[int] = frozenset()
    """Ids that are no structure of the model."""
    labelled: tuple[str, ...] | None = None
    """The structures that the reference has; None: all. The others cannot be measured."""


def read_mapping(words: Iterable[str]) -> dict[int, int]:
    """A mapping from words of a command line: the name of a preset, or IDS=ID. Raises ValueError for others."""
    result: dict[int, int] = {}
    for word in words:
        ids, _, target = word.partition("=")
        if word not in PRESETS and not target.isdigit():
            raise ValueError(f"--map {word}: it takes IDS=ID, such as 1000-1035=3, or {', '.join(PRESETS)}.")
        result |= mapping(PRESETS[word] if word in PRESETS else {ids: int(target)})
    return result


def read(path: pathlib.Path, image: pathlib.Path, shape: tuple[int, ...], affine: np.ndarray) -> np.ndarray:
    """Ids (x, y, z) int64 of the label map of a scan with this shape and affine.

    Raises ReferenceLabelsError for another grid, and for values that are no ids.
    """
    labels = placement.load(path)
    values = np.asarray(labels.dataobj)
    values = values.reshape(*values.shape[:3], *(n for n in values.shape[3:] if n > 1))
    if values.shape != tuple(shape):
        raise ReferenceLabelsError(f"{image} has {tuple(shape)} voxels, its labels {path} have {values.shape}.")
    apart = grids.corners_apart(affine, labels.affine, shape)
    if not apart <= grids.tolerance(affine):
        raise ReferenceLabelsError(
            f"{path} lies up to {apart:.2f} mm from {image}, so its labels would be compared with other tissue. Give "
            f"labels on the scan's own grid, with its affine."
        )
    wrong = values[~np.isfinite(values) | (values != np.rint(values))] if values.dtype.kind == "f" else values[:0]
    if wrong.size:
        raise ReferenceLabelsError(f"{path} has {wrong.size} voxels that are no label ids, such as {wrong.flat[0]:g}.")
    return values.astype(np.int64)


def to_labels(
    ids: np.ndarray, labels: list[dict[str, Any]], meaning: Meaning | None = None, name: str = "The reference"
) -> np.ndarray:
    """Reference ids as the model's label ids, uint8.

    Args:
        ids: integers.
        labels: the manifest's; those of background beside 0 are ids that are known to be none of its structures.
        meaning: what other ids mean.
        name: of the file, for the message.

    Raises ReferenceLabelsError for ids without a meaning, with how many voxels have them.
    """
    meaning = meaning or Meaning()
    own = {0: 0} | {source: label["id"] for label in labels for source in label["sources"]}
    mapped = {id_: own[target] for id_, target in meaning.map.items() if target in own}
    collects = own | dict.fromkeys(meaning.background, 0) | mapped
    low, high = int(ids.min()), int(ids.max())
    if high - low > MOST_IDS:
        raise ReferenceLabelsError(f"{name} has values from {low} to {high}; that is no label map.")
    count = np.bincount((ids - low).ravel())
    table = np.zeros(count.size, np.uint8)
    unknown = {}
    for id_ in (int(index) + low for index in np.flatnonzero(count)):
        if id_ in collects:
            table[id_ - low] = collects[id_]
        else:
            unknown[id_] = int(count[id_ - low])
    if unknown:
        raise ReferenceLabelsError(_refusal(name, unknown, collects, meaning))
    return table[ids - low]


def _refusal(name: str, unknown: dict[int, int], collects: Mapping[int, int], meaning: Meaning) -> str:
    """Which ids nobody has explained, and how to."""

    def described(id_: int) -> str:
        mapped = f", mapped to {meaning.map[id_]}" if id_ in meaning.map else ""
        return f"{id_} ({unknown[id_]} voxels{mapped})"

    frequent = sorted(unknown, key=unknown.__getitem__, reverse=True)
    rest = frequent[IDS_NAMED:]
    more = f" and {len(rest)} more with {sum(unknown[id_] for id_ in rest)} voxels" if rest else ""
    cortex = {id_ for id_, target in mapping(APARC).items() if id_ in unknown and target in collects}
    left = sorted(set(unknown) - cortex)
    hints = [
        "Those of FreeSurfer's parcellations count as cortex and white matter with --map aparc." if cortex else "",
        f"Where they are part of a structure, say so with --map IDS=ID; where of none, with --background "
        f"{in_ranges(left)}."
        if left
        else "",
    ]
    return (
        f"{name} has {len(unknown)} ids that no structure of this model collects: "
        f"{', '.join(map(described, sorted(frequent[:IDS_NAMED])))}{more}. {' '.join(filter(None, hints))}"
    )


def in_ranges(ids: list[int]) -> str:
    """[24, 30, 31, 32] as "24,30-32"."""
    groups: list[list[int]] = []
    for id_ in ids:
        if groups and groups[-1][-1] == id_ - 1:
            groups[-1].append(id_)
        else:
            groups.append([id_])
    return ",".join(f"{group[0]}-{group[-1]}" if len(group) > 1 else str(group[0]) for group in groups)
