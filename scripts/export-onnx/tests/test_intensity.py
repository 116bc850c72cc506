"""Padding, outliers and what a scan looks like: the same scans as in src/volume/intensity.test.ts, and whole masks."""

import re

import nibabel
import numpy as np
import pytest

from unetrpp.inference import scan_file, segmentation
from unetrpp.inference.intensity import intensity_of, without_padding
from unetrpp.inference.schemes import organscope

TILING = {"step": 0.5, "sigmaScale": 0.125}
LARGEST = np.finfo(np.float32).max


def around(mean, width, count, seed=1):
    """Whole numbers."""
    random = np.random.default_rng(seed).uniform(-0.5, 0.5, (3, count)).sum(0)
    return np.round(mean + width * random).astype(np.float32)


def brain(background):
    return np.concatenate([np.full(6000, background, np.float32), np.maximum(1, around(120, 100, 2000))])


def chest(air, *more):
    body = [around(air, 20, 3000), around(air + 1040, 60, 3000, 2), around(air + 1700, 400, 200, 3)]
    return np.concatenate([*body, *(np.full(count, value, np.float32) for value, count in more)])


@pytest.mark.parametrize("background", [-1, -20, -1000, -1024, -32768, -LARGEST, 32767, 65535, 1e30, LARGEST])
def test_padding_is_found_and_taken_as_the_background(background):
    scan = brain(background)
    intensity = intensity_of(scan)
    looks_like = "unknown" if -1100 <= background <= -700 else "MR"  # what could be air
    assert (intensity.min, intensity.background, intensity.looks_like) == (1, 0, looks_like)
    assert intensity.below + intensity.above == pytest.approx(0.75)
    np.testing.assert_array_equal(without_padding(scan, intensity, intensity.background), brain(0))


def test_two_kinds_of_padding_and_outliers():
    for first, second in ((-32768, -1000), (-1000, 32767), (-32768, 1e30)):
        scan = np.concatenate([brain(first), np.full(3000, second, np.float32)])
        intensity = intensity_of(scan)
        np.testing.assert_array_equal(without_padding(scan, intensity, 0), np.append(brain(0), np.zeros(3000)))
    scan = np.append(brain(0), np.array([3e38, 1e6, -5e5], np.float32))
    intensity = intensity_of(scan)
    top = brain(0).max()
    np.testing.assert_array_equal(without_padding(scan, intensity, 0)[-3:], [top, top, 0])


@pytest.mark.parametrize(
    "scan",
    [
        brain(0),
        chest(-1000),
        chest(-1000, (-1024, 5000)),
        (brain(0) - 40) / 60,
        np.repeat([0, 1], [900, 100]),
        np.arange(-4096, 4096),
        around(-500, 300, 5000),
        np.append(brain(0), [600, 700]),
    ],
)
def test_padding_is_not_found_where_there_is_none(scan):
    scan = scan.astype(np.float32)
    intensity = intensity_of(scan)
    assert (intensity.below, intensity.above) == (0, 0)
    assert without_padding(scan, intensity, 0) is scan


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        (chest(-1000), "CT"),
        (chest(-1000, (-9999, 4000)), "CT"),
        (chest(-1000, (30_000, 5), (3071, 9)), "CT"),
        (np.maximum(0, chest(24)), "MR"),
        (np.append(around(-100, 40, 2000), around(50, 60, 2000)), "unknown"),
        (np.append(np.full(5000, -1000), around(60, 30, 3000)), "unknown"),  # a brain cut out of its skull
        (brain(0) * 10 - 500, "unknown"),
        (brain(0) * 50 - 800, "MR"),
    ],
)
def test_what_a_scan_looks_like(scan, expected):
    assert intensity_of(scan).looks_like == expected


@pytest.mark.parametrize("background", [-32768, -1000, -LARGEST, 1e30])
def test_a_mask_does_not_depend_on_the_value_of_the_padding(background):
    """A network that marks the brighter half of [0, 1]; resampling mixes the block's edge with what is around it."""
    rng = np.random.default_rng(2)
    scan = np.zeros((30, 32, 28), np.float32)
    scan[5:24, 6:25, 4:22] = rng.uniform(20, 250, (19, 19, 18))
    scheme = {"spacingDhw": [1.4, 1.4, 1.4], "normalization": {"scheme": "percentile", "lower": 0.5, "upper": 99.5}}
    description = {"patchDhw": [16, 16, 16], "pipeline": scheme | {"tiling": TILING}}

    def mask(values):
        return organscope.segment(values, np.eye(4), description, lambda x: np.concatenate([0.5 - x, x - 0.5], 1))

    expected = mask(scan)
    assert 0.1 < expected.mean() < 0.5
    np.testing.assert_array_equal(mask(np.where(scan == 0, np.float32(background), scan)), expected)


def test_numbers_beyond_float32_are_its_largest(tmp_path):
    data = np.where(np.arange(27).reshape(3, 3, 3) < 9, -1e300, 5.0)
    nibabel.save(nibabel.Nifti1Image(data, np.eye(4)), tmp_path / "a.nii")
    assert scan_file.read_scan(tmp_path / "a.nii")[0].min() == -LARGEST


def describe(modality, **pipeline_changes):
    return {"modality": modality, "extentMm": {"atLeastXyz": [1, 1, 60]}, "pipeline": pipeline_changes}


OURS = {"scheme": "organscope-v1"}
ZSCORE = {"scheme": "nnunet-v2", "normalization": [{"scheme": "ZScore", "useMask": True}]}


@pytest.mark.parametrize(
    ("scan", "modality", "scheme", "code", "named"),
    [
        (brain(0), "MR", OURS, None, ""),
        (chest(-1000), "MR", OURS, "modality", r"head\.nii looks like CT \(values from -1027 to "),
        (np.maximum(0, chest(24)), "CT", OURS, "not-hounsfield", "intercept"),
        (brain(0) * 10 - 500, "CT", OURS, "modality-unknown", "may not be CT"),
        (brain(0) * 10 - 500, "MR", OURS, "modality-unknown", "may be CT"),
        (brain(-32768), "MR", OURS, None, ""),
        (brain(-32768), "MR", ZSCORE, "padding", r"75\.0 % of the voxels of head\.nii .*\(-32768, the rest 1 to "),
    ],
)
def test_warnings_before_a_run(scan, modality, scheme, code, named):
    channels = scan[: scan.size // 100 * 100].reshape(1, -1, 10, 10).astype(np.float32)
    warnings = segmentation.judge(["head.nii"], channels, np.eye(4), describe(modality, **scheme))
    assert [warning.code for warning in warnings] == ([code] if code else [])
    assert not code or re.search(named, warnings[0].message)
    [extent] = segmentation.judge(
        ["head.nii"], brain(0)[:6000].reshape(1, 1, 6, 1000), np.eye(4), describe("MR", **OURS)
    )
    assert "1 mm from foot to head, but the model is made for scans of at least 60 mm" in extent.message
