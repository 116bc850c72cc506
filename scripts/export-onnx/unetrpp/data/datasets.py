"""Reads what a configuration's [data] describes: what is trained on, and what training is measured on."""

from __future__ import annotations

import pathlib

from ..config.model import ModelConfig
from . import scan_sets
from .pairs import Case, Scan
from .sampling import Samples
from .sources.registry import source_of


def training(model: ModelConfig, data: pathlib.Path) -> Samples:
    """The training samples. Raises LockedScanError where they would be made from scans of [test]."""
    refuse_test_scans(model, data)
    source = source_of(model)
    return source.samples(source.read(model, data), model)


def held_out(model: ModelConfig, data: pathlib.Path) -> list[Case]:
    """What training is measured on as it goes."""
    return source_of(model).held_out(model, data)


def development(model: ModelConfig, data: pathlib.Path) -> list[Scan]:
    """The scans that choices are made on. Raises ValueError where the configuration names none."""
    return scan_sets.development(model, data, source_of(model).held_out_scans)


def refuse_test_scans(model: ModelConfig, data: pathlib.Path) -> None:
    """Raises LockedScanError when training would read a scan of [test], or labels of one, or a copy of a scan."""
    if model.test:
        scan_sets.refuse_test_scans(model, data, source_of(model).files(model, data))
