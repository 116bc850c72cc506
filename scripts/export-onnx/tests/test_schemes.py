"""The steps of the published pipelines against independent facts: hand-made arrays, splines written out, formulas."""

import itertools

import numpy as np
import pytest

from unetrpp.inference.schemes import cropping, decision, monai, nnunet, normalisation, resampling, tiling
from unetrpp.inference.schemes.stages import Stages

CUBIC = {"order": 3, "orderZ": 0}
LINEAR = {"order": 1, "orderZ": 0}


def test_the_crop_is_the_box_of_nonzero_voxels_of_any_channel_with_holes_filled():
    channels = np.zeros((2, 6, 7, 8))
    channels[0, 1:4, 2:5, 3:6] = -1  # negative counts too
    channels[0, 2, 3, 4] = 0  # a hole
    channels[1, 4, 3, 3] = 5
    cropped, mask, box = cropping.crop_to_nonzero(channels)
    assert box == (slice(1, 5), slice(2, 5), slice(3, 6))
    assert cropped.shape == (2, 4, 3, 3)
    assert mask[1, 1, 1]
    assert mask.sum() == 27 + 1
    with pytest.raises(cropping.EmptyScanError, match="no voxel that is not 0"):
        cropping.crop_to_nonzero(np.zeros((1, 3, 3, 3)))


@pytest.mark.parametrize(
    ("size", "spacing", "target", "expected"),
    [
        ((10, 20, 30), (3, 1, 1), (3, 1, 1), (10, 20, 30)),
        ((5, 101, 7), (2.0, 0.75, 1.0), (1.0, 0.5, 3.0), (10, 152, 2)),  # 151.5 and 2.33
        ((5, 3, 1), (0.5, 0.5, 0.1), (1, 1, 1), (2, 2, 1)),  # halves to even: 2.5 -> 2, 1.5 -> 2; never 0
    ],
)
def test_grid_sizes_round_halves_to_even_and_never_vanish(size, spacing, target, expected):
    assert resampling.resized(size, np.array(spacing), np.array(target)) == expected


@pytest.mark.parametrize(
    ("first", "second", "rule", "axis"),
    [
        ((5, 1, 1), (1, 1, 1), "auto", 0),
        ((1, 1, 1), (1, 3.1, 1), "auto", 1),
        ((3, 1, 1), (1, 1, 1), "auto", None),  # exactly the threshold is not above it
        ((0.24, 1.25, 1.25), (1, 1, 1), "auto", None),  # two coarse axes: no slices
        ((0.24, 1.25, 1.25), (9, 1, 1), "auto", None),  # the first anisotropic grid decides
        ((1, 1, 8), (8, 1, 1), "auto", 2),
        ((1.5, 1, 1), (1, 1, 1), "always", 0),
        ((9, 1, 1), (9, 1, 1), "never", None),
        ((5 * (1 + 1e-7), 5, 1), (5, 1, 1), "auto", None),  # float32 noise of an oblique affine
    ],
)
def test_the_axis_of_thick_slices(first, second, rule, axis):
    assert resampling.separate_axis(np.array(first), np.array(second), rule, 3) == axis


def b_spline(t):
    """The cubic B-spline basis."""
    t = abs(t)
    return (4 - 6 * t**2 + 3 * t**3) / 6 if t < 1 else max(0.0, 2 - t) ** 3 / 6


def test_order_3_is_interpolation_by_cubic_b_splines():
    """One axis, coefficients from the interpolation conditions themselves, far from the edges."""
    rng = np.random.default_rng(0)
    line = rng.standard_normal(40)
    matrix = np.array([[b_spline(i - j) for j in range(40)] for i in range(40)])
    coefficients = np.linalg.solve(matrix, line)
    centres = (np.arange(64) + 0.5) * 40 / 64 - 0.5
    expected = np.array([sum(c * b_spline(x - j) for j, c in enumerate(coefficients)) for x in centres])
    expected = np.clip(expected, line.min(), line.max())
    volume = np.broadcast_to(line, (1, 3, 4, 40))
    actual = resampling.resample(volume, (3, 4, 64), CUBIC, None)[0, 1, 2]
    np.testing.assert_allclose(actual[24:40], expected[24:40], atol=1e-6)


def test_resampling_never_leaves_the_range_of_values():
    step = np.zeros((1, 4, 4, 12))
    step[..., 6:] = 1
    up = resampling.resample(step, (8, 8, 30), CUBIC, None)
    assert (up.min(), up.max()) == (0, 1)
    assert ((up > 0) & (up < 1)).any()


def test_thick_slices_are_taken_whole_and_resampled_in_their_plane():
    slices = np.stack([np.full((4, 4), float(i)) for i in range(4)])[None]
    out = resampling.resample(slices, (8, 6, 6), CUBIC, axis=0)[0]
    np.testing.assert_allclose(out[:, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3], atol=1e-6)
    out = resampling.resample(slices, (3, 4, 4), CUBIC, axis=0)[0]
    np.testing.assert_allclose(out[:, 0, 0], [0, 2, 3], atol=1e-6)  # centres 0.17, 1.5, 2.83: floor(c + 1/2)
    between = resampling.resample(slices, (8, 4, 4), {"order": 1, "orderZ": 1}, axis=0)[0]
    np.testing.assert_allclose(between[:, 0, 0], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], atol=1e-6)
    turned = resampling.resample(slices.transpose(0, 2, 3, 1), (6, 6, 8), CUBIC, axis=2)[0]
    np.testing.assert_allclose(turned[2, 3], [0, 0, 1, 1, 2, 2, 3, 3], atol=1e-6)


def test_a_mask_grows_to_where_its_interpolation_is_one_half():
    mask = np.zeros((2, 2, 4), bool)
    mask[..., 2:] = True
    assert resampling.resample_mask(mask, (2, 2, 8), None)[0, 0].tolist() == [False] * 4 + [True] * 4
    assert resampling.resample_mask(mask, (2, 2, 5), None)[0, 0].tolist() == [False] * 2 + [True] * 3  # 0.5 at 2


def test_normalisation_v1():
    x = np.array([[[0.0, 10, 20, 30]]], np.float32)
    mask = np.array([[[False, True, True, True]]])
    ct = {"scheme": "CT", "mean": 15, "sd": 5, "lower": 5, "upper": 25}
    np.testing.assert_allclose(normalisation.nnunet_v1(x, mask, ct | {"useMask": False})[0, 0], [-2, -1, 1, 2])
    np.testing.assert_allclose(normalisation.nnunet_v1(x, mask, ct | {"useMask": True})[0, 0], [0, -1, 1, 2])
    own = normalisation.nnunet_v1(x, mask, {"scheme": "nonCT", "useMask": True})[0, 0]
    np.testing.assert_allclose(own, [0, -np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-6)
    ct2 = {"scheme": "CT2", "lower": 5, "upper": 30, "useMask": False}  # 10 and 20 lie strictly between
    np.testing.assert_allclose(normalisation.nnunet_v1(x, mask, ct2)[0, 0], [-2, -1, 1, 3])
    np.testing.assert_array_equal(normalisation.nnunet_v1(x, mask, {"scheme": "noNorm"}), x)
    flat = normalisation.nnunet_v1(np.full_like(x, 7), mask, {"scheme": "nonCT", "useMask": False})
    np.testing.assert_array_equal(flat, 0)


def test_normalisation_v2():
    x = np.array([[[5.0, 10, 20, 30]]], np.float32)
    mask = np.array([[[False, True, True, True]]])
    own = normalisation.nnunet_v2(x, mask, {"scheme": "ZScore", "useMask": True})[0, 0]
    np.testing.assert_allclose(own, [5, -np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-6)  # outside as it was
    np.testing.assert_allclose(normalisation.nnunet_v2(x, mask, {"scheme": "RescaleTo01"})[0, 0], [0, 0.2, 0.6, 1])
    np.testing.assert_allclose(normalisation.nnunet_v2(x, mask, {"scheme": "RGBTo01"})[0, 0, 3], 30 / 255)
    np.testing.assert_array_equal(normalisation.nnunet_v2(x, mask, {"scheme": "No"}), x)


def test_intensities_as_monai_scales_them():
    x = np.array([[[-200.0, 0, 100, 300]]], np.float32)
    scheme = {"scheme": "range", "aMin": -100, "aMax": 100, "bMin": -1, "bMax": 1, "clip": True}
    np.testing.assert_allclose(normalisation.monai(x, scheme)[0, 0], [-1, 0, 1, 1])
    np.testing.assert_allclose(normalisation.monai(x, scheme | {"clip": False})[0, 0], [-2, 0, 1, 3])
    own = normalisation.monai(x, {"scheme": "normalize", "nonzero": True})[0, 0]
    assert own[1] == 0
    np.testing.assert_allclose([own[[0, 2, 3]].mean(), own[[0, 2, 3]].std()], [0, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("size", "patch", "step", "starts"),
    [(110, 64, 0.5, [0, 23, 46]), (64, 64, 0.5, [0]), (65, 64, 0.5, [0, 1]), (101, 64, 0.5, [0, 18, 37])],
)
def test_nnunet_windows_are_evenly_spread_and_end_flush(size, patch, step, starts):
    # 101: 37 / 2 = 18.5 rounds to even.
    assert tiling.nnunet_starts(size, patch, step) == starts


@pytest.mark.parametrize(
    ("size", "patch", "overlap", "starts"),
    [
        (21, 8, 0.5, [0, 4, 8, 12, 13]),
        (8, 8, 0.5, [0]),
        (12, 8, 0.5, [0, 4]),
        (9, 8, 0.95, [0, 1]),
        (20, 8, 0, [0, 8, 12]),
    ],
)
def test_monai_windows_step_by_the_interval_and_the_last_moves_back(size, patch, overlap, starts):
    assert tiling.monai_starts(size, patch, overlap) == starts


def test_weights_peak_at_the_patch_centre_and_stay_positive():
    weights = tiling.nnunet_weights((8, 13, 20), 0.125)
    assert weights.shape == (8, 13, 20)
    assert np.unravel_index(weights.argmax(), weights.shape) == (4, 6, 10)
    assert weights.max() == 1
    assert weights[4, 6, 10 + 5] == pytest.approx(np.exp(-0.5 * (5 / 2.5) ** 2))
    assert weights.min() > 0
    even = tiling.monai_weights((8, 8, 8), "gaussian", 0.125)
    assert even.min() == pytest.approx(1e-3)
    np.testing.assert_allclose(even, even[::-1, ::-1, ::-1])
    assert (tiling.monai_weights((2, 3, 4), "constant", 0.125) == 1).all()


def test_mirroring_averages_every_flip_turned_back():
    """Values that depend on the place in the window: the mean over all flips is the mean over mirrored places."""
    places = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    calls = []

    def window(patch):
        calls.append(patch)
        return places

    averaged = tiling.mirrored(window, [0, 2])(np.zeros((1, 2, 3, 4), np.float32))
    expected = np.mean([places, places[:, ::-1], places[..., ::-1], places[:, ::-1, :, ::-1]], axis=0)
    np.testing.assert_allclose(averaged, expected)
    assert len(calls) == 4
    assert len({tuple(p) for n in range(3) for p in itertools.combinations(range(2), n)}) == len(calls)


@pytest.mark.parametrize("size", [(13, 17, 23), (8, 8, 8), (5, 9, 30)])
@pytest.mark.parametrize("scheme", ["nnunet", "monai"])
def test_averaging_a_voxelwise_function_gives_that_function(size, scheme):
    volume = np.random.default_rng(1).standard_normal((2, *size)).astype(np.float32)
    padded, inner = tiling.pad_to_patch(volume, (8, 8, 8))
    starts = [
        tiling.nnunet_starts(n, 8, 0.5) if scheme == "nnunet" else tiling.monai_starts(n, 8, 0.6)
        for n in padded.shape[1:]
    ]
    weights = (
        tiling.nnunet_weights((8, 8, 8), 0.125)
        if scheme == "nnunet"
        else tiling.monai_weights((8,) * 3, "gaussian", 0.125)
    )
    result = tiling.blend(padded, lambda x: x * 2 + 1, (8, 8, 8), starts, weights)[(slice(None), *inner)]
    np.testing.assert_allclose(result, volume * 2 + 1, atol=1e-5)


def test_regions_are_written_one_on_top_of_the_other():
    whole, core, enhancing = [0.9, 0.9, 0.9, 0.2], [0.1, 0.8, 0.9, 0.1], [0.1, 0.2, 0.9, 0.6]
    probabilities = np.array([whole, core, enhancing])[:, None, None]
    output = {"activation": "sigmoid", "regionOrder": [1, 2, 3]}
    assert decision.decide(probabilities, output)[0, 0].tolist() == [1, 2, 3, 3]
    ties = np.array([[0.5], [0.5]])[:, None, None]
    assert decision.decide(ties, {"activation": "softmax"}).item() == 0


def manifest(**pipeline):
    base = {
        "transposeForward": [0, 1, 2], "transposeBackward": [0, 1, 2], "spacingDhw": [2.0, 1.0, 1.0],
        "normalization": [{"scheme": "noNorm"}],
        "resampling": {
            "image": {"order": 3, "orderZ": 0, "separateZ": "auto"},
            "output": {"order": 1, "orderZ": 0, "separateZ": "auto"}, "anisotropyThreshold": 3,
        },
        "tiling": {"step": 0.5, "sigmaScale": 0.125}, "mirroring": {"axes": [0, 1, 2], "byDefault": False},
    }  # fmt: skip
    return {"pipeline": base | pipeline, "patchDhw": [8, 8, 8], "output": {"activation": "softmax"}}


@pytest.mark.parametrize("transpose", [([0, 1, 2], [0, 1, 2]), ([2, 0, 1], [1, 2, 0])])
@pytest.mark.parametrize("run", [nnunet.segment_v1, nnunet.segment_v2])
def test_thresholding_a_block_finds_the_block_again(run, transpose):
    scan = np.zeros((1, 12, 20, 18), np.float32)
    scan[0, 2:10, 4:16, 3:15] = 1
    scan[0, 4:8, 7:12, 5:11] = 3
    described = manifest(transposeForward=transpose[0], transposeBackward=transpose[1], spacingDhw=[1.0, 1.0, 1.0])
    if run is nnunet.segment_v2:
        described["pipeline"]["normalization"] = [{"scheme": "No"}]
    stages = Stages()
    labels = run(scan, np.ones(3), described, lambda x: np.concatenate([2 - x, x - 2], 1), keep=stages)
    np.testing.assert_array_equal(labels, scan[0] > 2)
    assert stages.arrays["cropped"].shape[1:] == tuple(np.array([8, 12, 12])[transpose[0]])
    assert {"resampled", "normalised", "first-window", "last-window", "blended", "labels"} <= set(stages.arrays)


@pytest.mark.parametrize("axcodes", ["RAS", "LPS", "SAR"])
def test_monai_masks_come_back_on_the_files_axes(axcodes):
    rng = np.random.default_rng(2)
    scan = rng.uniform(0, 0.2, (1, 12, 16, 14)).astype(np.float32)
    scan[0, 3:9, 2:9, 5:12] += 0.8
    affine = np.array([[0, -1.5, 0, 4], [2.0, 0, 0, 5], [0, 0, 3, 6], [0, 0, 0, 1]])
    described = {
        "pipeline": {
            "axcodes": axcodes, "spacingDhw": None, "interpolation": {"image": "linear", "output": "linear"},
            "intensity": {"scheme": "none"}, "tiling": {"overlap": 0.5, "mode": "gaussian"},
        },
        "patchDhw": [8, 8, 8], "output": {"activation": "softmax"},
    }  # fmt: skip
    labels = monai.segment(scan, affine, described, lambda x: np.concatenate([0.5 - x, x - 0.5], 1))
    np.testing.assert_array_equal(labels, scan[0] > 0.5)
