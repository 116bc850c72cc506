"""A model's configuration file (TOML): network, grid, labels and training in one place."""

from __future__ import annotations

import dataclasses
import pathlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..data.augment import Augmentation
from ..network.variants import Config


@dataclasses.dataclass(frozen=True)
class Label:
    """One output class. `sources` are the ids in the training label maps that it collects."""

    name: str
    color: tuple[int, int, int]
    sources: tuple[int, ...]
    least_ml: float | None = None
    """Smaller islands are dissolved: see unetrpp.inference.islands."""
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


def ids_of(entries: Iterable[int | str]) -> list[int]:
    """Ids from numbers and texts such as "24", "251-255" and "24,30-31". Raises ValueError for other texts."""
    ids = []
    for part in (part for entry in entries for part in str(entry).split(",")):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise ValueError(f'"{part}" is no id and no range of ids such as 1000-1035.')
        ids += range(int(first), int(last or first) + 1)
    return ids


def mapping(entries: Mapping[str, int]) -> dict[int, int]:
    """{"1000-1035": 3} for each id by itself."""
    return {id_: target for ids, target in entries.items() for id_ in ids_of([ids])}


@dataclasses.dataclass(frozen=True)
class ScanSet:
    """Scans that a model is measured on: [development], which may choose, or [test], which chooses nothing."""

    about: str
    """For the card: what they are and, of development scans, what was chosen on them."""
    images: tuple[str, ...] = ()
    """Paths or globs below the folder with all data sets. None: of [development], what [data] holds out."""
    label_path: tuple[str, str] = ("", "")
    """A scan's path with the first text replaced by the second is where its reference labels lie."""
    map: dict[int, int] = dataclasses.field(default_factory=dict)
    """Reference ids that count as another id: see unetrpp.data.reference."""
    background: tuple[int, ...] = ()
    """Reference ids that are no structure of the model, beside those of the whole configuration."""
    labelled: tuple[str, ...] | None = None
    """The structures that the reference has, when it does not have all: the others are not measured."""


KNOWN = {
    "training": {
        "seed", "steps", "cooldown", "freeze_norm_at", "batch", "workers", "learning_rate", "weight_decay", "average",
        "compile", "validate_every", "stop",
    },
    "grid": {"spacing_dhw", "normalization", "tiling", "mirror_by_default", "base_certainty", "first_look"},
    "augmentation": {field.name for field in dataclasses.fields(Augmentation)},
    "network": {field.name for field in dataclasses.fields(Config)},
    "labels": {"name", "color", "from", "least_ml", "weight"},
}  # fmt: skip
"""The entries of each table: others are misspelt."""
DATA_KNOWN = {
    "label-maps": {"kind", "folder", "validation", "coarse_share"},
    "pairs": {"kind", "images", "label_path", "validation"},
    "torso": {"kind", "folder", "maps", "spacing", "heads", "heads_share", "real_share", "real"},
}
"""Those of [data], by its `kind`."""


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """What a TOML file under configs/ says."""

    network: Config
    labels: tuple[Label, ...]
    """Index 0 is background."""
    grid: dict[str, Any]
    data: dict[str, Any]
    """Where training data lies: kind "label-maps" (unetrpp.data.synthesis) or "pairs" (unetrpp.data.pairs)."""
    augmentation: dict[str, Any]
    """Fields of unetrpp.data.augment.Augmentation, for pairs."""
    training: dict[str, Any]
    background: tuple[int, ...]
    """Ids of reference labels that are no structure of this model."""
    development: ScanSet | None
    """What choices are made on."""
    test: ScanSet | None
    """What nothing is chosen on: training refuses to read it."""
    card: dict[str, Any]
    """The remaining top-level entries: name, title, version, modality, licence, ..."""


def load(path: pathlib.Path) -> ModelConfig:
    """Reads a configuration.

    Raises ValueError for entries that there are not, and when labels and network, or labels and scan sets, disagree.
    """
    raw = tomllib.loads(path.read_text())
    _refuse_unknown(path, raw)
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
    names = {label.name for label in labels}
    sets = {name: _scan_set(path, name, raw.pop(name), names) for name in ("development", "test") if name in raw}
    return ModelConfig(
        config, labels, raw.pop("grid"), raw.pop("data"), augmentation, raw.pop("training"),
        tuple(ids_of(raw.pop("background", ()))), sets.get("development"), sets.get("test"), raw,
    )  # fmt: skip


def _refuse_unknown(path: pathlib.Path, raw: Mapping[str, Any]) -> None:
    """An entry that nobody reads would silently leave its default in place."""
    tables = [("data", raw["data"], DATA_KNOWN.get(raw["data"]["kind"]))]
    for name, known in KNOWN.items():
        entries = raw.get(name, {})
        tables += [(name, entry, known) for entry in (entries if isinstance(entries, list) else [entries])]
    for name, table, known in tables:
        if known and (wrong := sorted(set(table) - known)):
            raise ValueError(f"{path}: [{name}] has {wrong}, which nothing reads; it knows {sorted(known)}.")


def _scan_set(path: pathlib.Path, name: str, table: dict[str, Any], structures: set[str]) -> ScanSet:
    known = {field.name for field in dataclasses.fields(ScanSet)}
    needed = {"about"} if name == "development" and "images" not in table else {"about", "images", "label_path"}
    if wrong := (set(table) - known) or (needed - set(table)):
        raise ValueError(f"{path}: [{name}] has {sorted(wrong)} too much or too little; it knows {sorted(known)}.")
    if wrong := set(table.get("labelled", ())) - structures:
        raise ValueError(f"{path}: [{name}] labelled names {sorted(wrong)}, which are no labels of this model.")
    ids = {"map": mapping(table.get("map", {})), "background": tuple(ids_of(table.get("background", ())))}
    return ScanSet(**_tuples(table) | ids)


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
