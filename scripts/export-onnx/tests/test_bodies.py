"""Bodies around made-up labels and limbs: what is filled in, and which maps are refused."""

import pathlib

import nibabel
import numpy as np
import pytest
import scipy.ndimage

from unetrpp.data import bodies, body_maps
from unetrpp.training import config as configuration

CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "abdomen-ct.toml"


def test_gaps_between_labels_become_fat_and_the_rest_knows_how_far_away_they_are():
    labels = np.zeros((2, 40, 60), np.uint8)
    labels[0, 10:30, 10:20] = labels[0, 10:30, 40:50] = bodies.LIVER  # 30 mm apart
    tissue, outside = body_maps.surround(labels, 1.5)
    pad = int(bodies.RIM_MM / 1.5)
    row = pad + 20
    assert (tissue[0, row, pad + 20 : pad + 40] == bodies.FAT).all()
    assert (outside[0, row, pad + 10 : pad + 50] == 0).all()
    np.testing.assert_array_equal(outside[0, row, pad + 50 : pad + 54], [1, 2, 3, 4])
    assert not tissue[1].any()
    assert (outside[1] == 255).all()


def test_arms_and_legs_have_hollow_bones_in_muscle_and_nothing_to_label():
    labelled = {id_ for label in configuration.load(CONFIG).labels[1:] for id_ in label.sources}
    hollow = 0
    for seed in range(8):
        tissue = bodies.limb(np.random.default_rng(seed), (48, 64, 80), 3.0)
        bone, muscle = tissue == bodies.FEMUR, tissue == bodies.THIGH
        assert bone.any()
        assert muscle.sum() > bone.sum()
        assert not labelled & set(tissue.unique().tolist())
        marrow = [scipy.ndimage.binary_fill_holes(plane) & ~plane & (m == bodies.SUBCUTANEOUS).numpy()
                  for plane, m in zip(bone.numpy(), tissue, strict=True)]  # fmt: skip
        hollow += np.any(marrow)
    assert hollow >= 5, "but for joints"


@pytest.mark.parametrize(
    ("id_", "spacing", "message"),
    [(bodies.LIVER, 2.0, r"1\.5.* mm; this kind of data wants 2\.0 mm"), (200, 1.5, "the id 200")],
)
def test_maps_on_another_grid_or_with_other_ids_are_refused_by_value(tmp_path, id_, spacing, message):
    file = tmp_path / "a.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.full((4, 4, 4), id_, np.uint8), np.diag([1.5, 1.5, 1.5, 1])), file)
    with pytest.raises(ValueError, match=message):
        body_maps.load(file, spacing)
