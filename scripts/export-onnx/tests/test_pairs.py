"""Training on real pairs, with tiny made-up ones: split, grid, augmentation, the whole run."""

import dataclasses
import json
import pathlib

import nibabel
import numpy as np
import pytest
import torch

from unetrpp.config.sections import Augmentation
from unetrpp.data import cases, datasets, pairs, reference, scan_sets
from unetrpp.training import by_steps, stepping
from unetrpp.training import config as configuration

CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "hippocampus.toml"
STILL = Augmentation(degrees_zyx=(0, 0, 0), scale=(1, 1), squeeze=0, bend=0, shift=(0, 0, 0))


@pytest.fixture
def data(tmp_path):
    """Five scans of 20 x 28 x 18 voxels: a bright box whose front half is class 1 and whose back half is class 2."""
    for kind in ("images", "labels"):
        (tmp_path / "set" / kind).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(5):
        labels = np.zeros((20, 28, 18), np.uint8)
        labels[6:14, 14:22, 5:13], labels[6:14, 6:14, 5:13] = 1, 2
        image = 100 + 80.0 * (labels > 0) + rng.normal(0, 5, labels.shape)
        for kind, array in (("images", image.astype(np.float32)), ("labels", labels)):
            nibabel.save(
                nibabel.Nifti1Image(array, np.diag([-1.0, 1, 1, 1])), tmp_path / "set" / kind / f"s{index}.nii.gz"
            )
    return tmp_path


@pytest.fixture
def model():
    full = configuration.load(CONFIG)
    network = dataclasses.replace(
        full.network, patch_dhw=(16, 32, 16), dims=(8, 8, 8, 8), feature_size=4, projection=(4, 4, 4, 4),
        decoder_projection=4,
    )  # fmt: skip
    plan = dataclasses.replace(full.data, images="set/images/*.nii.gz", validation=("s1", "s4"))
    training = dataclasses.replace(full.training, steps=4, cooldown=2, batch=2, workers=0, validate_every=2)
    return dataclasses.replace(full, network=network, data=plan, training=training)


def test_what_the_configuration_names_is_held_out_and_the_rest_is_trained_on(data, model):
    training, held_out = scan_sets.find(data, model.data)
    assert [file.name for file in training] == ["s0.nii.gz", "s2.nii.gz", "s3.nii.gz"]
    assert [file.name for file in held_out] == ["s1.nii.gz", "s4.nii.gz"]


def test_a_held_out_name_without_a_scan_is_refused(data, model):
    with pytest.raises(ValueError, match="s9"):
        scan_sets.find(data, dataclasses.replace(model.data, validation=("s9",)))


def test_labels_beside_their_scans_are_found_and_not_taken_for_scans(tmp_path):
    plan = pairs.PairsSection(
        kind="pairs", images="*/*.nii.gz", label_path=(".nii.gz", "_gt.nii.gz"), validation=("patient2",)
    )
    for patient in ("patient1", "patient2"):
        (tmp_path / patient).mkdir()
        for name in ("frame01.nii.gz", "frame01_gt.nii.gz"):
            (tmp_path / patient / name).touch()
    training, held_out = scan_sets.find(tmp_path, plan)
    assert [[f.relative_to(tmp_path).as_posix() for f in files] for files in (training, held_out)] == [
        ["patient1/frame01.nii.gz"], ["patient2/frame01.nii.gz"],
    ]  # fmt: skip
    assert scan_sets.label_path(held_out[0], tmp_path, plan).name == "frame01_gt.nii.gz"


def test_a_case_lies_on_the_networks_grid_in_ras(data, model):
    coarse = dataclasses.replace(model, grid=dataclasses.replace(model.grid, spacing_dhw=(2.0, 1.0, 1.0)))
    case = cases.load(data / "set" / "images" / "s0.nii.gz", data / "set" / "labels" / "s0.nii.gz", data, coarse)
    assert case.image.shape == (1, 9, 28, 20)
    assert case.classes.shape == (2, 9, 28, 20)
    assert case.classes[0, 4, 18, 10] == 1  # anterior: high y
    assert case.classes[1, 4, 8, 10] == 1
    np.testing.assert_allclose(pairs.with_background(case.classes).sum(0), 1)


def test_without_augmentation_a_draw_is_the_scan_in_the_middle_of_its_window(data, model, monkeypatch):
    monkeypatch.setattr(pairs, "recolour", lambda rng, plan, image: image)
    case = cases.load(data / "set" / "images" / "s0.nii.gz", data / "set" / "labels" / "s0.nii.gz", data, model)
    image, target = pairs.draw(case, (22, 32, 22), STILL, np.random.default_rng(0))
    inner = (slice(None), slice(2, 20), slice(2, 30), slice(1, 21))
    torch.testing.assert_close(image[inner], case.image, atol=1e-4, rtol=0)
    torch.testing.assert_close(target[inner][1:], case.classes, atol=1e-4, rtol=0)
    assert image.sum() == pytest.approx(float(image[inner].sum()))
    assert (target[0, :2] == 1).all()


@pytest.mark.parametrize("depth", [15, 16, 17, 21])
def test_an_axis_that_is_not_interpolated_gives_whole_slices(data, model, monkeypatch, depth):
    """Every slice of a draw is a slice of the scan; a scan smaller than the window lies where inference pads it."""
    monkeypatch.setattr(pairs, "recolour", lambda rng, plan, image: image)
    slices = torch.arange(1, depth + 1) / depth
    image = slices[None, :, None, None].expand(1, depth, 8, 8)
    case = pairs.Case("ramp", image.clone(), torch.zeros(2, depth, 8, 8))
    plan = dataclasses.replace(STILL, axes=(0, 1, 1), scale=(0.8, 1.2), bend=2)
    starts = set()
    for seed in range(40):
        drawn = pairs.draw(case, (16, 8, 8), plan, np.random.default_rng(seed))[0][0, :, 4, 4] * depth
        torch.testing.assert_close(drawn, drawn.round(), atol=1e-4, rtol=0)
        starts.add(int(drawn[0].round()))
    assert starts == set(range(1, max(1, depth - 15) + 1))
    if depth == 15:
        assert drawn[-1] == 0  # 1 missing slice: 0 before, 1 after


def test_a_short_stack_that_is_shifted_takes_its_end_along(monkeypatch):
    """What lies beyond the first and last slice is black wherever they are: no slice is repeated or lost."""
    monkeypatch.setattr(pairs, "recolour", lambda rng, plan, image: image)
    slices = torch.arange(1.0, 6)[:, None, None].expand(1, 5, 8, 8)
    case = pairs.Case("ramp", slices.clone(), (slices == 5).float())
    plan = dataclasses.replace(STILL, axes=(0, 1, 1), shift=(3, 0, 0))
    starts = set()
    for seed in range(40):
        image, target = pairs.draw(case, (16, 8, 8), plan, np.random.default_rng(seed))
        drawn = image[0, :, 4, 4].round().tolist()
        starts.add(drawn.index(1))
        assert [value for value in drawn if value] == [1, 2, 3, 4, 5]
        torch.testing.assert_close(target[1, :, 4, 4], (image[0, :, 4, 4] > 4.5).float())
    assert len(starts) >= 6


def test_slices_slip_each_by_itself_and_take_their_labels_along(monkeypatch):
    monkeypatch.setattr(pairs, "recolour", lambda rng, plan, image: image)
    spot = torch.zeros(1, 8, 32, 32)
    spot[..., 12:20, 12:20] = 1
    plan = dataclasses.replace(STILL, axes=(0, 1, 1), slip=3)
    image, target = pairs.draw(pairs.Case("spot", spot, spot.clone()), (8, 32, 32), plan, np.random.default_rng(0))
    torch.testing.assert_close(image[0], target[1], atol=1e-4, rtol=0)
    assert image.sum().item() == pytest.approx(spot.sum().item(), rel=1e-3)
    places = (image[0].sum(1) * torch.arange(32)).sum(1) / 64
    assert 0.1 < places.std() < 3


def test_draws_repeat_with_their_seed_and_differ_between_seeds(data, model):
    dataset = datasets.training(model, data)
    for one, two in zip(dataset[3], dataset[3], strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0)
    assert not torch.equal(dataset[3][0], dataset[4][0])


def test_mirroring_changes_sides_and_nothing_else(data, model, monkeypatch):
    monkeypatch.setattr(pairs, "recolour", lambda rng, plan, image: image)
    case = cases.load(data / "set" / "images" / "s0.nii.gz", data / "set" / "labels" / "s0.nii.gz", data, model)
    plan = dataclasses.replace(STILL, mirror_x=True)
    draws = [pairs.draw(case, (18, 28, 20), plan, np.random.default_rng(seed))[0] for seed in range(8)]
    mirrored = [torch.allclose(image, case.image.flip(-1), atol=1e-4) for image in draws]
    same = [torch.allclose(image, case.image, atol=1e-4) for image in draws]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert any(mirrored)
    assert any(same)


@pytest.mark.slow
def test_a_run_resumed_gives_the_weights_of_an_uninterrupted_one(data, model, tmp_path):
    """With dropout, whose random numbers a resumed run once drew from the first step on again."""
    model = dataclasses.replace(model, network=dataclasses.replace(model.network, block_dropout=0.4))
    weights = []
    for name, stops in (("whole", (4,)), ("halves", (2, 4))):
        run = tmp_path / name
        run.mkdir()
        for steps in stops:
            # The schedule of the whole run, stopped early: as if the process had been ended.
            monkey = dataclasses.replace(model, training=dataclasses.replace(model.training, stop=steps))
            checkpoint = by_steps.train(monkey, data, run)
        weights.append(torch.load(checkpoint, weights_only=True))
    assert weights[0]["step"] == weights[1]["step"] == 4
    for key in ("state_dict", "training"):
        for name, value in weights[0][key].items():
            torch.testing.assert_close(value, weights[1][key][name], rtol=1e-4, atol=1e-5, msg=name)
    entries = [json.loads(line) for line in (tmp_path / "halves" / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries if "mean_dice" in entry] == [2, 4]
    assert entries[-1]["seconds"] >= entries[0]["seconds"]


def not_a_number(monkeypatch, *steps):
    """Lets every voxel of the samples of these steps be no number."""
    draw = pairs.Pairs.__getitem__

    def spoilt(dataset, index):
        image, target = draw(dataset, index)
        return (image * float("nan") if index // dataset.model.training.batch in steps else image), target

    monkeypatch.setattr(pairs.Pairs, "__getitem__", spoilt)


def test_a_step_whose_loss_is_no_number_is_counted_and_leaves_no_trace(data, model, tmp_path, monkeypatch):
    not_a_number(monkeypatch, 1)
    monkeypatch.setattr(by_steps, "LOG_EVERY", 1)
    state = torch.load(by_steps.train(model, data, tmp_path), weights_only=True)
    for name, value in (state["state_dict"] | state["training"]).items():
        assert torch.isfinite(value).all(), name
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    logged = {entry["step"]: entry for entry in entries if "loss" in entry}
    assert [entry.get("skipped", 0) for entry in logged.values()] == [0, 1, 1, 1]
    assert logged[2]["loss"] == logged[1]["loss"]
    assert all(np.isfinite(entry["loss"]) for entry in logged.values())


def test_a_step_that_is_no_use_changes_no_weight_and_no_statistic(model, tmp_path):
    """Decided on the device: nobody waits for it."""
    run = stepping.Run(model, tmp_path)
    image, target = torch.rand(2, 1, 16, 32, 16), torch.rand(2, 3, 16, 32, 16).softmax(1)
    run.advance(image, target, 1e-2, False)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    moments = [{k: v.clone() for k, v in state.items()} for state in run.optimizer.state_dict()["state"].values()]
    run.advance(image * torch.nan, target, 1e-2, False)
    torch.testing.assert_close(run.network.state_dict(), before, rtol=0, atol=0)
    after = list(run.optimizer.state_dict()["state"].values())
    torch.testing.assert_close(after, moments, rtol=0, atol=0)
    assert run.figures().skipped == 1
    run.advance(image, target, 1e-2, False)
    assert not torch.equal(run.network.out1.conv.conv.weight, before["out1.conv.conv.weight"])
    assert np.isfinite(run.figures().loss)


def test_a_run_whose_loss_stays_no_number_ends_with_a_sentence(data, model, tmp_path, monkeypatch):
    not_a_number(monkeypatch, 2, 3)
    monkeypatch.setattr(stepping, "PATIENCE", 2)
    monkeypatch.setattr(by_steps, "CHECKPOINT_EVERY", 2)
    with pytest.raises(stepping.DivergedError, match=r"2 steps in a row, up to step 4 \(samples 4 to 7\)"):
        by_steps.train(model, data, tmp_path)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["step"] == 2
    assert all(torch.isfinite(value).all() for value in state["training"].values())
    assert "2 steps in a row" in json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["ended"]


def test_training_refuses_labels_that_are_elsewhere_or_have_an_id_without_a_meaning(data, model):
    image, labels = data / "set" / "images" / "s0.nii.gz", data / "set" / "labels" / "s0.nii.gz"
    ids = np.asarray(nibabel.load(labels).dataobj).copy()
    nibabel.save(nibabel.Nifti1Image(ids, np.diag([-1.0, 1, 1, 1]) @ np.diag([1, -1, 1, 1])), labels)
    with pytest.raises(reference.ReferenceLabelsError, match=r"up to 54\.00 mm"):
        cases.load(image, labels, data, model)
    ids[0, 0, :3] = 9
    nibabel.save(nibabel.Nifti1Image(ids, nibabel.load(image).affine), labels)
    with pytest.raises(reference.ReferenceLabelsError, match=r"9 \(3 voxels\)"):
        cases.load(image, labels, data, model)
    cases.load(image, labels, data, dataclasses.replace(model, background=(9,)))
