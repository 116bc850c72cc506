"""Samples of every kind on a device: nothing is read back from it, and images are what they were."""

import dataclasses
import pathlib

import numpy as np
import pytest
import test_pack
import torch

from unetrpp.data import augment, bodies, hounsfield, sampling, synthesis
from unetrpp.data.sources.registry import source_of
from unetrpp.training import config as configuration

CONFIGS = pathlib.Path(__file__).parents[1] / "configs"
META = torch.device("meta")
"""A device without numbers: whoever asks for one, or picks voxels by a mask, gets an error."""


@pytest.fixture
def without_numbers(monkeypatch):
    """A device that has none has no generator of random ones either."""
    for module in (augment, hounsfield, synthesis):
        monkeypatch.setattr(module, "generator_of", lambda rng, device: None)


@pytest.mark.parametrize("name", ["hippocampus", "cardiac-mri", "abdomen-ct", "brain-mri-lite"])
def test_a_sample_never_waits_for_its_device(name, without_numbers):
    model = configuration.load(CONFIGS / f"{name}.toml")
    if name == "cardiac-mri":
        model = dataclasses.replace(model, augmentation=dataclasses.replace(model.augmentation, recolour=2.0))
    source = source_of(model)
    maps = test_pack.shapes()[model.data.kind]
    if model.data.kind == "label-maps":
        maps = dataclasses.replace(maps, ids=torch.tensor([0, 2, 3, 24, 41, 42, 502, 515, 516]), tissues=["a"] * 9)
    if model.data.kind == "torso":
        maps = dataclasses.replace(maps, to_class=torch.zeros(bodies.TISSUES, dtype=torch.int64))
    small = dataclasses.replace(model.network, patch_dhw=(16, 32, 32))
    samples = source.samples(sampling.moved(maps, META), dataclasses.replace(model, network=small))
    for index in range(16):
        image, target = samples[index]
        assert image.device == target.device == META
        assert image.shape[1:] == target.shape[1:] == (16, 32, 32)


def test_percentiles_of_a_histogram_are_those_of_the_sorted_values():
    rng = np.random.default_rng(0)
    values = torch.from_numpy(rng.gamma(2, 10, (20, 30, 40))).float()
    got = augment.percentiles(values, 0.002, 0.5, 0.997)
    step = float(values.max() - values.min()) / augment.BINS
    wanted = torch.quantile(values, torch.tensor([0.002, 0.5, 0.997]))
    torch.testing.assert_close(got, wanted, atol=1.5 * step, rtol=0)
    where = values > 20
    (inner,) = augment.percentiles(values, 0.25, where=where)
    assert float(inner) == pytest.approx(float(torch.quantile(values[where], 0.25)), abs=1.5 * step)
    assert augment.percentiles(torch.ones(3, 3, 3), 0.5).item() == pytest.approx(1)
    assert augment.percentiles(values, 0.5, where=values < 0).isfinite().all()


def test_gas_fills_the_share_of_a_lumen_that_was_drawn():
    """And what follows is drawn alike, whether an organ is in the patch or not."""
    tissue = torch.full((24, 48, 24), bodies.LIVER, dtype=torch.uint8)
    liver = hounsfield.paint(np.random.default_rng(3), tissue, 1.5)
    tissue[:12] = bodies.STOMACH
    both = hounsfield.paint(np.random.default_rng(3), tissue, 1.5)
    deep = slice(16, None)
    torch.testing.assert_close(liver[deep], both[deep])
