"""Checkpoints by formula: every tensor of a published variant is a function of its name and shape.

tests/reference/state_dict_<variant>.json lists the published names and shapes, expected_<variant>.npz what the
published network computes from these weights in float32.
"""

from __future__ import annotations

import json
import pathlib
import zlib

import numpy as np
import torch

from unetrpp.network.variants import VARIANTS

FOLDER = pathlib.Path(__file__).parent / "reference"


def entries(variant: str) -> list[dict]:
    """Name, shape, dtype and (for a tied tensor) `same_as`, in the published order."""
    return json.loads((FOLDER / f"state_dict_{variant}.json").read_text())


def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The value of one entry."""
    x = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape).astype(np.float32)
    leaf = name.rsplit(".", 1)[-1]
    scaled = {
        "num_batches_tracked": lambda: np.zeros(shape, np.int64),
        "running_mean": lambda: 0.1 * x,
        "running_var": lambda: 0.5 + np.abs(x),
        "gamma": lambda: 0.5 + 0.5 * np.abs(x),
        "temperature": lambda: 0.5 + np.abs(x),
        "temperature2": lambda: 0.5 + np.abs(x),
        "pos_embed": lambda: 0.2 * x,
        "EF": lambda: x / np.sqrt(np.float32(shape[0])),
        "bias": lambda: 0.1 * x,
    }
    if leaf in scaled:
        return scaled[leaf]()
    return 1 + 0.1 * x if len(shape) == 1 else x / np.sqrt(np.float32(np.prod(shape[1:])))


def state_dict(variant: str) -> dict[str, torch.Tensor]:
    """All entries of one variant by published name."""
    values: dict[str, torch.Tensor] = {}
    for entry in entries(variant):
        tied = entry.get("same_as")
        values[entry["name"]] = values[tied] if tied else torch.tensor(tensor(entry["name"], tuple(entry["shape"])))
    return values


def image(variant: str) -> torch.Tensor:
    """The network input, (1, C, D, H, W)."""
    config = VARIANTS[variant]
    values = np.random.RandomState(7).standard_normal((1, config.in_channels, *config.patch_dhw))
    return torch.from_numpy(values.astype(np.float32))
