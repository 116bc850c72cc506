"""A model's configuration file (TOML): network, grid, labels and training in one place."""

from __future__ import annotations

import dataclasses
import pathlib
import tomllib
from collections.abc import Sequence
from typing import Any

from .network import Config


@dataclasses.dataclass(frozen=True)
class Label:
    """One output class. `sources` are the ids in the training label maps that it collects."""

    name: str
    color: tuple[int, int, int]
    sources: tuple[int, ...]
    least_ml: float | None = None
    """Smaller islands are dissolved: see unetrpp.islands."""
    weight: float = 1.0
    """How much its Dice counts in training's loss, beside that of the others."""


def opposite(names: Sequence[str]) -> list[int]:
    """For each name the position of the same structure on the other side ('left x', 'right x'), else its own.

    Of several equal names the n-th belongs to the n-th.
    """

    def other(name: str) -> str:
        side, _, rest = name.partition(" ")
        return " ".join(filter(None, ({"left": "right", "right": "left"}.get(side, side), rest)))

    places = {name: [i for i, n in enumerate(names) if n == name] for name in names}
    return [places.get(other(name), places[name])[places[name].index(i)] for i, name in enumerate(names)]


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What a TOML file under configs/ says."""

    network: Config
    labels: tuple[Label, ...]
    """Index 0 is background."""
    grid: dict[str, Any]
    data: dict[str, Any]
    """Where training data lies: kind "label-maps" (unetrpp.synthesis) or "pairs" (unetrpp.pairs)."""
    augmentation: dict[str, Any]
    """Fields of unetrpp.augment.Augmentation, for pairs."""
    training: dict[str, Any]
    card: dict[str, Any]
    """The remaining top-level entries: name, title, version, modality, licence, ..."""


def load(path: pathlib.Path) -> ModelConfig:
    """Reads a configuration. Raises ValueError when labels and network disagree."""
    raw = tomllib.loads(path.read_text())
    network, augmentation = (_tuples(raw.pop(table, {})) for table in ("network", "augmentation"))
    named = (
        Label(
            entry["name"], tuple(entry["color"]), tuple(entry["from"]), entry.get("least_ml"), entry.get("weight", 1.0)
        )
        for entry in raw.pop("labels")
    )
    labels = (Label("background", (0, 0, 0), (0,)), *named)
    config = Config(**network)
    if config.num_classes != len(labels):
        raise ValueError(
            f"{path}: network.num_classes = {config.num_classes}, but there are {len(labels)} labels with background."
        )
    return ModelConfig(config, labels, raw.pop("grid"), raw.pop("data"), augmentation, raw.pop("training"), raw)


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
