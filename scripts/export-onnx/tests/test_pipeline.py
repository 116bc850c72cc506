"""The reference pipeline: each step against a plain statement of what it should do."""

import gzip

import nibabel
import numpy as np
import pytest

from unetrpp.inference import nifti_file, scan_file
from unetrpp.inference.schemes import organscope

TILING = {"step": 0.5, "sigmaScale": 0.125}
PERCENTILE = {"scheme": "percentile", "lower": 0.5, "upper": 99.5}


def test_resampling_keeps_constants_and_places_edges():
    constant = np.full((5, 7, 11), 3.25, np.float32)
    np.testing.assert_allclose(organscope.resample_linear(constant, (9, 3, 11)), 3.25, rtol=1e-6)
    ramp = np.broadcast_to(np.arange(12, dtype=np.float32), (2, 2, 12))
    half = organscope.resample_linear(ramp, (2, 2, 6))
    np.testing.assert_allclose(half[0, 0, 1:-1], [2.5, 4.5, 6.5, 8.5], rtol=1e-6)  # between voxels 2k and 2k + 1


def test_resampling_up_is_plain_linear_interpolation():
    line = np.array([[[0, 1, 4]]], np.float32)
    np.testing.assert_allclose(
        organscope.resample_linear(line, (1, 1, 6))[0, 0], [0, 0.25, 0.75, 1.75, 3.25, 4], rtol=1e-6
    )


def test_normalisation_ignores_how_much_background_there_is():
    rng = np.random.default_rng(0)
    brain = rng.uniform(100, 200, 1000).astype(np.float32)
    small = np.concatenate([np.zeros(10, np.float32), brain])
    large = np.concatenate([np.zeros(9000, np.float32), brain])
    np.testing.assert_array_equal(
        organscope.normalise(small, PERCENTILE)[-1000:], organscope.normalise(large, PERCENTILE)[-1000:]
    )


def test_a_constant_scan_is_refused_with_its_value():
    with pytest.raises(nifti_file.InvalidInputError, match="same value, 7"):
        organscope.normalise(np.full((4, 4, 4), 7, np.float32), PERCENTILE)


def test_a_range_of_intensities_is_the_same_for_every_scan():
    scheme = {"scheme": "range", "lower": -200, "upper": 300}
    scan = np.array([-1024, -200, -75, 50, 300, 3000], np.float32)
    np.testing.assert_array_equal(organscope.normalise(scan, scheme), np.array([0, 0, 0.25, 0.5, 1, 1], np.float32))
    np.testing.assert_array_equal(organscope.normalise(np.full(3, 50, np.float32), scheme), np.full(3, 0.5, np.float32))


@pytest.mark.parametrize("size", [(13, 17, 23), (8, 8, 8), (5, 9, 30)])
def test_sliding_window_of_a_voxelwise_network_is_that_network(size):
    """Logits (v, -v) at every voxel: any averaging of windows must give softmax of exactly that."""
    rng = np.random.default_rng(1)
    volume = rng.standard_normal(size).astype(np.float32)
    probabilities = organscope.sliding_window(volume, lambda x: np.concatenate([x, -x], 1), [8, 8, 8], TILING)
    np.testing.assert_allclose(probabilities[0], 1 / (1 + np.exp(-2 * volume)), atol=1e-6)


def test_mirrored_windows_exchange_left_and_right():
    """A network that sees the left structure (1) in the left half, which comes first, and is blind to the right one."""

    def network(x):
        left = np.zeros_like(x)
        left[..., :4] = 1
        return np.concatenate([1 - left, 5 * left, 0 * left], 1)

    volume, mirroring = np.zeros((4, 4, 8), np.float32), {"axes": [2], "exchange": [[1, 2]]}
    once = organscope.sliding_window(volume, network, [4, 4, 8], TILING)
    assert once[:, 0, 0].argmax(0).tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    both = organscope.sliding_window(volume, network, [4, 4, 8], TILING, mirroring=mirroring)
    assert both[:, 0, 0].argmax(0).tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    np.testing.assert_allclose(both.sum(0), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("planes", "expected"),
    [
        ([(90, 0.9), (80, 0.95), (10, 0.5)], [0, 0, 0]),
        ([(40, 0.6), (0, 0), (90, 0.8), (80, 0.9), (9, 0.6), (8, 0.9)], [1, 1, 1, 0, 0, 0]),
        ([(8, 0.6), (20, 0.9), (60, 0.95), (70, 0.7)], [0, 0, 0, 1]),
        ([(90, 0.9), (80, 0.6), (10, 0.9)], [0, 0, 0]),
        ([(90, 0.6), (10, 0.8)], [0, 0]),
    ],
)
def test_an_uncertain_base_ends_at_the_first_certain_plane(planes, expected):
    probabilities = np.zeros((2, len(planes), 1, 100), np.float32)
    for z, (labelled, certainty) in enumerate(planes):
        probabilities[1, z, 0, :labelled] = certainty
    probabilities[0] = 1 - probabilities[1]
    assert organscope.uncertain_base(probabilities, 0.875).tolist() == [bool(mark) for mark in expected]


def test_slices_of_an_uncertain_base_are_dropped_from_the_scan():
    """Brightness is certainty: the network gives class 1 a probability of the intensity."""
    scan = np.zeros((8, 8, 9), np.float32)
    for z, (brightness, width) in enumerate([(0.6, 6), (0.7, 6), (0.95, 6), (0.95, 5), (0.95, 4), (0.9, 3), (0.55, 2)]):
        scan[:, :width, z + 1] = brightness

    def network(x):
        p = np.clip(x, 0.001, 0.999)
        return np.concatenate([np.log(1 - p), np.log(p)], 1)

    scheme = {"spacingDhw": [2, 2, 2], "normalization": {"scheme": "range", "lower": 0, "upper": 1}, "tiling": TILING}
    description = {"patchDhw": [3, 8, 8], "pipeline": scheme | {"baseCertainty": 0.875}}
    for flip in (1, -1):
        mask = organscope.segment(scan[..., ::flip], np.diag([2.0, 2, 2, 1]), description, network)
        assert mask.sum((0, 1))[::flip].tolist() == [0, 0, 0, 48, 40, 32, 24, 16, 0]


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LIA", "PSR", "AIL"])
def test_masks_come_back_on_the_scans_own_axes(codes):
    """A thresholding network must mark the same voxels of a bright block, however the file orders its axes."""
    rng = np.random.default_rng(2)
    reference = rng.uniform(0, 0.2, (20, 24, 28)).astype(np.float32)
    reference[3:11, 6:20, 12:24] += 0.8
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    image = nibabel.Nifti1Image(reference, affine)
    turned = image.as_reoriented(
        nibabel.orientations.ornt_transform(nibabel.io_orientation(affine), nibabel.orientations.axcodes2ornt(codes))
    )
    scheme = {"spacingDhw": [2, 2, 2], "normalization": PERCENTILE, "tiling": TILING}
    description = {"patchDhw": [16, 16, 16], "pipeline": scheme}
    scan = turned.get_fdata(dtype=np.float32)
    mask = organscope.segment(scan, turned.affine, description, lambda x: np.concatenate([0.5 - x, x - 0.5], 1))
    np.testing.assert_array_equal(mask, scan > 0.5)


def test_labels_on_a_finer_grid_split_between_voxel_centres():
    probabilities = np.zeros((2, 1, 1, 2), np.float32)
    probabilities[0, 0, 0], probabilities[1, 0, 0] = [0.9, 0.1], [0.1, 0.9]
    reading = [organscope.taps(n, m, slice(0, m)) for n, m in ((1, 1), (1, 1), (8, 2))]
    assert organscope.labels_on_grid(probabilities, reading)[0, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(("n", "m"), [(7, 11), (11, 7), (8, 8), (30, 10), (1, 5)])
def test_a_part_of_a_grid_is_read_as_the_whole_is_but_at_its_edge(n, m):
    """Parts that make up the grid make up the scan; voxels that need one part alone read the same of it."""
    low, high, t = organscope.taps(n, m, slice(0, m))
    for cut in range(1, m):
        parts = slice(0, cut), slice(cut, m)
        inside = [organscope.voxels_in(n, m, part) for part in parts]
        assert [inside[0].start, inside[0].stop, inside[1].stop] == [0, inside[1].start, n]
        for part, voxels in zip(parts, inside, strict=True):
            mine = organscope.taps(n, m, part)
            for i, (a, b, share) in zip(range(voxels.start, voxels.stop), zip(*mine, strict=True), strict=True):
                if low[i] >= part.start and high[i] < part.stop:
                    assert (a + part.start, b + part.start) == (low[i], high[i])
                    assert share == pytest.approx(t[i], abs=1e-6)
                assert 0 <= a <= b < part.stop - part.start


def test_non_finite_voxels_become_the_background(tmp_path):
    data = np.arange(27, dtype=np.float32).reshape(3, 3, 3) - 5
    data[1, 1, 1], data[2, 2, 2] = np.nan, np.inf
    nibabel.save(nibabel.Nifti1Image(data, np.eye(4)), tmp_path / "a.nii.gz")
    scan, _ = scan_file.read_scan(tmp_path / "a.nii.gz")
    assert scan[1, 1, 1] == scan[2, 2, 2] == -5
    nibabel.save(nibabel.Nifti1Image(data + 10, np.eye(4)), tmp_path / "b.nii.gz")
    assert scan_file.read_scan(tmp_path / "b.nii.gz")[0][1, 1, 1] == 0


def test_an_sform_of_directions_alone_takes_its_voxel_size_from_pixdim(tmp_path):
    image = nibabel.Nifti1Image(np.ones((4, 5, 6), np.float32), np.diag([-1.0, -1, 1, 1]))
    image.header.set_qform(None, 0)
    image.header.set_sform(image.affine, 2)
    image.header["pixdim"][1:4] = [1.5625, 1.5625, 10]
    path = tmp_path / "acdc.nii.gz"
    image.to_filename(path)
    with gzip.open(path) as file:
        content = bytearray(file.read())
    content[80:92] = np.array([1.5625, 1.5625, 10], "<f4").tobytes()  # nibabel writes the sform's sizes into pixdim
    path.write_bytes(gzip.compress(content))
    np.testing.assert_array_equal(nibabel.load(path).affine, np.diag([-1.0, -1, 1, 1]))
    scan, read = scan_file.read_scan(path)
    assert scan.shape == (4, 5, 6)
    np.testing.assert_array_equal(read.affine, np.diag([-1.5625, -1.5625, 10, 1]))
    assert read.header.get_zooms() == (1.5625, 1.5625, 10)
