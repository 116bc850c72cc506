"""Writes small model folders, scans and what Python makes of them: `python make_model_folders.py [DIR]`, DIR as below.

NAME/model is a folder as a user gets it: the four published flavours through checkpoint, plans and unetrpp.export, and
two plain networks exported by torch.onnx with manifests written by hand. NAME/*.nii.gz are scans, one per channel,
NAME/STAGE.npy what unetrpp.predict makes of them. The page's tests run the same folders.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import json
import pathlib
import shutil
import sys
import tempfile

import nibabel
import numpy as np
import torch
from test_export import make_plans, write_checkpoint
from test_onnx_graph import random_network
from torch import Tensor, nn

from unetrpp.inference import manifest, runtime, segmentation
from unetrpp.inference.schemes.stages import Stages
from unetrpp.network.variants import Config
from unetrpp.onnx import describe
from unetrpp.published import export as published_export

FIXTURES = pathlib.Path(__file__).parents[3] / "src/models/fixtures"
SAMPLED = 7
"""Every so many numbers of the large stages are kept."""
PIECE_BYTES = 40_000
"""So that these small files are cut too."""

SHARED = Config(
    1, 3, (16, 16, 32), (2, 2, 2), dims=(4, 4, 4, 8), depths=(1, 1, 1, 1), decoder_depths=(1, 1, 1), feature_size=4,
    heads=1, projection=(4, 4, 4, 4), decoder_projection=4, deep_supervision=True,
)  # fmt: skip
SEPARATE = dataclasses.replace(SHARED, token_projection="separate", residual_blocks=2)
CT = {"normalization_schemes": {0: "CT"}}
MR = {"use_mask_for_norm": dict.fromkeys(range(4), True), "normalization_schemes": dict.fromkeys(range(4), "nonCT")}
BRATS = {"modalities": {0: "FLAIR", 1: "T1w", 2: "t1gd", 3: "T2w"}}
OBLIQUE = np.linalg.qr(np.array([[0.96, -0.25, 0.12], [0.27, 0.95, -0.15], [-0.08, 0.18, 0.98]]))[0] * [-1, -1, 1]

PUBLISHED = {
    # name: network, plans (spacing z, y, x and more), scan size and spacing (x, y, z), orientation, zeros around
    "synapse": (SHARED, [3.0, 1.5, 1.5], CT, (27, 25, 13), (1.1, 1.1, 5.0), np.diag([-1, -1, 1]), 0),
    "acdc": (
        dataclasses.replace(SEPARATE, patch_dhw=(16, 16, 16), stem=(1, 2, 2), num_classes=4), [6.0, 1.5, 1.5], MR,
        (23, 21, 6), (1.25, 1.25, 9.0), OBLIQUE, 0,
    ),
    "lung": (
        dataclasses.replace(SEPARATE, stem=(1, 2, 2), num_classes=2, patch_dhw=(16, 16, 16)), [1.2, 1.2, 1.2], CT,
        (13, 11, 7), (1.2, 1.2, 1.2), np.diag([-1, -1, 1]), 0,
    ),
    "brats": (
        dataclasses.replace(SHARED, in_channels=4, num_classes=4, token_projection="plain", fusion="sum"),
        [1.0, 1.0, 1.0], MR | BRATS, (23, 21, 19), (1.0, 1.0, 1.0), np.diag([-1, -1, 1]), 3,
    ),
}  # fmt: skip


class Plain(nn.Module):
    """A small network of stock layers; not UNETR++."""

    def __init__(self, classes: int):
        super().__init__()
        self.enter, self.down = nn.Conv3d(1, 6, 3, padding=1), nn.Conv3d(6, 8, 3, stride=2, padding=1)
        self.norm, self.up = nn.InstanceNorm3d(8, affine=True), nn.ConvTranspose3d(8, 6, 2, 2)
        self.head = nn.Conv3d(12, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = nn.functional.leaky_relu(self.enter(x), 0.01)
        return self.head(torch.cat((self.up(torch.relu(self.norm(self.down(skip)))), skip), 1))


def balance(network: nn.Module, head: nn.Conv3d, channels: int, patch: tuple[int, ...]) -> nn.Module:
    """Shifts and scales the logits to mean 0 and deviation 1 on noise, so that every class occurs."""
    x = torch.from_numpy(np.random.default_rng(6).standard_normal((1, channels, *patch), np.float32))
    with torch.no_grad():
        logits = network.eval()(x)[0].flatten(1)
        head.weight /= logits.std(1).view(-1, 1, 1, 1, 1)
        head.bias.copy_((head.bias - logits.mean(1)) / logits.std(1))
    return network


def scan(size_xyz: tuple[int, int, int], channel: int, margin: int) -> np.ndarray:
    """(x, y, z) int16 in the range of CT: smooth shapes and noise; zeros around an ellipsoid if there is a margin."""
    rng = np.random.default_rng(channel)
    grid = np.meshgrid(*(np.linspace(-1, 1, n) for n in size_xyz), indexing="ij")
    waves = np.sin(4 * grid[0] + channel) * np.cos(3 * grid[1]) + np.sin(5 * grid[2] + 2 * grid[0])
    data = np.clip(60 + 120 * waves + rng.normal(0, 15, size_xyz), -900, 900).astype(np.int16)
    data[data == 0] = 1
    reach = [1 - 2 * margin / n for n in size_xyz]
    outside = sum((g / r) ** 2 for g, r in zip(grid, reach, strict=True)) > 1
    return np.where(outside, 0, data) if margin else data


def finish(folder: pathlib.Path, size: tuple, spacing: tuple, axes: np.ndarray, margin: int) -> None:
    """Scans, and what Python makes of them."""
    description = manifest.read(folder / "model")
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes * np.array(spacing), [12, -7, 30]
    paths = []
    for index in range(len(description["channels"])):
        paths.append(folder / f"scan_{index:04d}.nii.gz")
        # No time stamp in the compressed file: it is the same file every time.
        image = nibabel.Nifti1Image(scan(size, index, margin), affine)
        with tempfile.NamedTemporaryFile(suffix=".nii") as plain:
            nibabel.save(image, plain.name)
            paths[-1].write_bytes(gzip.compress(pathlib.Path(plain.name).read_bytes(), 9, mtime=0))
    channels, image = segmentation.read_channels(segmentation.assign(paths, description["channels"]))
    network = runtime.onnx_network(manifest.read_weights(folder / "model", description))
    stages = Stages()
    labels = segmentation.segment(channels, image.affine, description, network, keep=stages)
    np.save(folder / "labels.npy", labels)
    for stage in ("first-window", "last-window"):
        np.save(folder / f"{stage}.npy", stages.arrays[stage].ravel()[::SAMPLED])
    files = [f for f in folder.rglob("*") if f.is_file()]
    counts = np.bincount(labels.ravel(), minlength=len(description["labels"]))
    print(f"{folder.name}: {sum(f.stat().st_size for f in files)} bytes, {len(files)} files, voxels per label {counts}")


def write_published(folder: pathlib.Path, config: Config, spacing: list[float], changes: dict) -> None:
    """A checkpoint with its plans, exported."""
    stage = {"patch_size": np.array(config.patch_dhw), "current_spacing": np.array(spacing)}
    with tempfile.TemporaryDirectory() as run, contextlib.redirect_stdout(io.StringIO()):
        plan = make_plans(config, **changes, plans_per_stage={0: stage})
        plan["dataset_properties"]["intensityproperties"] = {
            0: {"mean": 60.0, "sd": 90.0, "percentile_00_5": -150.0, "percentile_99_5": 280.0}
        }
        network = random_network(config)
        balance(network, network.out1.conv.conv, config.in_channels, config.patch_dhw)
        checkpoint = write_checkpoint(pathlib.Path(run), network, plan)
        choices = published_export.Choices(
            name=folder.name, title=f"Test network ({folder.name})", license="Apache-2.0"
        )
        agreement = published_export.export_published(checkpoint, folder / "model", "fp16", choices)
    assert agreement.is_good, agreement


def write_plain(folder: pathlib.Path, pipeline_entry: dict, patch: list[int]) -> None:
    """torch.onnx's own export and a manifest written by hand."""
    torch.manual_seed(4)
    target = folder / "model"
    target.mkdir(parents=True)
    network = Plain(3)
    balance(network, network.head, 1, tuple(patch))
    x = torch.zeros(1, 1, *patch)
    torch.onnx.export(network, (x,), str(target / "model.onnx"), opset_version=17, dynamo=False)
    described = {
        "format": "organscope-model", "formatVersion": 2, "name": folder.name, "title": f"Test network ({folder.name})",
        "version": "1", "task": "segmentation", "modality": "CT", "channels": [{"name": "CT"}], "patchDhw": patch,
        "labels": [{"id": i, "name": f"class {i}", "color": [80 * i, 200, 90]} for i in range(3)],
        "pipeline": pipeline_entry, "license": "Apache-2.0",
    }  # fmt: skip
    (target / "model.json").write_text(json.dumps(described))
    describe.complete(target)


def main(directory: pathlib.Path) -> None:
    manifest.PIECE_BYTES = PIECE_BYTES
    shutil.rmtree(directory, ignore_errors=True)
    for name, (config, spacing, changes, *made) in PUBLISHED.items():
        write_published(directory / name, config, spacing, changes)
        finish(directory / name, *made)
    monai = {
        "scheme": "monai", "axcodes": "RAS", "spacingDhw": [1.5, 1.5, 2.0],
        "interpolation": {"image": "linear", "output": "linear"}, "tiling": {"overlap": 0.5, "mode": "gaussian"},
        "intensity": {"scheme": "range", "aMin": -175, "aMax": 250, "bMin": 0, "bMax": 1, "clip": True},
    }  # fmt: skip
    write_plain(directory / "monai", monai, [12, 12, 12])
    finish(directory / "monai", (21, 17, 19), (1.2, 1.3, 1.5), OBLIQUE, 0)
    sampler = {"order": 3, "orderZ": 0, "separateZ": "auto"}
    v2 = {
        "scheme": "nnunet-v2", "transposeForward": [1, 0, 2], "transposeBackward": [1, 0, 2],
        "spacingDhw": [1.1, 1.6, 1.2], "normalization": [{"scheme": "ZScore", "useMask": True}],
        "resampling": {"image": sampler, "output": sampler | {"order": 1}, "anisotropyThreshold": 3},
        "tiling": {"step": 0.5, "sigmaScale": 0.125}, "mirroring": {"axes": [0, 1, 2], "byDefault": False},
    }  # fmt: skip
    write_plain(directory / "nnunet-v2", v2, [12, 12, 12])
    finish(directory / "nnunet-v2", (19, 15, 14), (1.0, 1.0, 1.4), np.diag([-1, -1, 1]), 2)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES)
