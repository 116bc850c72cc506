"""Whether a volume is a mask and not a scan, by its values: the twin of src/volume/labelMap.ts."""

from __future__ import annotations

import numpy as np

LARGEST_ID = 255
MOST_STRUCTURES = 128
"""More values are those of a picture."""
LEAST_EQUAL = 0.6
"""Of the neighbours along x, both inside a structure: noise has few that are equal, structures many."""


def is_label_map(scan: np.ndarray) -> bool:
    """Of (z, y, x): whole values in blocks, either 0, 1, 2, ... with few left out, or 0 and one other."""
    if scan.min() != 0 or not 0 < scan.max() <= LARGEST_ID or (scan != np.rint(scan)).any():
        return False
    ids = scan.astype(np.uint8)
    structures = np.count_nonzero(np.bincount(ids.ravel())) - 1
    if structures > MOST_STRUCTURES or (2 * structures < int(ids.max()) and structures > 1):
        return False
    inside = (ids[..., 1:] > 0) & (ids[..., :-1] > 0)
    return bool((inside & (ids[..., 1:] == ids[..., :-1])).sum() >= LEAST_EQUAL * inside.sum())
