"""Writes published networks with weights by formula: `python make_published_models.py --out DIR NETWORK ...`.

A NETWORK is synapse, acdc, lung or tumor, or one of them on a smaller patch: synapse:32x64x64 (D x H x W; weights tied
to the grid then get other values, since the formula depends on their shapes). DIR/NETWORK/model.onnx is the exported
file, input.bin one input and logits.bin what PyTorch makes of it in float32 (raw, little-endian, (C, D, H, W)). What is
there already and was made by the same code is left alone. The page's parity test compares its engine with these logits.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import math
import pathlib
import sys
import time

import numpy as np
import onnx
import reference_checkpoint
import torch

from unetrpp.network import network as network_module
from unetrpp.network.network import UnetrPP
from unetrpp.network.variants import VARIANTS, Config
from unetrpp.onnx import onnx_graph


def config_of(name: str) -> Config:
    """The configuration of 'acdc' or 'acdc:16x32x32'. Raises ValueError for anything else."""
    variant, _, patch = name.partition(":")
    if variant not in VARIANTS:
        raise ValueError(f"There is no published network {variant}; there are {', '.join(VARIANTS)}.")
    if not patch:
        return VARIANTS[variant]
    d, h, w = map(int, patch.split("x"))
    return dataclasses.replace(VARIANTS[variant], patch_dhw=(d, h, w))


def published_network(config: Config) -> UnetrPP:
    """The network with every tensor by formula; at a published size these are the values of reference_checkpoint."""
    network = UnetrPP(config).eval()
    first_name: dict[int, str] = {}  # E and F are one tensor in synapse: the first name decides
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if first_name.setdefault(value.data_ptr(), name) == name:
                value.copy_(torch.from_numpy(np.asarray(reference_checkpoint.tensor(name, tuple(value.shape)))))
    return network


def stamp(config: Config) -> str:
    """Changes when anything that the files depend on changes."""
    digest = hashlib.sha256(f"{config} torch {torch.__version__}".encode())
    for module in (network_module, onnx_graph, reference_checkpoint, sys.modules[__name__]):
        digest.update(pathlib.Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def write(folder: pathlib.Path, config: Config, float64: bool) -> str:
    """Fills one folder and says what it did. With `float64` also measures PyTorch in float32 against float64."""
    network = published_network(config)
    x = np.random.RandomState(7).standard_normal((1, config.in_channels, *config.patch_dhw)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(onnx_graph.build(network), folder / "model.onnx")
    x.tofile(folder / "input.bin")
    start = time.monotonic()
    with torch.no_grad():
        logits = network(torch.from_numpy(x)).numpy()
    logits.tofile(folder / "logits.bin")
    seconds, megabytes = time.monotonic() - start, (folder / "model.onnx").stat().st_size / 1e6
    report = f"{folder}: {megabytes:.1f} MB, PyTorch {seconds:.1f} s"
    if float64:
        with torch.no_grad():
            exact = network.double()(torch.from_numpy(x).double()).numpy()
        rms = math.sqrt(np.square(logits - exact).mean() / np.square(exact).mean())
        report += f", float32 differs from float64 by {rms:.1e} relative RMS"
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", metavar="NETWORK")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--float64", action="store_true", help="also measure PyTorch's float32 against its float64")
    args = parser.parse_args()
    for name in args.networks:
        try:
            config = config_of(name)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
        folder = args.out / name.replace(":", "-")
        made = folder / "stamp"
        if not args.float64 and made.exists() and made.read_text() == stamp(config):
            continue
        made.unlink(missing_ok=True)
        print(write(folder, config, args.float64))
        made.write_text(stamp(config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
