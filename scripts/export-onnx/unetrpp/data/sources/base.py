"""What a source of training data is."""

from __future__ import annotations

import pathlib
from typing import Any, Protocol

from ...config.model import ModelConfig
from ...config.sections import DataSection
from ..losses import Loss
from ..pairs import Case, Scan
from ..sampling import Samples


class DataSource(Protocol):
    """One `kind` of [data].

    `read`, `held_out`, `held_out_scans` and `files` import what reads files themselves: a training on packed data has
    nothing but PyTorch and numpy, and takes `samples`, `loss` and `map_types` alone.
    """

    section: type[DataSection]
    """What [data] may hold."""
    map_types: tuple[type, ...]
    """The data classes that its maps consist of: what a pack may hold beside tensors."""

    @property
    def loss(self) -> Loss:
        """What its targets are compared with."""

    def samples(self, maps: Any, model: ModelConfig) -> Samples:
        """The endless series of training samples, on the device that the maps lie on.

        Raises ValueError for a configuration that such samples cannot be made for.
        """

    def read(self, model: ModelConfig, data: pathlib.Path) -> Any:
        """The maps that samples are made from: data classes with tensors. `data` is the folder with all data sets."""

    def held_out(self, model: ModelConfig, data: pathlib.Path) -> list[Case]:
        """What training is measured on as it goes; empty where there is nothing."""

    def held_out_scans(self, model: ModelConfig, data: pathlib.Path) -> list[Scan] | None:
        """The scans that [data] itself holds out; None where this kind has no scans to hold out."""

    def files(self, model: ModelConfig, data: pathlib.Path) -> list[pathlib.Path]:
        """Every scan and label map that training reads, or that [data] holds out."""
