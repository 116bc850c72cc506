"""Islands that are too small, against a flood fill voxel by voxel."""

import itertools

import numpy as np
import pytest

from unetrpp.inference.islands import dissolve_islands

STEPS = [step for step in itertools.product((-1, 0, 1), repeat=3) if any(step)]


def flood_fill(labels: np.ndarray, least: list[float]) -> np.ndarray:
    """What dissolve_islands should give."""

    def around(voxel, most_axes):
        for step in STEPS:
            place = tuple(np.add(voxel, step))
            if np.abs(step).sum() <= most_axes and all(0 <= p < n for p, n in zip(place, labels.shape, strict=True)):
                yield place

    seen, too_small = set(), []
    for voxel in np.ndindex(labels.shape):
        if labels[voxel] == 0 or voxel in seen:
            continue
        island = [voxel]
        seen.add(voxel)
        for member in island:
            fresh = {place for place in around(member, 3) if labels[place] == labels[voxel]} - seen
            island += fresh
            seen |= fresh
        if len(island) < least[labels[voxel]]:
            too_small.append(island)
    gone, result = {voxel for island in too_small for voxel in island}, labels.copy()
    for island in too_small:
        faces = [labels[place] for voxel in island for place in around(voxel, 1) if place not in gone]
        for voxel in island:
            result[voxel] = np.bincount(faces, minlength=1).argmax() if faces else 0
    return result


@pytest.mark.parametrize("size", [(7, 5, 6), (1, 9, 11), (13, 1, 4), (1, 1, 17), (8, 9, 10)])
@pytest.mark.parametrize("block", [1, 2, 3])
def test_islands_below_the_least_size_become_what_is_around_them(size, block):
    rng = np.random.default_rng((*size, block))
    for _ in range(5):
        coarse = rng.integers(0, 5, [1 + n // block for n in size]) * (rng.random([1 + n // block for n in size]) < 0.6)
        labels = np.kron(coarse, np.ones([block] * 3))[tuple(slice(n) for n in size)].astype(np.uint8)
        least = [float(n) for n in rng.integers(0, 40, 5)]
        np.testing.assert_array_equal(dissolve_islands(labels, least), flood_fill(labels, least))


def test_islands_of_the_least_size_stay():
    labels = np.zeros((4, 4, 4), np.uint8)
    labels[0, 0, :3] = 1
    np.testing.assert_array_equal(dissolve_islands(labels, [0, 3]), labels)
    assert not dissolve_islands(labels, [0, 3.5]).any()
