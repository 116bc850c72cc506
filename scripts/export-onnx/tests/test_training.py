"""Synthesis, training, export and verification on a tiny anatomy: the whole path, in seconds."""

import dataclasses
import multiprocessing
import os
import pathlib
import re
import signal
import time

import nibabel
import numpy as np
import pytest
import torch

from unetrpp import evaluate as evaluate_command
from unetrpp import verify as verify_command
from unetrpp.config.labels import Label
from unetrpp.config.sections import Card
from unetrpp.data import datasets, label_maps, losses, synthesis
from unetrpp.data.augment import blur, noise_field
from unetrpp.data.losses import deep_loss
from unetrpp.data.sources import label_maps as label_maps_source
from unetrpp.data.synthesis import Synthesised, synthesise
from unetrpp.inference import manifest
from unetrpp.network.checkpoint import CheckpointError
from unetrpp.network.network import Conv, UnetrPP
from unetrpp.onnx import describe, export
from unetrpp.training import by_steps, stepping
from unetrpp.training import config as configuration

CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "brain-mri.toml"


@pytest.fixture
def data(tmp_path):
    """Two spheres of white matter in a shell of cortex, in a head: one label map."""
    grid = np.stack(np.meshgrid(*[np.arange(48) - 23.5] * 3, indexing="ij"))
    radius = np.sqrt((grid**2).sum(0))
    labels = np.select([radius < 10, radius < 16, radius < 20], [2, 3, 502], 0).astype(np.int16)
    folder = tmp_path / "label-maps"
    folder.mkdir()
    nibabel.save(nibabel.Nifti1Image(labels, np.diag([-1.0, 1, 1, 1])), folder / "a.nii.gz")
    (tmp_path / "labels.csv").write_text(
        "label_map_id,name,target_freesurfer_id,intensity_class\n0,background,0,0\n2,left cerebral-white-matter,2,1\n"
        "3,left cerebral-cortex,3,2\n502,extra-cerebral tissue,0,3\n24,csf,0,4\n"
    )
    return tmp_path


@pytest.fixture
def model():
    full = configuration.load(CONFIG)
    network = dataclasses.replace(
        full.network, num_classes=3, patch_dhw=(32, 32, 32), dims=(8, 8, 8, 8), feature_size=4, projection=(4, 4, 4, 4),
        decoder_projection=4,
    )  # fmt: skip
    training = dataclasses.replace(full.training, steps=4, cooldown=2, batch=2, workers=0, compile=False)
    folder = dataclasses.replace(full.data, folder="label-maps", validation=())
    return dataclasses.replace(full, network=network, labels=full.labels[:3], data=folder, training=training)


def test_targets_are_class_fractions_and_pairs_are_reproducible(data, model):
    anatomies = label_maps.read(data / "label-maps", model.labels)
    image, target = synthesise(anatomies, (32, 32, 32), np.random.default_rng(5), 3, 2)
    again, _ = synthesise(anatomies, (32, 32, 32), np.random.default_rng(5), 3, 2)
    other, _ = synthesise(anatomies, (32, 32, 32), np.random.default_rng(6), 3, 2)
    assert image.shape == (1, 32, 32, 32)
    torch.testing.assert_close(target.sum(0), torch.ones(32, 32, 32))
    assert ((target > 0) & (target < 1)).any()
    torch.testing.assert_close(image, again)
    assert not torch.allclose(image, other)


def test_images_have_the_statistics_that_they_always_had(data, model):
    """Those of 20 samples of the first version, which was made for the CPU alone and sorted for its percentiles."""
    samples = Synthesised(label_maps.read(data / "label-maps", model.labels), model)
    pairs = [samples[index] for index in range(20)]
    values = np.mean([np.quantile(image.numpy(), [0.1, 0.3, 0.5, 0.7, 0.9]) for image, _ in pairs], 0)
    np.testing.assert_allclose(values, [0.0443, 0.0583, 0.0691, 0.0948, 0.4355], atol=0.003)
    shares = torch.stack([target for _, target in pairs]).mean((0, 2, 3, 4))
    np.testing.assert_allclose(shares, [0.9734, 0.0266, 0], atol=5e-4)


def test_a_structure_has_the_same_size_in_mm_on_every_grid(data, model):
    """A spacing need not be a whole number of the label map's millimetres."""
    anatomies = label_maps.read(data / "label-maps", model.labels)
    millilitres = []
    for spacing in (1.0, 1.6, 2.0):
        size = (round(96 / spacing),) * 3  # the whole head, wherever the patch lies
        _, target = synthesise(anatomies, size, np.random.default_rng(5), 3, spacing)
        millilitres.append(float(target[1].sum()) * spacing**3 / 1000)
    np.testing.assert_allclose(millilitres, millilitres[0], rtol=0.03)


def test_mirroring_a_head_exchanges_the_names_of_its_sides(tmp_path):
    """A head whose left half is one tissue: wherever it is drawn, left stays on the left."""
    labels = np.full((40, 40, 40), 2, np.int16)
    labels[20:] = 41  # RAS: high x is the patient's right
    labels[18:22] = 24
    folder = tmp_path / "label-maps"
    folder.mkdir()
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), folder / "a.nii.gz")
    (tmp_path / "labels.csv").write_text(
        "label_map_id,name,target_freesurfer_id,intensity_class\n0,background,0,0\n24,csf,0,1\n"
        "2,left cerebral-white-matter,2,2\n41,right cerebral-white-matter,41,2\n"
    )
    classes = tuple(Label(n, (0, 0, 0), (i,)) for n, i in (("air", 0), ("left", 2), ("right", 41)))
    anatomies = label_maps.read(folder, classes)
    compared = 0
    for seed in range(16):
        _, target = synthesise(anatomies, (32, 32, 32), np.random.default_rng(seed), 3, 1)
        if not (target[1].any() and target[2].any()):
            continue  # a patch of one side
        x = torch.arange(32.0)
        left, right = ((target[k].sum((0, 1)) * x).sum() / target[k].sum() for k in (1, 2))
        assert left < right, f"seed {seed}"
        compared += 1
    assert compared >= 8


def test_choroid_plexus_is_no_ventricle_by_name_nor_by_intensity(data):
    """labels.csv counts it as one; FreeSurfer, whose labels are the reference, does not."""
    with (data / "labels.csv").open("a") as table:
        table.write("4,left lateral-ventricle,4,5\n136,left lateral-ventricle,4,6\n")
        table.write("43,right lateral-ventricle,43,7\n163,right lateral-ventricle,43,8\n")
    labels = configuration.load(CONFIG.with_name("brain-mri-lite.toml")).labels
    anatomies = label_maps.read(data / "label-maps", labels)
    left, plexus, right = (int(np.searchsorted(anatomies.ids, id_)) for id_ in (4, 136, 43))
    assert anatomies.to_class[left] != anatomies.to_class[right]
    assert anatomies.to_class[plexus] == 0
    assert anatomies.to_tissue[left] == anatomies.to_tissue[right] != anatomies.to_tissue[plexus]


def test_a_patch_is_centred_on_the_brain_and_not_on_the_fluid_of_the_spine(data, model):
    """Half of the patches once showed neck and air."""
    file = data / "label-maps" / "a.nii.gz"
    head = np.asarray(nibabel.load(file).dataobj)
    labels = np.pad(head, ((0, 0), (0, 0), (200, 0)))
    labels[22:26, 22:26, :205] = 24  # fluid, down along z
    nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), file)
    (anatomy,) = label_maps.read(data / "label-maps", model.labels).subjects
    brain = np.argwhere(np.isin(labels, (2, 3)))[:, ::-1]  # (z, y, x)
    box = np.argwhere(labels).min(0)[::-1]
    np.testing.assert_allclose(anatomy.brain_centre, (brain.min(0) + brain.max(0)) / 2 - box, atol=1)
    assert max(anatomy.brain_half) < 17


def test_held_out_label_maps_are_measured_and_not_trained_on(data, model):
    maps = data / "label-maps"
    (maps / "b.nii.gz").write_bytes((maps / "a.nii.gz").read_bytes())
    model = dataclasses.replace(model, data=dataclasses.replace(model.data, validation=("b",)))
    samples, patches = datasets.training(model, data), datasets.held_out(model, data)
    assert len(samples.maps.subjects) == 1
    assert label_maps.names(model, data) == ({"a"}, {"b"})
    assert len(patches) == label_maps_source.VALIDATION_PATCHES
    assert not torch.equal(samples[0][0], patches[0].image)
    network = UnetrPP(model.network)
    assert set(by_steps.validate(network, patches[:1], model)) <= {label.name for label in model.labels[1:]}
    with pytest.raises(ValueError, match=r"\['c'\], which match no label map"):
        label_maps.names(dataclasses.replace(model, data=dataclasses.replace(model.data, validation=("c",))), data)


@pytest.mark.slow
def test_compiled_parts_of_a_step_give_the_loss_and_the_gradients_of_the_plain_ones(model):
    """Also where channels-last memory, the widening shortcut and a head of several resolutions meet."""
    from unetrpp.network import fused

    torch.manual_seed(0)
    image, target = torch.rand(2, 1, 32, 32, 32), torch.rand(2, 3, 32, 32, 32).softmax(1)
    results = []
    for is_compiled in (False, True):
        torch.manual_seed(1)
        network = UnetrPP(model.network).to(memory_format=torch.channels_last_3d)
        if is_compiled:
            fused.fuse(network)
        loss_of = torch.compile(losses.deep_loss) if is_compiled else losses.deep_loss
        loss = loss_of(network(image), target, torch.tensor([1.0, 1.0, 3.0]))
        loss.backward()
        results.append((loss, [p.grad for p in network.parameters()]))
    torch.testing.assert_close(results[0][0], results[1][0])
    torch.testing.assert_close(results[0][1], results[1][1], rtol=1e-2, atol=1e-4)


def test_blur_keeps_a_flat_image_flat_up_to_its_edge_and_the_mean_of_a_point():
    flat = blur(torch.full((8, 12, 16), 3.0), np.array([1.0, 0.1, 2.5]), 2)
    torch.testing.assert_close(flat, torch.full((4, 6, 8), 3.0))
    point = torch.zeros(24, 24, 24)
    point[12, 12, 12] = 1
    blurred = blur(point, np.array([1.5, 0.0, 2.0]))
    assert blurred.sum() == pytest.approx(1, abs=1e-4)
    assert (blurred[14, 12, 12] / blurred[12, 12, 12]).item() == pytest.approx(np.exp(-0.5 * (2 / 1.5) ** 2), rel=1e-4)
    assert blurred[12, 13, 12] == 0


def test_a_noise_field_is_the_linear_interpolation_of_its_lattice():
    field = noise_field(np.random.default_rng(3), 2, 4, (9, 5, 7), 2.0)
    lattice = np.random.default_rng(3).standard_normal((1, 2, 4, 4, 4)).astype(np.float32) * 2
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(lattice), (9, 5, 7), mode="trilinear", align_corners=True
    )
    torch.testing.assert_close(field, expected[0])


def test_a_spacing_that_label_maps_cannot_give_is_refused(data, model):
    model = dataclasses.replace(model, grid=dataclasses.replace(model.grid, spacing_dhw=(1.0, 2.0, 2.0)))
    with pytest.raises(ValueError, match=r"\[1.0, 2.0, 2.0\].*one spacing on all axes"):
        Synthesised(label_maps.read(data / "label-maps", model.labels), model)


def test_an_unknown_label_id_is_refused_by_number(data, model):
    image = nibabel.load(data / "label-maps" / "a.nii.gz")
    labels = np.asarray(image.dataobj).copy()
    labels[0, 0, 0] = 999
    nibabel.save(nibabel.Nifti1Image(labels, image.affine), data / "label-maps" / "a.nii.gz")
    with pytest.raises(ValueError, match=r"\[999\]"):
        label_maps.read(data / "label-maps", model.labels)


@pytest.mark.slow
def test_training_resumes_where_it_stopped(data, model, tmp_path):
    half = dataclasses.replace(model, training=dataclasses.replace(model.training, steps=2))
    run = tmp_path / "run"
    run.mkdir()
    by_steps.train(half, data, run)
    checkpoint = by_steps.train(model, data, run)
    assert torch.load(checkpoint, weights_only=True)["step"] == 4


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_that_is_asked_to_end_with_its_workers_saves_the_step_at_hand(
    data, model, tmp_path, monkeypatch, workers
):
    advance = stepping.Run.advance

    def interrupted(run, *step):
        if run.step == 1:
            for pid in (*(child.pid for child in multiprocessing.active_children()), os.getpid()):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.2)
        return advance(run, *step)

    monkeypatch.setattr(stepping.Run, "advance", interrupted)
    model = dataclasses.replace(model, training=dataclasses.replace(model.training, workers=workers))
    checkpoint = by_steps.train(model, data, tmp_path)
    assert not multiprocessing.active_children()
    assert torch.load(checkpoint, weights_only=True)["step"] == 2


@pytest.mark.slow
def test_loss_falls_on_one_pair(model):
    torch.manual_seed(0)
    network = UnetrPP(model.network)
    target = torch.nn.functional.one_hot((torch.rand(2, 32, 32, 32) * 3).long(), 3).permute(0, 4, 1, 2, 3).float()
    image = target.argmax(1, keepdim=True).float()
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(30):
        loss = deep_loss(network(image), target, torch.ones(3))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


def test_a_class_of_twice_the_weight_counts_twice_in_dice_and_absent_ones_not_at_all():
    """Class 1 is found, class 2 not, class 3 is not there: the Dice part is the weighted mean of 0, 1 and 1 wrong."""
    target = torch.zeros(1, 4, 4, 4, 4)
    target[:, 0] = 1
    target[:, :, 0, 0] = torch.tensor([0.0, 1, 0, 0]).reshape(4, 1)
    target[:, :, 3, 3] = torch.tensor([0.0, 0, 1, 0]).reshape(4, 1)
    logits = 20 * target
    logits[:, :, 3, 3] = torch.tensor([0.0, 20, 0, 0]).reshape(4, 1)  # class 2 taken for class 1

    def dice_part(*weights):
        return (deep_loss(logits, target, torch.tensor(weights)) - cross_entropy).item()

    cross_entropy = -(target * logits.log_softmax(1)).sum(1).mean()
    one = 1 - 2 * 4 / (8 + 4)  # class 1: 4 of 8 voxels right
    assert dice_part(1.0, 1, 1, 9) == pytest.approx((one + 1) / 3, abs=1e-3)
    assert dice_part(1.0, 1, 2, 9) == pytest.approx((one + 2) / 4, abs=1e-3)


def test_a_lesion_changes_the_image_where_there_is_brain_and_not_what_it_is_called(data, model, monkeypatch):
    anatomies = label_maps.read(data / "label-maps", model.labels)
    add, drawn = synthesis._add_lesion, []

    def watched(rng, image, brain, spacing):
        before = image.clone()
        add(rng, image, brain, spacing)
        drawn.append(image != before)
        assert not (drawn[-1] & ~brain).any()

    monkeypatch.setattr(synthesis, "_add_lesion", watched)
    for seed in range(8):
        targets = []
        for often in (0.0, 1.0):
            monkeypatch.setattr(synthesis, "LESIONS", often)
            targets.append(synthesise(anatomies, (32, 32, 32), np.random.default_rng(seed), 3, 1)[1])
        torch.testing.assert_close(*targets)
    assert len(drawn) == 8
    assert sum(bool(changed.any()) for changed in drawn) >= 4


def test_coarse_samples_show_as_many_times_more_and_validation_has_none(data, model):
    model, share = (
        dataclasses.replace(model, data=dataclasses.replace(model.data, coarse_share=part)) for part in (0.0, 1.0)
    )
    anatomies = label_maps.read(data / "label-maps", model.labels)

    def brain(samples):
        """Voxels of the brain, which most samples show all of."""
        return np.median([float(samples[index][1][1:].sum()) for index in range(12)])

    fine, coarse = Synthesised(anatomies, model), Synthesised(anatomies, share)
    assert brain(fine) / brain(coarse) == pytest.approx(2**3, rel=0.15)
    unseen = Synthesised(anatomies, share, for_validation=True)
    torch.testing.assert_close(unseen[0], fine[0])


@pytest.mark.slow
def test_export_writes_a_model_that_verifies_and_a_damaged_one_does_not(data, model, tmp_path, monkeypatch, capsys):
    run, out = tmp_path / "run", tmp_path / "model"
    run.mkdir()
    assert export.export(by_steps.train(model, data, run), model, out).is_good
    monkeypatch.setattr("sys.argv", ["verify", str(out)])
    assert verify_command.main() == 0

    scan = nibabel.Nifti1Image(np.random.default_rng(0).random((20, 18, 24), np.float32), np.diag([2.0, 2, 2, 1]))
    nibabel.save(scan, tmp_path / "scan.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.full(scan.shape, 2, np.uint8), scan.affine), tmp_path / "labels.nii.gz")
    files = ["--images", str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / "labels.nii.gz")]
    monkeypatch.setattr("sys.argv", ["evaluate", str(out), *files, "--write"])
    assert evaluate_command.main() == 0
    (measured,) = manifest.read(out)["evaluation"]
    assert measured["scan"] == "scan.nii.gz"
    assert set(measured["dice"]) == {"all structures", *(label.name for label in model.labels[1:])}

    weights = out / "model.onnx"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 0x40
    weights.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["verify", str(out)])
    assert verify_command.main() == 1
    assert "sha256" in capsys.readouterr().err


def test_a_checkpoint_of_another_configuration_is_refused_by_tensor(model, tmp_path):
    torch.save({"state_dict": UnetrPP(model.network).state_dict()}, tmp_path / "checkpoint.pt")
    wider = dataclasses.replace(model, network=dataclasses.replace(model.network, feature_size=8))
    with pytest.raises(CheckpointError, match=r"encoder1.conv1.conv.weight has shape \(4, 1, 3, 3, 3\)"):
        export.load_checkpoint(tmp_path / "checkpoint.pt", wider)


@pytest.mark.parametrize("grid", [(2, 6, 6), (1, 2, 3), (3, 4, 5)])
def test_bfloat16_gradients_of_small_grids_are_those_of_float32(grid):
    """oneDNN's own are garbage on axes of two voxels: see network.Conv."""
    torch.manual_seed(0)
    convolution, x = Conv(32, 32, 3), torch.randn(2, 32, *grid)
    weights = torch.randn(2, 32, *grid)
    gradients = []
    for enabled in (False, True):
        convolution.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            y = convolution(x)
        (y.float() * weights).sum().backward()
        gradients.append(convolution.conv.weight.grad.clone())
    assert (gradients[0] - gradients[1]).norm() < 0.02 * gradients[0].norm()


@pytest.mark.parametrize(
    "path", sorted(CONFIG.parent.rglob("*.toml")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_every_configuration_is_whole(path):
    """It loads, names each source once, gives a network, and ends its cooldown after it began."""
    model = configuration.load(path)
    sources = [source for label in model.labels for source in label.sources]
    assert len(sources) == len(set(sources))
    assert model.card.name == path.stem
    window = [round(n * mm) for n, mm in zip(model.network.patch_dhw, model.grid.spacing_dhw, strict=True)]
    said = re.search(r"window[^.]*?(\d+) x (\d+) x (\d+) mm", path.read_text().split("\nname")[0].replace("\n#", ""))
    assert said is None or [int(mm) for mm in said.groups()] == window
    assert 0 < model.training.cooldown < model.training.steps
    UnetrPP(model.network)


def test_every_entry_of_a_card_gets_into_the_manifest():
    """An entry that nothing reads would be written in vain."""
    named = {"name", "title", "version", "modality", "channels", "license", "training_data", "extent_mm"}
    named |= {"limitations", "intended_use", "experimental"}
    assert named | set(describe.CARD_ONLY.values()) == {field.name for field in dataclasses.fields(Card)}
