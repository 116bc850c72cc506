"""Endless series of training samples of every kind, on the device that their maps lie on, and batches of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ..config.model import ModelConfig
from .pairs import Pairs
from .synthesis import Synthesised
from .torso import Torsos

KINDS = {"label-maps": Synthesised, "pairs": Pairs, "torso": Torsos}
"""By [data] `kind`. Each is made from its `maps`, plain data classes with tensors, and a configuration."""
Samples = Synthesised | Pairs | Torsos
Batch = tuple[Tensor, Tensor]


def kind_of(model: ModelConfig) -> type[Samples]:
    """Raises ValueError for a [data] `kind` that there is not."""
    if model.data["kind"] not in KINDS:
        known = ", ".join(f'"{kind}"' for kind in KINDS)
        raise ValueError(f'[data] kind = "{model.data["kind"]}" is unknown; it is one of {known}.')
    return KINDS[model.data["kind"]]


def moved(maps: Any, device: torch.device) -> Any:
    """Lists and data classes with all their tensors on a device."""
    if isinstance(maps, Tensor):
        return maps.to(device)
    if isinstance(maps, list):
        return [moved(part, device) for part in maps]
    if dataclasses.is_dataclass(maps):
        names = [field.name for field in dataclasses.fields(maps)]
        return dataclasses.replace(maps, **{name: moved(getattr(maps, name), device) for name in names})
    return maps


def collect(samples: Samples, first: int, size: int) -> Batch:
    """Samples first to first + size - 1 as one batch, where their maps lie."""
    images, targets = zip(*(samples[index] for index in range(first, first + size)), strict=True)
    return torch.stack(images), torch.stack(targets)


def batches_of(samples: Samples, first: int, size: int, device: torch.device) -> Iterator[Batch]:
    """Batches without end from sample `first` on. On a GPU one is made ahead, on a stream of its own.

    So its many small kernels run beside those of the step before it.
    """
    if device.type != "cuda":
        while True:
            yield collect(samples, first, size)
            first += size
    aside = torch.cuda.Stream(device)
    aside.wait_stream(torch.cuda.current_stream(device))  # maps are there

    def ahead() -> Batch:
        with torch.cuda.stream(aside):
            return collect(samples, first, size)

    batch = ahead()
    while True:
        now = torch.cuda.current_stream(device)
        now.wait_stream(aside)
        for tensor in batch:
            tensor.record_stream(now)  # its memory is not used again before the step is over
        current = batch
        first += size
        yield current
        batch = ahead()
