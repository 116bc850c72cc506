"""The network against the published one: names, shapes and values at every stage."""

import dataclasses

import numpy as np
import pytest
import torch
from make_published_models import published_network
from reference_checkpoint import FOLDER, entries, image, state_dict
from torch.nn import functional as F

from unetrpp.network.network import Epa, Sharpen, UnetrPP
from unetrpp.network.variants import VARIANTS, Config

SMALL = Config(
    1, 3, (32, 16, 48), (2, 2, 2), dims=(8, 16, 16, 32), depths=(1, 1, 1, 1), decoder_depths=(1, 1, 1),
    feature_size=4, projection=(8, 8, 8, 4), decoder_projection=8,
)  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_state_dict_has_the_published_names_and_shapes(variant):
    with torch.device("meta"):
        ours = UnetrPP(VARIANTS[variant]).state_dict()
    published = {e["name"]: tuple(e["shape"]) for e in entries(variant)}
    assert {k: tuple(v.shape) for k, v in ours.items()} == published


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_stage_computes_what_the_published_network_does(variant):
    network = UnetrPP(VARIANTS[variant]).eval()
    network.load_state_dict(state_dict(variant), strict=True)
    expected = np.load(FOLDER / f"expected_{variant}.npz")
    stages = sorted({key.rsplit("/", 1)[0] for key in expected if key.endswith("/value")} - {"logits"})
    seen = {}

    def record(name):
        def hook(_module, _inputs, output):
            index = torch.from_numpy(expected[f"{name}/index"])
            seen[name] = tuple(output.shape), output.flatten()[index].numpy()

        return hook

    modules = dict(network.named_modules())
    for name in stages:
        modules[name].register_forward_hook(record(name))
    with torch.no_grad():
        logits = network(image(variant))
    seen["logits"] = tuple(logits.shape), logits.flatten()[torch.from_numpy(expected["logits/index"])].numpy()

    assert len(seen) == len(stages) + 1 > 10
    for name, (shape, values) in seen.items():
        assert shape == tuple(expected[f"{name}/shape"]), name
        error = np.abs(values - expected[f"{name}/value"]).max() / expected[f"{name}/std"]
        assert error < 1e-4, f"{name}: {error:.1e} of a standard deviation"
    histogram = np.bincount(logits.argmax(1).flatten().numpy(), minlength=logits.shape[1])
    # Near-ties may fall either way in another summation order; more than a few voxels may not.
    assert np.abs(histogram - expected["argmax/histogram"]).sum() <= 1e-5 * histogram.sum()


@pytest.mark.slow
def test_a_network_filled_by_formula_is_the_published_one():
    state = published_network(VARIANTS["synapse"]).state_dict()  # its E and F are tied: that is where a filler can slip
    for name, value in state_dict("synapse").items():
        torch.testing.assert_close(state[name], value, rtol=0, atol=0, msg=name)


def test_spatial_attention_rows_are_consecutive_tokens_of_one_channel():
    """The published reshape, restated with explicit indices: row r, column c holds channel r // (N/C) = i*h + head."""
    config = dataclasses.replace(SMALL, fusion="sum", token_projection="plain")
    n, c, heads = 16, 8, config.heads
    epa = Epa(n, c, 4, config).eval()
    torch.manual_seed(0)
    x = torch.randn(1, n, c)
    with torch.no_grad():
        full = epa(x)
        epa.qkvv.weight[2 * c : 3 * c] = 0  # without channel values only the spatial branch is left
        spatial = epa(x)
        q, k, _, v = epa.qkvv(x).reshape(n, 4, heads, c // heads).permute(1, 2, 3, 0)
        scores = (torch.nn.functional.normalize(q, dim=-1).transpose(-2, -1) @ (k @ epa.EF)) * epa.temperature2
        attended = scores.softmax(-1) @ (v @ epa.EF).transpose(-2, -1)  # (h, N, d)
    assert not torch.allclose(full, spatial)
    for row in range(n):
        for column in range(c):
            channel, token = row // (n // c), (row % (n // c)) * c + column
            torch.testing.assert_close(spatial[0, row, column], attended[channel % heads, token, channel // heads])


def test_deep_supervision_returns_three_resolutions_only_while_training():
    network = UnetrPP(dataclasses.replace(SMALL, deep_supervision=True))
    x = torch.zeros(2, 1, *SMALL.patch_dhw)
    assert [tuple(y.shape[2:]) for y in network.train()(x)] == [(32, 16, 48), (16, 8, 24), (8, 4, 12)]
    assert network.eval()(x).shape == (2, 3, 32, 16, 48)


def test_sharpening_makes_up_for_voxel_means_and_linear_interpolation():
    """Voxels 2 wide have the means of a polynomial of degree 2; read back halfway between points 1 apart."""
    z, y, x = torch.meshgrid(*(torch.arange(2.0 * n) for n in (9, 10, 11)), indexing="ij")
    truth = (0.3 * x**2 - 0.2 * y**2 + 0.1 * z**2 + 0.5 * x - y)[None, None]
    means = F.avg_pool3d(truth, 2)
    inside = (slice(None), slice(None), *(slice(4, -4),) * 3)

    def error(amount):
        features = torch.cat((means, -means), 1)
        sharpened = Sharpen(2, amount)(features)
        torch.testing.assert_close(sharpened[:, 1], -sharpened[:, 0])
        back = F.interpolate(sharpened[:, :1], scale_factor=2, mode="trilinear", align_corners=False)
        return (back - truth)[inside].abs().max()

    # Quarters of the way: 3/32 h^2 for the interpolation, 1/32 for means of two points (1/24 for means of everything).
    assert error(1 / 8) < 1e-4
    assert error(0) > 0.1


def test_only_inference_sharpens():
    network = UnetrPP(dataclasses.replace(SMALL, sharpen=0.125))
    plain = UnetrPP(SMALL)
    plain.load_state_dict(network.state_dict())
    x = torch.randn(1, SMALL.in_channels, *SMALL.patch_dhw)
    torch.testing.assert_close(network.train()(x), plain.train()(x))
    assert (network.eval()(x) - plain.eval()(x)).abs().max() > 0.01


def test_a_patch_the_stem_cannot_divide_is_refused_with_the_numbers():
    with pytest.raises(ValueError, match=r"patch_dhw\[1\] = 100 must be a multiple of stem \* 8 = 32"):
        Config(1, 2, (64, 100, 128), (2, 4, 4))
