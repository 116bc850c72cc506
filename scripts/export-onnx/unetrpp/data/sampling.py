"""Endless series of training samples of every kind, on the device that their maps lie on, and batches of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from ..config.model import ModelConfig

T = TypeVar("T")
Batch = tuple[Tensor, Tensor]


class Samples(Protocol):
    """Sample `index` of an endless deterministic series, a function of the seed and of the device that makes it."""

    maps: Any
    """What samples are made from: data classes with tensors."""
    model: ModelConfig

    def __len__(self) -> int:
        """How many a whole training takes."""

    def __getitem__(self, index: int) -> Batch:
        """image float32 (1, D, H, W); target float32 (K, D, H, W), the share of each class in each voxel."""


def mapped(maps: Any, kind: type[T], change: Callable[[T], T]) -> Any:
    """Lists and data classes with everything in them that is of a kind changed."""
    if isinstance(maps, kind):
        return change(maps)
    if isinstance(maps, list):
        return [mapped(part, kind, change) for part in maps]
    if dataclasses.is_dataclass(maps):
        names = [field.name for field in dataclasses.fields(maps)]
        return dataclasses.replace(maps, **{name: mapped(getattr(maps, name), kind, change) for name in names})
    return maps


def moved(maps: Any, device: torch.device) -> Any:
    """Lists and data classes with all their tensors on a device."""
    return mapped(maps, Tensor, lambda tensor: tensor.to(device))


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
