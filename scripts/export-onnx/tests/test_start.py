"""Networks that begin with the weights of another one."""

import dataclasses
import pathlib

import pytest
import torch

from unetrpp.config.labels import Label
from unetrpp.inference import manifest
from unetrpp.network.network import UnetrPP
from unetrpp.onnx import describe, export
from unetrpp.training import config as configuration
from unetrpp.training import start

CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "brain-mri.toml"
SMALL = {"dims": (8, 8, 8, 8), "patch_dhw": (32, 32, 32), "projection": (4, 4, 4, 4), "decoder_projection": 4}


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A small network with weights of its own, its checkpoint and its configuration."""
    whole = configuration.load(CONFIG)
    network = dataclasses.replace(whole.network, **SMALL, feature_size=4, num_classes=3)
    model = dataclasses.replace(whole, network=network, labels=whole.labels[:3])
    torch.manual_seed(0)
    built = UnetrPP(model.network).eval()
    torch.save({"state_dict": built.state_dict()}, tmp_path / "checkpoint.pt")
    monkeypatch.setattr(configuration, "load", lambda path: model)
    return model, built, tmp_path / "checkpoint.pt"


def test_a_wider_network_with_finer_labels_begins_by_computing_what_the_old_one_computed(old):
    """All but attention's spatial branch, which the old network is given none of here."""
    model, built, checkpoint = old
    with torch.no_grad():
        for name, parameter in built.named_parameters():
            if name.endswith("gamma"):
                parameter.fill_(1)
            elif name.endswith("out_proj.weight"):
                parameter.zero_()
    torch.save({"state_dict": built.state_dict()}, checkpoint)
    parts = [Label(n, (0, 0, 0), (i,)) for n, i in (("a", 2), ("b", 25), ("right", 41), ("air", 0))]
    wide = {"dims": (16, 16, 16, 16), "projection": (8, 4, 4, 4), "feature_size": 8}
    wider = dataclasses.replace(model.network, **wide, num_classes=4)
    wider_model = dataclasses.replace(model, network=wider, labels=tuple(parts))
    network = UnetrPP(wider).eval()
    start.inherit(network, wider_model, checkpoint)
    x = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x), built(x)[:, [1, 1, 2, 0]])
    one, two = network.decoder3.transp_conv.conv.weight[[0, 2]]  # copies of one channel
    assert not torch.allclose(one, two), "copies that are read alike would stay alike"


def test_a_shipped_model_is_a_start_too(old, tmp_path):
    """Weights in float32, BatchNorm folded, another head for every label, none for deep supervision."""
    model, built, _ = old
    for norm in (module for module in built.modules() if isinstance(module, torch.nn.BatchNorm3d)):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    weights, _ = export.write(built, "1", tmp_path / "model", "fp32")
    manifest.write(tmp_path / "model", describe.describe(model, weights, []))
    training = dataclasses.replace(model.training, freeze_norm_at=0)
    fewer = dataclasses.replace(model, labels=(model.labels[0], model.labels[2]), training=training)
    network = UnetrPP(dataclasses.replace(model.network, num_classes=2, sharpen=0)).eval()
    start.inherit(network, fewer, tmp_path / "model")
    built.sharpen = torch.nn.Identity()
    x = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x), built(x)[:, [0, 2]], atol=1e-4, rtol=1e-4)
    assert not network.out2.conv.conv.weight.any()
    measuring = dataclasses.replace(fewer, training=dataclasses.replace(training, freeze_norm_at=5))
    with pytest.raises(ValueError, match="set freeze_norm_at = 0"):
        start.inherit(network, measuring, tmp_path / "model")


def test_tokens_of_another_window_are_taken_from_where_they_lie():
    grid = torch.arange(4 * 2 * 3.0).reshape(1, 24)
    smaller = start.on_grid(grid, (4, 2, 3), (2, 2, 3)).reshape(2, 2, 3)
    torch.testing.assert_close(smaller, grid.reshape(4, 2, 3)[1:3])
    larger = start.on_grid(grid, (4, 2, 3), (4, 2, 5)).reshape(4, 2, 5)
    torch.testing.assert_close(larger, grid.reshape(4, 2, 3)[..., [0, 0, 1, 2, 2]])


def test_heads_of_other_label_maps_stay_random(old):
    model, built, checkpoint = old
    other = dataclasses.replace(model, data=dataclasses.replace(model.data, folder="elsewhere"))
    network = UnetrPP(model.network)
    heads = {name: value.clone() for name, value in network.state_dict().items() if name.startswith("out")}
    start.inherit(network, other, checkpoint)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, heads.get(name, built.state_dict()[name]))


def test_a_smaller_window_takes_the_weights_too(old):
    model, _, checkpoint = old
    cut = dataclasses.replace(model.network, patch_dhw=(16, 32, 32), projection=(2, 4, 4, 4))
    start.inherit(UnetrPP(cut), dataclasses.replace(model, network=cut), checkpoint)


def test_a_label_that_the_old_network_did_not_know_and_widths_that_do_not_divide_are_refused(old):
    model, _, checkpoint = old
    unknown = (*model.labels[:2], Label("tumour", (0, 0, 0), (999,)))
    with pytest.raises(ValueError, match=r'"tumour", \(999,\)'):
        start.inherit(UnetrPP(model.network), dataclasses.replace(model, labels=unknown), checkpoint)
    other = dataclasses.replace(model.network, feature_size=6)
    with pytest.raises(ValueError, match=r"encoder1.*from 4 to 6 channels"):
        start.inherit(UnetrPP(other), dataclasses.replace(model, network=other), checkpoint)
    other = dataclasses.replace(model.network, depths=(2, 1, 1, 1))
    with pytest.raises(ValueError, match=r"depths \(1, 1, 1, 1\)"):
        start.inherit(UnetrPP(other), dataclasses.replace(model, network=other), checkpoint)
