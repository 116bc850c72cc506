"""A model's configuration file (TOML): network, grid, labels, data and training in one place."""

from __future__ import annotations

import dataclasses
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any

from ..network.variants import Config
from . import tables
from .labels import Label, ids_of
from .sections import Augmentation, Card, DataSection, Grid, ScanSet, Training
from .tables import ConfigError


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What a TOML file under configs/ says."""

    network: Config
    labels: tuple[Label, ...]
    """Index 0 is background."""
    grid: Grid
    data: DataSection
    augmentation: Augmentation
    training: Training
    background: tuple[int, ...]
    """Ids of reference labels that are no structure of this model."""
    development: ScanSet | None
    """What choices are made on."""
    test: ScanSet | None
    """What nothing is chosen on: training refuses to read it."""
    card: Card
    """The top-level entries: name, title, version, modality, licence, ..."""


TABLES = ("network", "grid", "data", "augmentation", "training", "development", "test", "labels")
"""Sections with a name of their own; all other entries but `background` are the card's."""


def read(path: pathlib.Path, kinds: Mapping[str, type[DataSection]]) -> ModelConfig:
    """Reads a configuration.

    Args:
        kinds: the section of [data] by its `kind`.

    Raises ConfigError for entries that there are not or that are of another type, and when labels and network, or
    labels and scan sets, disagree.
    """
    try:
        raw = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}.") from error
    known = tables.keys_of(Card)
    tables.refuse_unknown(raw, [*known, *TABLES, "background"], str(path))
    if missing := {"network", "grid", "data", "training", "labels"} - set(raw):
        raise ConfigError(f"{path} lacks [{min(missing)}].")

    def section(name: str, kind: type) -> Any:
        return tables.read(kind, raw.get(name, {}), f"{path}: [{name}]")

    network = section("network", Config)
    named = (tables.read(Label, entry, f"{path}: [[labels]] {i}") for i, entry in enumerate(raw["labels"], start=1))
    labels = (Label("background", (0, 0, 0), (0,)), *named)
    if network.num_classes != len(labels):
        raise ConfigError(
            f"{path}: network.num_classes = {network.num_classes}, but there are {len(labels)} labels with background."
        )
    names = {label.name for label in labels}
    sets = {name: _scan_set(path, name, raw[name], names) for name in ("development", "test") if name in raw}
    try:
        background = tuple(ids_of(raw.get("background", ())))
    except ValueError as error:
        raise ConfigError(f"{path}: background: {error}") from error
    return ModelConfig(
        network, labels, section("grid", Grid), section("data", _kind(path, raw["data"], kinds)),
        section("augmentation", Augmentation), section("training", Training), background, sets.get("development"),
        sets.get("test"), tables.read(Card, {key: raw[key] for key in raw if key in known}, str(path)),
    )  # fmt: skip


def _kind(path: pathlib.Path, table: Mapping[str, Any], kinds: Mapping[str, type[DataSection]]) -> type[DataSection]:
    kind = table.get("kind")
    if kind not in kinds:
        known = ", ".join(f'"{name}"' for name in kinds)
        raise ConfigError(f'{path}: [data] kind = "{kind}" is unknown; it is one of {known}.')
    return kinds[kind]


def _scan_set(path: pathlib.Path, name: str, table: Mapping[str, Any], structures: set[str]) -> ScanSet:
    where = f"{path}: [{name}]"
    scans = tables.read(ScanSet, table, where)
    needed = () if name == "development" and "images" not in table else ("images", "label_path")
    if missing := [key for key in needed if key not in table]:
        raise ConfigError(f'{where} lacks "{missing[0]}".')
    if wrong := set(scans.labelled or ()) - structures:
        raise ConfigError(f"{where} labelled names {sorted(wrong)}, which are no labels of this model.")
    return scans
