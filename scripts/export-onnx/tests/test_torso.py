"""CT of the torso from a made-up label map: what is filled in, what a target says, what missing labels mean."""

import dataclasses
import pathlib

import nibabel
import numpy as np
import pytest
import torch

from unetrpp.config import sections
from unetrpp.config.sections import Augmentation
from unetrpp.data import bodies, datasets, losses, pairs, torso
from unetrpp.training import by_steps
from unetrpp.training import config as configuration

CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "abdomen-ct.toml"
SIZE = (40, 60, 70)
"""x, y, z of the made-up torso at 1.5 mm."""


@pytest.fixture
def data(tmp_path):
    """A label map with liver, spleen, aorta and vertebrae, and two scans of which one has labels of the liver alone."""
    labels = np.zeros(SIZE, np.uint8)
    labels[24:38, 20:50, 20:50], labels[4:14, 15:35, 25:45] = bodies.LIVER, bodies.SPLEEN
    labels[17:21, 20:24], labels[15:25, 6:16] = 52, 30
    (tmp_path / "maps").mkdir()
    affine = np.diag([1.5, 1.5, 1.5, 1])
    nibabel.save(nibabel.Nifti1Image(labels, affine), tmp_path / "maps" / "a.nii.gz")
    head = np.zeros((60, 60, 150), np.int16)
    head[10:50, 10:50] = 507  # neck and scalp, in it the pharynx, a vertebra, an artery, the skull and the brain
    head[28:32, 35:40, 10:80], head[25:35, 20:30, 5:35], head[15:18, 20:23, :80], head[15:45, 15:45, 80:130] = (
        0,
        515,
        502,
        515,
    )
    head[18:42, 18:42, 65:125] = 2
    (tmp_path / "heads").mkdir()
    nibabel.save(nibabel.Nifti1Image(head, np.eye(4)), tmp_path / "heads" / "a.nii.gz")
    scan = np.where(labels > 0, 60, -100).astype(np.int16)
    for name, reference in (("whole", labels), ("liver", np.where(labels == bodies.LIVER, labels, 0))):
        nibabel.save(nibabel.Nifti1Image(scan, affine), tmp_path / f"{name}_ct.nii.gz")
        nibabel.save(nibabel.Nifti1Image(reference.astype(np.uint8), affine), tmp_path / f"{name}_labels.nii.gz")
    return tmp_path


@pytest.fixture
def model():
    full = configuration.load(CONFIG)
    wanted = {"spleen", "liver", "aorta", "vertebrae"}
    labels = (full.labels[0], *(label for label in full.labels if label.name in wanted))
    network = dataclasses.replace(
        full.network, num_classes=5, patch_dhw=(32, 32, 32), dims=(8, 8, 8, 8), feature_size=4, projection=(4, 4, 4, 4),
        decoder_projection=4,
    )  # fmt: skip
    plan = dataclasses.replace(
        full.data, folder="maps", maps=("a",), heads="heads", heads_share=0, real_share=0.5,
        real=(torso.RealScan("liver_ct.nii.gz", "liver_labels.nii.gz", (bodies.LIVER,)),),
    )  # fmt: skip
    others = set(range(1, 100)) - {source for label in labels for source in label.sources}
    development = sections.ScanSet("One scan.", ("whole_ct.nii.gz",), ("_ct", "_labels"))
    training = dataclasses.replace(
        full.training, steps=2, cooldown=1, batch=2, workers=0, validate_every=1, compile=False
    )
    return dataclasses.replace(
        full, network=network, labels=labels, data=plan, training=training,
        development=development, test=None, background=tuple(others),
    )  # fmt: skip


def test_pairs_are_reproducible_and_targets_are_shares(data, model):
    samples = datasets.training(dataclasses.replace(model, data=dataclasses.replace(model.data, real_share=0)), data)
    pictures = [samples[index] for index in range(6)]
    for image, target in pictures:
        assert image.shape == (1, 32, 32, 32)
        assert 0 <= image.min() < image.max() <= 1
        torch.testing.assert_close(target.sum(0), torch.ones(32, 32, 32))
    shares = torch.stack([target for _, target in pictures])
    assert ((shares > 0) & (shares < 1)).any()
    assert (shares[:, 1:].sum((0, 2, 3, 4)) > 0).all(), "every structure is drawn sometimes"
    torch.testing.assert_close(samples[3], pictures[3])
    assert not torch.allclose(pictures[3][0], pictures[4][0])


def test_images_have_the_statistics_that_they_always_had(data, model):
    """Those of 40 samples of the first version, which was made for the CPU alone; its own error is about 0.02."""
    samples = datasets.training(dataclasses.replace(model, data=dataclasses.replace(model.data, real_share=0)), data)
    pairs_ = [samples[index] for index in range(40)]
    values = np.mean([np.quantile(image.numpy(), [0.1, 0.3, 0.5, 0.7, 0.9]) for image, _ in pairs_], 0)
    np.testing.assert_allclose(values, [0, 0.029, 0.066, 0.159, 0.414], atol=0.03)
    shares = torch.stack([target for _, target in pairs_]).mean((0, 2, 3, 4))
    np.testing.assert_allclose(shares, [0.935, 0.012, 0.034, 0.003, 0.016], atol=0.006)


def test_maps_are_drawn_by_their_length(data, model, monkeypatch):
    labels = np.full((40, 60, 3 * SIZE[2]), bodies.LIVER, np.uint8)
    nibabel.save(nibabel.Nifti1Image(labels, np.diag([1.5, 1.5, 1.5, 1])), data / "maps" / "long.nii.gz")
    lengths = []
    monkeypatch.setattr(torso, "synthesise", lambda body, *_: lengths.append(len(body.tissue)))
    plan = dataclasses.replace(model.data, maps=("a", "long"), real_share=0)
    samples = datasets.training(dataclasses.replace(model, data=plan), data)
    for index in range(200):
        samples[index]
    assert 0.65 < np.mean(np.equal(lengths, 3 * SIZE[2])) < 0.85


@pytest.mark.slow
def test_a_head_has_no_organ_and_leaves_open_what_is_a_vertebra(data, model):
    plan = dataclasses.replace(model.data, real_share=0, heads_share=1)
    samples = datasets.training(dataclasses.replace(model, data=plan), data)
    (head,) = samples.maps.heads
    neck, skull = head.tissue[10], head.tissue[82]  # 15 and 123 mm from below
    assert neck[16, 20] == bodies.NECK_BONE
    assert neck[25, 20] == bodies.TRACHEA, "air in the neck stays air"
    assert neck[14, 11] == bodies.NECK_ARTERY
    assert skull[10, 20] == bodies.SKULL
    assert skull[20, 20] == bodies.BRAIN
    drawn = torch.stack([samples[index][1] for index in range(12)])
    assert not drawn[:, 1:-1].any()
    either = drawn.sum(1) > 1.001
    assert either.any()
    torch.testing.assert_close(drawn[:, 0][~either], torch.ones(int((~either).sum())))
    torch.testing.assert_close(drawn[:, 0][either], torch.ones(int(either.sum())))


@pytest.mark.slow
def test_beyond_the_end_of_a_scan_there_is_nothing(data, model):
    """As inference pads a scan that is smaller than the window, on any axis."""
    samples = datasets.training(dataclasses.replace(model, data=dataclasses.replace(model.data, real_share=0)), data)
    cut = set()
    for index in range(24):
        image, target = samples[index]
        for axis in range(3):
            empty = (image[0] == 0).movedim(axis, 0).flatten(1).all(1)
            assert not (target[1:].movedim(axis + 1, 0)[empty] > 0.9).any()  # a rim holds a share of what it cuts
            if empty.any() and not empty.all():
                cut.add(axis)
    assert cut == {0, 1, 2}


def test_a_scan_with_few_labels_says_one_of_these_where_it_has_none(data, model):
    (case,) = datasets.training(model, data).maps.real
    names = [model.labels[i].name for i in case.unknown]
    assert names == ["background", "spleen", "aorta", "vertebrae"]
    still = Augmentation(degrees_zyx=(0, 0, 0), scale=(1, 1), squeeze=0, bend=0, shift=(0, 0, 0))
    _, target = pairs.draw(case, (32, 24, 16), still, np.random.default_rng(0))
    liver = next(i for i, label in enumerate(model.labels) if label.name == "liver")
    blank = target[liver] == 0
    assert blank.any()
    assert (target[:, blank].sum(0) == 4).all()
    assert (target[list(case.unknown)][:, blank] == 1).all()


def test_missing_labels_leave_open_which_of_them_it_is_and_rule_out_the_others():
    target = torch.zeros(1, 4, 2, 2, 2)
    target[:, [0, 3]] = 1  # background or class 3
    target[..., 0] = 0
    target[:, 1, ..., 0] = 1

    def loss(winner: int) -> float:
        logits = torch.zeros(1, 4, 2, 2, 2)
        logits[:, 1, ..., 0] = logits[:, winner, ..., 1] = 9
        return losses.partial_deep_loss(logits, target, torch.ones(4)).item()

    assert loss(0) == pytest.approx(loss(3), abs=1e-6)
    assert loss(0) < 0.01
    assert min(loss(1), loss(2)) > 1


def test_with_all_labels_the_loss_is_the_plain_one():
    torch.manual_seed(0)
    logits, classes = torch.randn(2, 3, 8, 8, 8), torch.randint(0, 3, (2, 8, 8, 8))
    target = torch.nn.functional.one_hot(classes, 3).permute(0, 4, 1, 2, 3).float()
    outputs = [logits, logits[..., ::2, ::2, ::2]]
    weights = torch.tensor([1.0, 3.0, 0.5])
    plain = losses.deep_loss(outputs, target, weights)
    torch.testing.assert_close(losses.partial_deep_loss(outputs, target, weights), plain)


@pytest.mark.slow
def test_a_run_measures_the_scans_that_are_held_out(data, model, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    by_steps.train(model, data, run)
    figures = [line for line in (run / "log.jsonl").read_text().splitlines() if "mean_dice" in line]
    assert len(figures) == 2
    assert datasets.held_out(dataclasses.replace(model, development=None), data) == []
    assert all(f'"{name}"' in figures[0] for name in ("spleen", "liver", "aorta", "vertebrae"))
