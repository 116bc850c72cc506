"""Reference labels whose ids or grid would give a wrong Dice, and folders of them."""

import json
import sys

import nibabel
import numpy as np
import pytest

from unetrpp import evaluate as evaluate_command
from unetrpp.config import labels
from unetrpp.data import reference, scan_sets
from unetrpp.data.reference import Meaning, ReferenceLabelsError
from unetrpp.inference import manifest, runtime, segmentation

LABELS = [
    {"id": 0, "name": "background", "sources": [0, 24], "color": [0, 0, 0]},
    {"id": 1, "name": "left cerebral cortex", "sources": [3], "color": [255, 0, 0]},
    {"id": 2, "name": "right cerebral cortex", "sources": [42], "color": [0, 255, 0]},
]


def test_an_id_without_a_meaning_is_refused_with_its_voxels_and_not_taken_for_background():
    ids = np.array([0, 3, 42, 24, 1003, 1003, 2010, 85, 0])
    with pytest.raises(ReferenceLabelsError) as refusal:
        reference.to_labels(ids, LABELS, name="a_labels.nii.gz")
    for words in (
        "a_labels.nii.gz has 3 ids", "85 (1 voxels), 1003 (2 voxels), 2010 (1 voxels)", "--map aparc",
        "--background 85.",
    ):  # fmt: skip
        assert words in str(refusal.value)


def test_parcellated_cortex_counts_as_cortex_and_what_is_called_background_as_none():
    ids = np.array([0, 3, 24, 1000, 1035, 2035, 11175, 12100, 85])
    meaning = Meaning(reference.read_mapping(["aparc"]), frozenset(labels.ids_of(["85"])))
    assert reference.to_labels(ids, LABELS, meaning).tolist() == [0, 1, 0, 1, 1, 2, 1, 2, 0]
    own = Meaning(reference.read_mapping(["7-8=3", "9=42"]))
    assert reference.to_labels(np.array([7, 8, 9]), LABELS, own).tolist() == [1, 1, 2]
    with pytest.raises(ReferenceLabelsError, match=r"5 \(1 voxels, mapped to 99\)"):
        reference.to_labels(np.array([5]), LABELS, Meaning({5: 99}))


def test_ids_of_one_reference_may_be_those_of_other_structures_of_the_model():
    """Renumbered at once, not one after the other; and background wins over what the model collects."""
    swapped = Meaning({3: 42, 42: 3}, frozenset([24]))
    assert reference.to_labels(np.array([3, 42, 24]), LABELS, swapped).tolist() == [2, 1, 0]
    assert reference.to_labels(np.array([3, 42]), LABELS, Meaning({42: 3}, frozenset([3]))).tolist() == [0, 1]


@pytest.mark.parametrize("ids", [[-1, 3], [3, 1 << 30]])
def test_values_that_are_no_ids_are_refused(ids):
    """A negative one once counted from the end of a table."""
    with pytest.raises(ReferenceLabelsError):
        reference.to_labels(np.array(ids), LABELS)


@pytest.mark.parametrize("words", [["aparc2"], ["x=3"], ["5=x"]])
def test_a_mapping_that_cannot_be_read_is_refused(words):
    with pytest.raises(ValueError, match=r"IDS=ID|no id and no range"):
        reference.read_mapping(words)


@pytest.fixture
def scan(tmp_path):
    affine = np.diag([1.0, 1, 2, 1])
    nibabel.save(nibabel.Nifti1Image(np.ones((6, 5, 4), np.float32), affine), tmp_path / "scan.nii.gz")
    return tmp_path / "scan.nii.gz", affine


def labels_of(scan, values, affine):
    path = scan.with_name("labels.nii.gz")
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return path


def test_labels_on_another_grid_than_the_scan_are_refused_with_the_distance(scan):
    path, affine = scan
    values = np.zeros((6, 5, 4, 1), np.uint8)
    assert reference.read(labels_of(path, values, affine), path, (6, 5, 4), affine).shape == (6, 5, 4)
    mirrored = affine @ np.diag([-1.0, 1, 1, 1])
    with pytest.raises(ReferenceLabelsError, match=r"lies up to 10\.00 mm from"):
        reference.read(labels_of(path, values, mirrored), path, (6, 5, 4), affine)
    near = affine.copy()
    near[0, 3] = 0.05
    reference.read(labels_of(path, values, near), path, (6, 5, 4), affine)
    with pytest.raises(ReferenceLabelsError, match=r"\(6, 5, 4\) voxels, its labels .* have \(5, 6, 4\)"):
        reference.read(labels_of(path, np.zeros((5, 6, 4), np.uint8), affine), path, (6, 5, 4), affine)


def test_values_between_ids_are_refused(scan):
    path, affine = scan
    values = np.ones((6, 5, 4), np.float32)
    values[0, 0, :2] = 0.5, np.nan
    with pytest.raises(ReferenceLabelsError, match=r"2 voxels that are no label ids, such as 0\.5"):
        reference.read(labels_of(path, values, affine), path, (6, 5, 4), affine)


def touch(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_folders_are_matched_by_name_and_files_without_a_partner_are_named(tmp_path):
    images = touch(tmp_path / "images", "b_0000.nii.gz", "a_0000.nii.gz", "alone_0000.nii.gz", "notes.txt")
    labels = touch(tmp_path / "labels", "a.nii.gz", "b.nii", "other.nii.gz")
    scans, alone = scan_sets.match([images], [labels])
    assert [(a.name, b.name) for a, b in scans] == [("a_0000.nii.gz", "a.nii.gz"), ("b_0000.nii.gz", "b.nii")]
    assert {file.name for file in alone} == {"alone_0000.nii.gz", "other.nii.gz"}
    mixed = touch(tmp_path / "mixed", "x_ct_1.5mm.nii.gz", "x_labels_1.5mm.nii.gz", "y.nii.gz", "y_gt.nii.gz")
    scans, alone = scan_sets.match([mixed], [mixed])
    assert [(a.name, b.name) for a, b in scans] == [
        ("x_ct_1.5mm.nii.gz", "x_labels_1.5mm.nii.gz"), ("y.nii.gz", "y_gt.nii.gz"),
    ]  # fmt: skip
    assert not alone


def test_what_cannot_be_matched_is_refused(tmp_path):
    images, labels = touch(tmp_path / "i", "a.nii.gz"), touch(tmp_path / "l", "b.nii.gz")
    with pytest.raises(ValueError, match=r"No label map in .* has the name of a scan in"):
        scan_sets.match([images], [labels])
    touch(images, "a_ct.nii.gz")
    with pytest.raises(ValueError, match="cannot be told apart by name"):
        scan_sets.match([images], [labels])
    with pytest.raises(ValueError, match="2 images but 1 label maps"):
        scan_sets.match([images / "a.nii.gz", images / "a_ct.nii.gz"], [labels / "b.nii.gz"])


def test_the_command_refuses_with_a_sentence_and_prints_itself_with_its_mapping(tmp_path, scan, monkeypatch, capsys):
    path, affine = scan
    values = np.full((6, 5, 4), 1003, np.int16)
    labels_of(path, values, affine)
    description = {
        "labels": LABELS,
        "channels": [{"name": "T1"}],
        "name": "m",
        "version": "1",
        "weights": {"sha256": ""},
    }
    monkeypatch.setattr(manifest, "read", lambda folder: description)
    monkeypatch.setattr(manifest, "read_weights", lambda folder, description: b"")
    monkeypatch.setattr(runtime, "onnx_network", lambda weights: None)
    monkeypatch.setattr(segmentation, "segment", lambda channels, *_: np.ones(channels.shape[1:], np.uint8))
    files = ["--images", str(path), "--labels", str(path.with_name("labels.nii.gz"))]
    monkeypatch.setattr(sys, "argv", ["evaluate", "model", *files])
    assert evaluate_command.main() == 1
    assert "1003 (120 voxels)" in capsys.readouterr().err
    monkeypatch.setattr(
        sys, "argv", ["evaluate", "model", *files, "--map", "aparc", "--json", str(tmp_path / "r.json")]
    )
    assert evaluate_command.main() == 0
    assert "scan.nii.gz: mean Dice 1.000" in capsys.readouterr().out
    assert "--map aparc" in (tmp_path / "r.json").read_text()

    # Neither has anything: no figure, and no "NaN" that JSON does not know.
    labels_of(path, np.zeros((6, 5, 4), np.uint8), affine)
    monkeypatch.setattr(segmentation, "segment", lambda channels, *_: np.zeros(channels.shape[1:], np.uint8))
    assert evaluate_command.main() == 0
    assert "no structure in reference or mask" in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text(), parse_constant=pytest.fail)["meanDice"] is None
