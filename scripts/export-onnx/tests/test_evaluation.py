"""Figures, contact sheet and card: known shapes with known answers."""

import json

import numpy as np
import pytest
from PIL import Image

from unetrpp.data import reference
from unetrpp.evaluation import card, contact_sheet, metrics, report, scores
from unetrpp.inference import manifest

LABELS = [
    {"id": 0, "name": "background", "sources": [0], "color": [0, 0, 0]},
    {"id": 1, "name": "ventricle", "sources": [4, 43], "color": [255, 0, 0]},
    {"id": 2, "name": "absent", "sources": [99], "color": [0, 255, 0]},
]


def block(low: int, high: int) -> np.ndarray:
    mask = np.zeros((12, 12, 12), bool)
    mask[low:high, 2:6, 2:6] = True
    return mask


def test_dice_counts_overlap_and_maps_reference_ids():
    expected = reference.to_labels(np.array([0, 4, 43, 43, 0]), LABELS)
    assert expected.tolist() == [0, 1, 1, 1, 0]
    figures = scores.score(np.array([1, 1, 1, 0, 0]), expected, LABELS, (1.0,))
    assert {name: f["dice"] for name, f in figures.items()} == {
        "all structures": pytest.approx(4 / 6), "ventricle": pytest.approx(4 / 6), "absent": None,
    }  # fmt: skip


def test_hausdorff_distance_of_shifted_blocks_is_the_shift_in_mm():
    # Moved by 3 voxels of 2 mm: the far face, a quarter of the surface and more, lies 6 mm away.
    assert metrics.hd95(block(2, 6), block(5, 9), (2, 1, 1)) == pytest.approx(6)
    assert metrics.hd95(block(2, 6), block(2, 6), (2, 1, 1)) == 0
    assert metrics.hd95(block(2, 6), block(2, 2), (2, 1, 1)) is None


def test_hausdorff_distance_takes_the_worse_direction():
    long, short = block(2, 12), block(2, 4)
    assert metrics.hd95(long, short, (1, 1, 1)) == metrics.hd95(short, long, (1, 1, 1)) >= 7


def test_volume_error_is_signed_and_in_per_cent():
    figures = metrics.structure(block(2, 5), block(2, 6), (1, 2, 5))
    assert figures["volumeMl"] == pytest.approx(3 * 16 * 10 / 1000)
    assert figures["volumeErrorPercent"] == pytest.approx(-25)
    assert metrics.structure(block(2, 5), block(2, 2), (1, 1, 1))["volumeErrorPercent"] is None


def test_a_summary_leaves_out_scans_without_the_structure():
    scans = [
        {"a": metrics.structure(block(2, 6), block(2, 6), (1, 1, 1))},
        {"a": metrics.structure(block(2, 5), block(2, 6), (1, 1, 1))},
        {"a": metrics.structure(block(0, 0), block(0, 0), (1, 1, 1))},
    ]
    summary = metrics.summarise(scans)["a"]
    assert summary["dice"]["n"] == 2
    assert summary["dice"]["worst"] == pytest.approx(6 / 7)
    assert summary["dice"]["mean"] == pytest.approx((1 + 6 / 7) / 2)
    assert summary["volumeErrorPercent"]["worst"] == pytest.approx(-25)
    assert summary["absoluteVolumeErrorPercent"]["mean"] == pytest.approx(12.5)


def test_a_structure_that_is_missed_or_invented_is_counted_where_it_has_no_distance():
    """Such a scan has Dice 0; its HD95 once vanished, as if the structure were not in the scans."""
    there, empty = block(2, 6), block(0, 0)
    pairs_of = {"found": (there, there), "missed": (empty, there), "invented": (there, empty), "absent": (empty, empty)}
    one = {name: metrics.structure(*masks, (1, 1, 1)) for name, masks in pairs_of.items()}
    summary = metrics.summarise([one])
    assert {name: figures.get("dice", {}).get("mean") for name, figures in summary.items()} == {
        "found": 1, "missed": 0, "invented": 0, "absent": None,
    }  # fmt: skip
    assert {name: report.distance(figures) for name, figures in summary.items()} == {
        "found": "0.0", "missed": "missed", "invented": "not there but found", "absent": "-",
    }  # fmt: skip
    rows = report.table(summary).splitlines()[1:]
    assert [("missed" in row, "not in the scans" in row) for row in rows] == [(0, 0), (1, 0), (0, 0), (0, 1)]
    twice = metrics.summarise([one, {name: one["found"] for name in one}])
    assert report.distance(twice["missed"]) == "0.0; missed in 1 of 2"
    assert report.distance(twice["absent"]) == "0.0"


def test_a_single_scan_has_no_deviation():
    figures = metrics.summarise([{"a": metrics.structure(block(2, 5), block(2, 6), (1, 1, 1))}])
    assert figures["a"]["dice"]["sd"] is None
    assert "±" not in report.table(figures).splitlines()[1]
    assert report.spread(figures["a"]["dice"], 3) == "0.857"


def test_structures_that_a_reference_does_not_have_are_not_measured():
    labels = [*LABELS, {"id": 3, "name": "liver", "sources": [5], "color": [0, 0, 255]}]
    expected = np.array([1, 1, 0, 0])
    figures = scores.score(np.array([1, 1, 3, 3]), expected, labels, (1.0,), ("ventricle",))
    assert {name: f["dice"] for name, f in figures.items()} == {"ventricle": 1}


@pytest.mark.parametrize(
    ("modality", "scheme", "wanted"),
    [
        ("CT", {"scheme": "range", "lower": -200, "upper": 300}, (-200, 300)),
        ("CT", [{"scheme": "nnunet-ct"}], contact_sheet.SOFT_TISSUE),
        ("MR", {"scheme": "percentile", "lower": 0.5, "upper": 99.5}, None),
    ],
)
def test_the_contact_sheet_of_ct_has_the_models_window(modality, scheme, wanted):
    window = contact_sheet.window({"modality": modality, "pipeline": {"normalization": scheme}})
    assert window == wanted
    if window is None:
        return
    scan = np.full((8, 8, 2), -1000.0)
    scan[2:6] = np.mean(window)
    scan[7, 7, 1] = 3000  # metal, by which percentiles would go
    mask = np.zeros(scan.shape, np.uint8)
    mask[2:6, 2:6, 0] = 1
    sheet = contact_sheet.Sheet(LABELS, window)
    sheet.add("ct", 1.0, scan, mask, mask, np.eye(4))
    bare = np.asarray(sheet.rows[0].strip)[contact_sheet.CAPTION :, : contact_sheet.TILE]
    assert abs(int(bare[bare.shape[0] // 2, bare.shape[1] // 2, 0]) - 127) <= 2


def test_the_contact_sheet_shows_the_worst_scan_first(tmp_path):
    sheet = contact_sheet.Sheet(LABELS)
    scan, reference = np.random.default_rng(0).random((20, 24, 6)), np.zeros((20, 24, 6), np.uint8)
    reference[5:10, 5:10, 3] = 1
    for name, dice, mask in (("good", 1.0, reference), ("bad", 0.0, np.zeros_like(reference))):
        sheet.add(name, dice, scan, mask, reference, np.diag([1.5, 1.5, 8, 1]))
    sheet.save(tmp_path / "sheet.png")
    image = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    redness = image[..., 0] - image[..., 1]

    def painted(row: int, tile: int) -> bool:
        left = row * (3 * contact_sheet.TILE + 6) + tile * contact_sheet.TILE
        return bool((redness[contact_sheet.CAPTION :, left : left + contact_sheet.TILE] > 60).any())

    assert [painted(0, tile) for tile in range(3)] == [False, True, False]  # bare slice, reference, empty mask
    assert [painted(1, tile) for tile in range(3)] == [False, True, True]


PIECE = {"file": "model.onnx", "bytes": 10, "sha256": "ab" * 32}
PIPELINE = {
    "scheme": "organscope-v1", "spacingDhw": [2.0, 1.0, 1.0], "orientation": "RAS",
    "normalization": {"scheme": "percentile", "lower": 0.5, "upper": 99.5},
    "tiling": {"step": 0.5, "sigmaScale": 0.125},
}  # fmt: skip


@pytest.fixture
def model(tmp_path):
    """A folder with a manifest and an evaluation of four scans, no weights."""
    description = {
        "format": "organscope-model", "formatVersion": manifest.FORMAT_VERSION, "name": "tiny", "title": "Tiny",
        "version": "1", "task": "segmentation", "modality": "MR", "channels": [{"name": "T1"}], "labels": LABELS,
        "patchDhw": [8, 8, 8], "pipeline": PIPELINE,
        "weights": {"bytes": 10, "sha256": "ab" * 32, "precision": "fp32", "files": [PIECE]},
        "license": "CC0", "trainingData": [{"name": "Set", "license": "CC0", "source": "Here"}], "intendedUse": "Tests",
        "limitations": "Many.", "failures": "Thin tails are cut.", "split": "Held out: d.", "test": "Four phantoms.",
    }  # fmt: skip
    figures = [metrics.structure(block(2, 6 - i), block(2, 6), (1, 1, 1)) for i in range(4)]
    scans = [{"scan": f"{n}.nii.gz", "structures": {"ventricle": f}} for n, f in zip("abcd", figures, strict=True)]
    measured = {
        "command": "python -m unetrpp.evaluate tiny --test tiny.toml --data data",
        "meanDice": metrics.spread([f["dice"] for f in figures], min),
        "summary": metrics.summarise([scan["structures"] for scan in scans]), "scans": scans,
    }  # fmt: skip
    manifest.write(tmp_path, description)
    report.store(tmp_path, "test", measured)
    return tmp_path


def test_the_manifest_carries_the_mean_and_the_worst_of_many_scans(model):
    measured = json.loads((model / manifest.EVALUATION).read_text())["test"]
    mean, worst = manifest.read(model)["evaluation"]
    assert mean["scan"] == "mean of 4 test scans"
    assert mean["dice"]["ventricle"] == pytest.approx(np.mean([1, 6 / 7, 2 / 3, 0.4]), abs=1e-4)
    assert worst["scan"] == "worst of them, d.nii.gz"
    assert mean["command"] == measured["command"]
    measured["scans"] = measured["scans"][:2]
    entries = report.manifest_entries(measured, "development")
    assert [entry["scan"] for entry in entries] == ["a.nii.gz (development)", "b.nii.gz (development)"]


def test_the_manifest_carries_figures_of_the_test_before_those_that_chose(model):
    measured = json.loads((model / manifest.EVALUATION).read_text())["test"]
    report.store(model, "development", measured | {"command": "other"})
    assert {entry["command"] for entry in manifest.read(model)["evaluation"]} == {measured["command"]}
    assert set(json.loads((model / manifest.EVALUATION).read_text())) == {"weightsSha256", "test", "development"}
    description = manifest.read(model)
    description["weights"]["sha256"] = "cd" * 32
    manifest.write(model, description)
    report.store(model, "development", measured | {"command": "other"})
    assert {entry["command"] for entry in manifest.read(model)["evaluation"]} == {"other"}, (
        "the test was of other weights"
    )


def test_a_card_carries_figures_commands_split_and_failures(model):
    log = model / "log.jsonl"
    entries = [
        {"step": 100, "seconds": 60, "mean_dice": 0.5}, {"step": 200, "seconds": 120, "mean_dice": 0.7},
        {"step": 200, "seconds": 150, "mean_dice": 0.71}, {"step": 220, "seconds": 160, "loss": 0.4},
    ]  # fmt: skip
    log.write_text("\n".join(json.dumps(entry) for entry in entries))
    assert not any(
        words in card.write(model) for words in ("Experimental", "Islands", "Slices", "Where it saves windows")
    )
    additions = {"experimental": True, "start": "runs/other/checkpoint.pt", "earlier": "3 hours of 0.1.0"}
    labels = [LABELS[0], LABELS[1] | {"leastMl": 2.5}, LABELS[2]]
    extent = {"atLeastXyz": [100, 120, 110], "atMostXyz": [320, 320, 320.5]}
    pipeline = PIPELINE | {"baseCertainty": 0.875}
    pipeline["firstLook"] = {"coarser": 2, "marginMm": 8, "leastMl": 300.0}
    described = manifest.read(model) | {"extentMm": extent, "labels": labels, "pipeline": pipeline}
    manifest.write(model, described | additions)
    (model / card.TRAINING).write_text(json.dumps(card.curve(log)))
    text = card.write(model)
    for expected in (
        "| ventricle | 0.731 ± 0.260 (0.400) |",
        "python -m unetrpp.evaluate tiny --test tiny.toml --data data",
        "These scans chose nothing: what was trained, tuned or stopped was not decided by them. Four phantoms.",
        "Held out: d.",
        "Thin tails are cut.",
        "| d.nii.gz | 0.400 | 0.400 |",
        "| minutes | 1 | 2 |",
        "| Dice | 0.500 | 0.710 |",
        "220 steps, 3 minutes by the clock, and before them 3 hours of 0.1.0. Mean Dice of the development scans",
        "configs/tiny.toml --data ../shared/data --start runs/other/checkpoint.pt",
        "Weights: CC0",
        "**Experimental**",
        "on average less than 87.5 % certain to be no background.",
        "looked at on 4 x 2 x 2 mm first; what lies more than 8 mm beyond the largest thing found there is left out, "
        "if that has at least 300 ml.",
        "Islands smaller than this become what is around them: 2.5 ml: ventricle.",
        "; made for scans of at least 100 x 120 x 110 and at most 320 x 320 x 320.5 mm (",
    ):
        assert expected in text
    assert "git archive" not in text
    assert "No scan that chose nothing" not in text
    manifest.write(model, described | {"start": "public/models/other", "startCommit": "abc1234"})
    expected = (
        "git archive abc1234 public/models/other | tar -x -C runs\n"
        "python -m unetrpp.train scripts/export-onnx/configs/tiny.toml --data ../shared/data "
        "--start runs/public/models/other\n"
    )
    assert expected in card.write(model)


def test_a_card_refuses_figures_of_other_weights(model):
    description = manifest.read(model)
    description["weights"]["sha256"] = "cd" * 32
    manifest.write(model, description)
    with pytest.raises(manifest.ManifestError, match="measured on other weights"):
        card.write(model)


def test_a_card_says_so_when_no_figure_chose_nothing_and_what_was_chosen(model):
    description = manifest.read(model)
    described = {"untested": "There is no other scan.", "development": "Ten frames, which chose the margin."}
    manifest.write(model, {k: v for k, v in description.items() if k != "test"} | described)
    evaluation = json.loads((model / manifest.EVALUATION).read_text())
    evaluation["development"] = evaluation.pop("test")
    (model / manifest.EVALUATION).write_text(json.dumps(evaluation))
    text = card.write(model)
    assert "**No scan that chose nothing has been measured.** There is no other scan." in text
    assert "Choices were made on these scans, so others may come out worse. Ten frames, which chose the margin." in text
    assert "### Test" not in text
    manifest.write(model, description | described)
    assert f"### Test\n\n{card.PROMISES['test']} Four phantoms.\n\nNot measured yet." in card.write(model)
