"""What a first look leaves to the windows: the largest island with its margins, or everything."""

import numpy as np
import pytest

from unetrpp.inference.schemes import first_look, organscope

PLAN = {"coarser": 2, "marginMm": 6, "leastMl": 1.0}
SPACING = [2.0, 2.0, 2.0]


def look(*, size=(40, 40, 40), patch=(8, 8, 8), **blobs):
    """The box around blobs of a coarse grid, each a tuple of (start, stop) per axis."""
    labels = np.zeros(first_look.coarse_size(size, 2), np.uint8)
    for blob in blobs.values():
        labels[tuple(slice(*edges) for edges in blob)] = 3
    box = first_look.box_around(labels, size, patch, SPACING, PLAN)
    return box and [(part.start, part.stop) for part in box]


def test_the_box_lies_around_the_largest_island_with_its_margins():
    large, small = ((5, 11), (6, 12), (4, 9)), ((15, 17), (15, 17), (15, 17))
    assert look(a=small, b=large) == [(7, 25), (9, 27), (5, 21)]


def test_blobs_that_share_a_corner_are_one_island():
    assert look(a=((5, 8), (5, 8), (5, 8)), b=((8, 11), (8, 11), (8, 11))) == [(7, 25)] * 3


def test_the_box_ends_where_the_grid_does_and_is_as_large_as_a_window():
    assert look(a=((0, 4), (17, 20), (5, 8)), patch=(8, 16, 24)) == [(0, 11), (24, 40), (1, 25)]
    assert look(a=((0, 4), (17, 20), (5, 8)), patch=(64, 16, 24))[0] == (0, 40)


def test_a_coarse_grid_that_does_not_divide_is_scaled_by_extent():
    """6 voxels over the extent of 13: the last one ends where the grid does."""
    assert first_look.coarse_size((13, 1, 2), 2) == (6, 1, 1)
    box = look(size=(13, 40, 40), patch=(4, 4, 4), a=((4, 6), (3, 9), (3, 9)))
    assert box == [(5, 13), (3, 21), (3, 21)]


def test_nothing_and_next_to_nothing_say_nothing():
    assert look() is None
    assert look(a=((5, 7), (5, 7), (5, 8))) is None  # 12 voxels of 4 mm: 0.77 ml
    assert look(a=((5, 7), (5, 7), (5, 9))) is not None  # 1.02 ml


@pytest.mark.parametrize(("size", "worth"), [((12, 12, 12), False), ((16, 16, 16), True), ((8, 8, 8), False)])
def test_a_look_must_cost_less_than_its_share_of_the_windows(size, worth):
    """8 windows of 8 voxels against one of the first look, which counts as 8; 27 against as many."""
    assert first_look.is_worth_it(size, (8, 8, 8), 0.5, 2) is worth


def thresholds(calls):
    """A voxelwise network that counts its runs."""

    def network(x):
        calls.append(x.shape)
        return np.concatenate([0.5 - x, x - 0.5], 1)

    return network


def description(**more):
    tiling = {"step": 0.5, "sigmaScale": 0.125}
    scheme = {"spacingDhw": [2, 2, 2], "normalization": {"scheme": "range", "lower": 0, "upper": 1}, "tiling": tiling}
    return {"patchDhw": [8, 8, 8], "pipeline": scheme | more}


def test_what_lies_outside_the_box_is_not_labelled_and_costs_no_windows():
    """A bright block, and a bright speck far away."""
    scan = np.zeros((40, 36, 44), np.float32)
    scan[10:20, 12:22, 14:24] = 1
    scan[36:38, 30:32, 38:40] = 1
    affine = np.diag([2.0, 2, 2, 1])
    whole, part = [], []
    everything = organscope.segment(scan, affine, description(), thresholds(whole))
    np.testing.assert_array_equal(everything, scan > 0.5)
    mask = organscope.segment(scan, affine, description(firstLook=PLAN), thresholds(part))
    np.testing.assert_array_equal(mask, (scan > 0.5) & (np.arange(40) < 30)[:, None, None])
    assert len(part) < len(whole) / 3
    without = organscope.segment(scan * 0, affine, description(firstLook=PLAN), thresholds(part := []))
    assert not without.any()
    assert len(part) > len(whole)  # nothing found: everything is looked at
