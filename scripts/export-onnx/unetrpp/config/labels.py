"""Output classes, and ids of labels as configurations and command lines write them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Label:
    """One output class. `sources` are the ids in the training label maps that it collects."""

    name: str
    color: tuple[int, int, int]
    sources: tuple[int, ...] = dataclasses.field(metadata={"key": "from"})
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
