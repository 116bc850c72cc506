"""Development scans may choose, test scans choose nothing: what a configuration names, and what training refuses."""

import dataclasses
import json
import pathlib
import sys

import pytest

from unetrpp import evaluate as evaluate_command
from unetrpp.config.sections import ScanSet
from unetrpp.data import datasets, scan_sets
from unetrpp.data.pairs import PairsSection
from unetrpp.data.synthesis import LabelMapsSection
from unetrpp.data.torso import RealScan, TorsoSection
from unetrpp.evaluation import card
from unetrpp.inference import manifest
from unetrpp.onnx import describe
from unetrpp.training import config as configuration

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"
MODELS = pathlib.Path(__file__).parents[3] / "public" / "models"


@pytest.fixture
def data(tmp_path):
    for name in ("maps/a", "heads/h", "real/r_ct", "real/r_labels", "cases/p1/scan", "cases/p1/scan_gt"):
        path = tmp_path / f"{name}.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


SECTIONS = {
    "pairs": PairsSection(
        kind="pairs", images="cases/*/*.nii.gz", label_path=(".nii.gz", "_gt.nii.gz"), validation=()
    ),
    "label-maps": LabelMapsSection(kind="label-maps", folder="maps"),
    "torso": TorsoSection(
        kind="torso", folder="maps", maps=("a",), spacing=1.5, heads="heads",
        real=(RealScan("real/r_ct.nii.gz", "real/r_labels.nii.gz"),),
    ),
}  # fmt: skip


def model_of(kind, **sets):
    model = configuration.load(CONFIGS / "hippocampus.toml")
    return dataclasses.replace(model, data=SECTIONS[kind], development=None, **sets)


@pytest.mark.parametrize(
    ("kind", "locked"),
    [
        ("pairs", "cases/p1/scan.nii.gz"),
        ("label-maps", "maps/*.nii.gz"),
        ("torso", "real/../real/r_ct.nii.gz"),
        ("torso", "heads/h.nii.gz"),
        ("torso", "maps/a.nii.gz"),
    ],
)
def test_training_refuses_to_read_a_scan_of_the_test(data, kind, locked):
    model = model_of(kind, test=ScanSet("Locked.", (locked,), (".nii.gz", "_other.nii.gz")))
    with pytest.raises(scan_sets.LockedScanError, match=pathlib.Path(locked).name.replace("*", "a")):
        datasets.training(model, data)


def test_training_refuses_labels_of_the_test_and_a_link_to_its_scan(data):
    (data / "link.nii.gz").symlink_to(data / "real" / "r_ct.nii.gz")
    for image, labels in (("link.nii.gz", "none.nii.gz"), ("elsewhere.nii.gz", "real/r_labels.nii.gz")):
        (data / "elsewhere.nii.gz").touch()
        model = model_of("torso", test=ScanSet("Locked.", (image,), (image, labels)))
        with pytest.raises(scan_sets.LockedScanError):
            datasets.refuse_test_scans(model, data)


def test_training_refuses_a_copy_of_a_scan_of_the_test(data):
    for name in ("real/r_ct.nii.gz", "locked.nii.gz"):
        (data / name).write_bytes(b"a scan")
    model = model_of("torso", test=ScanSet("Locked.", ("locked.nii.gz",), ("locked", "labels")))
    with pytest.raises(scan_sets.LockedScanError, match=r"a copy of .*locked"):
        datasets.refuse_test_scans(model, data)
    (data / "locked.nii.gz").write_bytes(b"b scan")
    datasets.refuse_test_scans(model, data)


def test_a_development_scan_is_no_test_scan(data):
    chosen = ScanSet("Both.", ("real/r_ct.nii.gz",), ("_ct", "_labels"))
    model = dataclasses.replace(model_of("label-maps", test=chosen), development=chosen)
    with pytest.raises(scan_sets.LockedScanError, match="r_ct"):
        datasets.refuse_test_scans(model, data)
    datasets.refuse_test_scans(dataclasses.replace(model, test=None), data)


def test_a_label_map_configuration_without_scans_is_refused_with_a_sentence(data, monkeypatch, capsys):
    """It was a KeyError."""
    model = model_of("label-maps", test=None)
    monkeypatch.setattr(configuration, "load", lambda path: model)
    for option, words in (("--held-out", "which holds out no scan"), ("--test", "has no [test]")):
        monkeypatch.setattr(sys, "argv", ["evaluate", "m", option, "x.toml", "--data", str(data)])
        assert evaluate_command.main() == 1
        assert words in capsys.readouterr().err


def test_evaluation_takes_scans_and_what_their_labels_mean_from_the_configuration(tmp_path):
    model = configuration.load(CONFIGS / "abdomen-ct.toml")
    for scans in (model.development, model.test):
        for pattern in scans.images:
            for file in (tmp_path / pattern, scan_sets.label_path(tmp_path / pattern, tmp_path, scans)):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
    assert [(image.name, labels.name) for image, labels in datasets.development(model, tmp_path)] == [
        ("ts_example_ct_3mm.nii.gz", "ts_example_labels_3mm.nii.gz"),
        ("s0003_ct_1.5mm.nii.gz", "s0003_labels_1.5mm.nii.gz"),
    ]
    meaning = scan_sets.meaning(model, model.test)
    assert meaning.map == {1: 6, 3: 10, 4: 12}
    assert {2, 117} <= meaning.background
    assert meaning.labelled == ("stomach", "left lung", "right lung")


def test_labels_lie_where_the_configuration_says_whatever_the_data_folder_is_called(tmp_path):
    data = tmp_path / "images" / "data"
    plan = ScanSet("One.", label_path=("/images/", "/labels/"))
    assert scan_sets.label_path(data / "set/images/a.nii.gz", data, plan) == data / "set/labels/a.nii.gz"


def test_a_scan_set_with_an_unknown_entry_or_structure_is_refused(tmp_path):
    text = (CONFIGS / "abdomen-ct.toml").read_text()
    for old, new in (('labelled = ["stomach"', 'labelled = ["stomack"'), ("map = {", "mapping = {")):
        (tmp_path / "c.toml").write_text(text.replace(old, new))
        with pytest.raises(ValueError, match=r"\[test\]"):
            configuration.load(tmp_path / "c.toml")


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_what_is_shipped_says_what_its_configuration_says(path):
    """model.json and card are those that unetrpp.card makes of configuration, weights and figures."""
    folder, model = MODELS / path.stem, configuration.load(path)
    description = manifest.read(folder)
    made = describe.describe(model, description["weights"], description["evaluation"], description["selfTest"])
    assert json.loads(json.dumps(made)) == description
    assert card.write(folder) == (folder / card.CARD).read_text()
