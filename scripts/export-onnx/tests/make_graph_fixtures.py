"""Writes the tiny networks that the page's graph tests read: `python make_graph_fixtures.py [DIR]`, DIR as below.

Each NAME.onnx comes with NAME.input.bin and NAME.logits.bin: one input and what ONNX Runtime makes of it, raw
little-endian float32. Weights are random but seeded, with nothing at its neutral value, so that a dropped term shows.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from test_onnx_graph import random_network
from torch import Tensor, nn

from unetrpp.network.variants import Config
from unetrpp.onnx import onnx_graph

FIXTURES = pathlib.Path(__file__).parents[3] / "src/inference/network/onnx/fixtures"

# Channels per head and projected tokens are multiples of 4, as the page's attention kernels ask.
SHARED = Config(
    1, 3, (16, 16, 16), (1, 2, 2), dims=(8, 8, 8, 8), depths=(1, 1, 1, 1), decoder_depths=(1, 1, 1),
    feature_size=4, heads=2, projection=(4, 8, 8, 4), decoder_projection=4,
)  # fmt: skip
UNETRPP = {
    "shared-concat": SHARED,
    "separate-conv52": dataclasses.replace(SHARED, stem=(2, 2, 2), token_projection="separate", residual_blocks=2),
    "plain-sum": dataclasses.replace(
        SHARED, in_channels=4, num_classes=2, stem=(2, 1, 2), token_projection="plain", fusion="sum", feature_size=6,
        dims=(4, 8, 8, 8), heads=1,
    ),
}  # fmt: skip


class Stage(nn.Module):
    """Two 3x3x3 convolutions, each with a norm and an activation; the second may add its input."""

    def __init__(self, cin: int, cout: int, norm: nn.Module, act: nn.Module, residual: bool = False):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(cin, cout, 3, padding=1), norm
        self.conv2, self.act, self.residual = nn.Conv3d(cout, cout, 3, padding=1), act, residual

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.norm1(self.conv1(x)))
        z = self.conv2(y)
        return self.act(z + y if self.residual else z)


class PlainUnet(nn.Module):
    """A 3-D U-Net of stock layers with a bit of everything: pooling, a strided convolution, concatenated skips."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = Stage(1, 6, nn.InstanceNorm3d(6, affine=True), nn.LeakyReLU(0.02))
        self.pool = nn.MaxPool3d(2)
        self.middle = Stage(6, 8, nn.BatchNorm3d(8), nn.ReLU(), residual=True)
        self.strided = nn.Conv3d(8, 8, 3, stride=2, padding=1)
        self.bottom = Stage(8, 8, nn.GroupNorm(2, 8), nn.PReLU(init=0.2))
        self.up1 = nn.ConvTranspose3d(8, 8, 2, 2)
        self.up2 = nn.ConvTranspose3d(8, 6, 2, 2)
        self.leave = Stage(12, 4, nn.InstanceNorm3d(4), nn.LeakyReLU(0.01))
        self.head = nn.Conv3d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enter(x)
        middle = self.middle(self.pool(skip))
        up = self.up1(self.bottom(self.strided(middle)))
        up = self.up2(up[:, :, :5] + middle)
        return torch.softmax(self.head(self.leave(torch.cat((up, skip), 1))), 1)


def write(directory: pathlib.Path, name: str, shape: tuple[int, ...]) -> None:
    """Runs DIR/NAME.onnx on a random input and stores both."""
    session = onnxruntime.InferenceSession(str(directory / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(7).standard_normal(shape, np.float32)
    (logits,) = session.run(None, {session.get_inputs()[0].name: x})
    x.tofile(directory / f"{name}.input.bin")
    logits.tofile(directory / f"{name}.logits.bin")
    print(f"{name}: {(directory / f'{name}.onnx').stat().st_size} bytes, {shape} -> {logits.shape}")


def main(directory: pathlib.Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, config in UNETRPP.items():
        onnx.save(onnx_graph.build(random_network(config)), directory / f"{name}.onnx")
        write(directory, name, (1, config.in_channels, *config.patch_dhw))
    unet = random_network_like(PlainUnet())
    shape = (1, 1, 10, 12, 16)
    # PRESERVE keeps BatchNormalization a node of its own; the TorchScript exporter would fold it away.
    torch.onnx.export(
        unet, (torch.zeros(shape),), str(directory / "plain-unet.onnx"), opset_version=17, dynamo=False,
        input_names=["image"], output_names=["probabilities"], training=torch.onnx.TrainingMode.PRESERVE,
    )  # fmt: skip
    write(directory, "plain-unet", shape)


def random_network_like(network: nn.Module) -> nn.Module:
    torch.manual_seed(2)
    for name, tensor in network.eval().state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif tensor.is_floating_point() and "act" not in name:
            tensor.add_(0.2 * torch.randn_like(tensor))
    return network


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES)
