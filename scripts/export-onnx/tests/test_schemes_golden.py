"""Every scheme against what the published packages make of the same scans, stage by stage.

The arrays in src/inference/schemes/fixtures are theirs (make_scheme_golden.py: nnU-Net v1, nnU-Net v2, MONAI); the
page's tests read the same files.
"""

import json
import pathlib

import numpy as np
import pytest
import torch

from unetrpp.inference.schemes import monai, nnunet
from unetrpp.inference.schemes.stages import Stages

FIXTURES = pathlib.Path(__file__).parents[3] / "src/inference/schemes/fixtures"
CASES = {case["name"]: case for case in json.loads((FIXTURES / "cases.json").read_text())}


def fixture(name, stage):
    return np.load(FIXTURES / f"{name}.{stage}.npy")


def convolution(channels, outputs):
    """The network of make_scheme_golden.py: one zero-padded 3x3x3 convolution with weights by formula."""
    weight = torch.sin(1.3 * torch.arange(outputs * channels * 27, dtype=torch.float64) + 0.5).float()
    weight = weight.view(outputs, channels, 3, 3, 3)
    bias = torch.sin(torch.arange(outputs, dtype=torch.float64)).float()
    return lambda x: torch.nn.functional.conv3d(torch.from_numpy(x), weight, bias, padding=1).numpy()


@pytest.mark.parametrize("name", CASES)
def test_every_stage_is_what_the_published_package_makes(name):
    case = CASES[name]
    pipeline, affine = case["pipeline"], np.array(case["affine"]).reshape(4, 4)
    channels = fixture(name, "scan").astype(np.float32)
    regions, keep = case["regions"], Stages()
    manifest = {
        "pipeline": pipeline,
        "patchDhw": case["patchDhw"],
        "output": {"activation": "sigmoid", "regionOrder": regions} if regions else {"activation": "softmax"},
    }
    network = convolution(len(channels), len(regions) if regions else 3)
    if pipeline["scheme"] == "monai":
        labels = monai.segment(channels, affine, manifest, network, keep)
    else:
        run = {"nnunet-v1": nnunet.segment_v1, "nnunet-v2": nnunet.segment_v2}[pipeline["scheme"]]
        spacing = np.sqrt((affine[:3, :3] ** 2).sum(0))[::-1]
        labels = run(channels, spacing, manifest, network, pipeline["mirroring"]["byDefault"], keep)
    compared = 0
    # float32 sums in another order; statistics in float32 there and in float64 here; v1-ct2 has logits of thousands.
    for stage, tolerance in (("cropped", 0), ("resampled", 3e-6), ("normalised", 3e-6), ("blended", 3e-5)):
        if not (FIXTURES / f"{name}.{stage}.npy").exists():
            continue
        expected = fixture(name, stage)
        assert keep.arrays[stage].shape == expected.shape, stage
        assert np.abs(keep.arrays[stage] - expected).max() <= tolerance * np.abs(expected).max(), stage
        compared += 1
    assert compared >= 2
    np.testing.assert_array_equal(labels, fixture(name, "labels"))
