"""Corrects what a network draws far too large or small: `python -m unetrpp.calibrate CHECKPOINT --data DATA`.

Soft Dice rewards guessing: structures of a few voxels, such as the inferior horns of the ventricles, come out twice
their size. Where the volume in patches synthesised from held-out label maps is off by more than TOLERANCE, the
structure's logits get the offset with the best Dice there, the same on both sides of the body. No real scan is looked
at. Writes calibrated.pt beside the checkpoint, for unetrpp.export.
"""

from __future__ import annotations

import argparse
import pathlib

import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from . import config as configuration
from .config import Label
from .network import UnetrPP
from .synthesis import Synthesised, split
from .train import NEVER_TRAINED, VALIDATION_PATCHES

PATCHES = 24
TOLERANCE = 0.25
FINEST = 0.25
"""Step of the offsets tried."""
LARGEST = 2.0
FEW = 20
"""Voxels below which a structure's Dice in a patch says nothing."""

Patch = tuple[Tensor, Tensor]
"""Logits (K, N) and class numbers (N,) of a patch's voxels."""


def sides(labels: tuple[Label, ...]) -> list[list[int]]:
    """Structures that share an offset: left and right ones together, each other one alone, background left out."""
    groups: dict[str, list[int]] = {}
    for index, label in enumerate(labels[1:], start=1):
        groups.setdefault(label.name.removeprefix("left ").removeprefix("right "), []).append(index)
    return list(groups.values())


def counts(patches: list[Patch], offsets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Voxels per patch and class (P, K): of the network, of the reference, and of both at once."""
    k = offsets.numel()
    rows = []
    for logits, truth in patches:
        mask = (logits + offsets[:, None]).argmax(0)
        rows.append([torch.bincount(x, minlength=k) for x in (mask, truth, truth[mask == truth])])
    found, wanted, both = (torch.stack(column).float() for column in zip(*rows, strict=True))
    return found, wanted, both


def mean_dice(patches: list[Patch], offsets: Tensor) -> float:
    """Mean over structures of the mean over the patches that hold more than FEW voxels of them."""
    found, wanted, both = counts(patches, offsets)
    dice = (2 * both / (found + wanted)).where(wanted > FEW, torch.nan)
    return dice[:, 1:].nanmean(0).nanmean().item()


def fit(patches: list[Patch], groups: list[list[int]]) -> Tensor:
    """Logit offsets (K,) for the groups whose volume is off by more than TOLERANCE, 0 for all others."""
    offsets = torch.zeros(patches[0][0].shape[0])
    found, wanted, _ = (n.sum(0) for n in counts(patches, offsets))
    off = [g for g in groups if abs(found[g].sum() / wanted[g].sum().clamp_min(1) - 1) > TOLERANCE]
    best = mean_dice(patches, offsets)
    tried = torch.arange(-LARGEST, LARGEST + FINEST, FINEST).tolist()
    for group in tqdm(off * 2, unit="structure"):  # twice, for each depends a little on its neighbours
        for value in tried:
            candidate = offsets.clone()
            candidate[group] = value
            dice = mean_dice(patches, candidate)
            if dice > best:
                best, offsets = dice, candidate
    return offsets


def held_out(model: configuration.ModelConfig, data: pathlib.Path, network: UnetrPP) -> list[Patch]:
    """Logits and classes in and around the brain of PATCHES synthesised patches that nothing was ever trained on.

    Raises ValueError where no label maps are held out.
    """
    maps = split(model, data)[1] if model.data["kind"] == "label-maps" else None
    if maps is None:
        raise ValueError("Only a model with held-out label maps can be calibrated: [data] validation names none.")
    samples = Synthesised(maps, model)
    patches = []
    for index in tqdm(range(PATCHES), unit="patch"):
        image, target = samples[NEVER_TRAINED + VALIDATION_PATCHES + index]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            logits = network(image[None]).float()[0]
        truth = target.argmax(0)
        near = F.max_pool3d((truth > 0).float()[None], 5, 1, 2)[0] > 0
        patches.append((logits[:, near], truth[near]))
    return patches


def calibrate(checkpoint: pathlib.Path, data: pathlib.Path) -> dict[str, float]:
    """Writes calibrated.pt and returns the offset of every structure that got one. config.toml lies beside it."""
    model = configuration.load(checkpoint.parent / "config.toml")
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")["state_dict"]
    network = UnetrPP(model.network).eval()
    network.load_state_dict(state)
    patches = held_out(model, data, network)
    offsets = fit(patches, sides(model.labels))
    before, after = mean_dice(patches, torch.zeros_like(offsets)), mean_dice(patches, offsets)
    print(f"mean Dice of {len(patches)} held-out synthesised patches: {before:.4f} -> {after:.4f}")
    state["out1.conv.conv.bias"] += offsets
    torch.save({"state_dict": state}, checkpoint.with_name("calibrated.pt"))
    return {model.labels[i].name: offsets[i].item() for i in offsets.nonzero().flatten().tolist()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path, help="of a finished run; its config.toml lies beside it")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with the training data sets")
    args = parser.parse_args()
    for name, offset in calibrate(args.checkpoint, args.data).items():
        print(f"{name}: {offset:+.2f}")


if __name__ == "__main__":
    main()
