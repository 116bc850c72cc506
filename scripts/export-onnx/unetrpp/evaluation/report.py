"""What was measured: as text, as evaluation.json of a model folder, and in short in its model.json."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np

from ..inference import manifest
from . import metrics

ROLES = {"test": "test", "development": "development", "scans": ""}
"""Kinds of scans that evaluation.json has figures of, and what model.json adds to their names."""
WHOLE = "all structures"
"""Everything that is not background, as one mask."""
ONE_BY_ONE = 3
"""Up to this many scans stand in model.json one by one; of more, the mean and the worst."""


def mean_dice(structures: dict[str, metrics.Figures]) -> float | None:
    """The mean over the structures that are in the scan or in the mask, all weighing the same; None without any."""
    values = [f["dice"] for name, f in structures.items() if name != WHOLE and f["dice"] is not None]
    return float(np.mean(values)) if values else None


def worst_first(scans: list[dict[str, Any]]) -> list[tuple[float, dict[str, Any]]]:
    """Mean Dice and scan, of those that have a structure in reference or mask."""
    means = [(mean_dice(scan["structures"]), scan) for scan in scans]
    return sorted(((mean, scan) for mean, scan in means if mean is not None), key=lambda one: one[0])


def rounded(value: Any) -> Any:
    """The same JSON value with its fractions cut to four digits after the point."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def spread(figures: dict[str, Any] | None, digits: int) -> str:
    """Mean ± standard deviation (worst); of a single scan its value."""
    if not figures:
        return "-"
    if figures["n"] == 1:
        return f"{figures['mean']:.{digits}f}"
    return f"{figures['mean']:.{digits}f} ± {figures['sd']:.{digits}f} ({figures['worst']:.{digits}f})"


def distance(figures: dict[str, Any]) -> str:
    """HD95 of one structure over all scans; how often it was missed, or found though it is not there, and has none."""
    parts = [spread(figures["hd95Mm"], 1)] if "hd95Mm" in figures else []
    of = f" of {figures['n']}" if figures.get("n", 1) > 1 else ""
    parts += [f"missed{f' in {n}{of}' if of else ''}" for n in [figures.get("missed")] if n]
    parts += [f"not there but found{f' in {n}{of}' if of else ''}" for n in [figures.get("invented")] if n]
    return "; ".join(parts) or "-"


def table(summary: dict[str, dict[str, Any]]) -> str:
    """A summary as text: one structure a line, mean ± sd (worst)."""
    lines = [f"{'':34s}{'Dice':>26s}{'|volume error| %':>26s}    HD95 mm      (mean ± sd (worst))"]
    for name, figures in summary.items():
        if "dice" not in figures:
            lines.append(f"{name:34s}{'not in the scans':>26s}")
            continue
        dice, volume = spread(figures["dice"], 3), spread(figures.get("absoluteVolumeErrorPercent"), 1)
        lines.append(f"{name:34s}{dice:>26s}{volume:>26s}    {distance(figures)}")
    return "\n".join(lines)


def manifest_entries(report: dict[str, Any], role: str = "scans") -> list[dict[str, Any]]:
    """What model.json carries of a report: few scans one by one, of many the mean and the worst."""

    def entry(title: str, dice: dict[str, float | None]) -> dict[str, Any]:
        return {"scan": title, "command": report["command"], "dice": rounded(dice)}

    def of(scan: dict[str, Any]) -> dict[str, float | None]:
        return {name: figures["dice"] for name, figures in scan["structures"].items()}

    scans, kind = report["scans"], f"{ROLES[role]} scans".strip()
    if len(scans) <= ONE_BY_ONE:
        return [entry(scan["scan"] + (f" ({ROLES[role]})" if ROLES[role] else ""), of(scan)) for scan in scans]
    means = {name: f["dice"]["mean"] if "dice" in f else None for name, f in report["summary"].items()}
    worst = [entry(f"worst of them, {scan['scan']}", of(scan)) for _, scan in worst_first(scans)[:1]]
    return [entry(f"mean of {len(scans)} {kind}", means), *worst]


def read(folder: pathlib.Path, description: dict[str, Any]) -> dict[str, Any] | None:
    """A model's evaluation.json, None where it was not measured.

    Raises ManifestError when it was measured on other weights than `description`, its model.json, names.
    """
    path = folder / manifest.EVALUATION
    if not path.is_file():
        return None
    evaluation, weights = json.loads(path.read_text()), description["weights"]["sha256"]
    if evaluation["weightsSha256"] != weights:
        raise manifest.ManifestError(
            f"{path} was measured on other weights ({evaluation['weightsSha256'][:12]}...) than model.json names "
            f"({weights[:12]}...). Run unetrpp.evaluate --write again."
        )
    return evaluation


def store(folder: pathlib.Path, role: str, report: dict[str, Any]) -> None:
    """Puts a report into evaluation.json, beside those of other roles if they are of the same weights.

    model.json gets, in short, the figures of the test, which chose nothing; only where there is none, the others.
    """
    description = manifest.read(folder)
    try:
        kept = read(folder, description) or {}
    except manifest.ManifestError:
        kept = {}
    head = {"weightsSha256": description["weights"]["sha256"]}
    evaluation = head | {name: kept[name] for name in ROLES if name in kept} | {role: rounded(report)}
    (folder / manifest.EVALUATION).write_text(json.dumps(evaluation, indent=1) + "\n")
    best = next(name for name in ROLES if name in evaluation)
    description["evaluation"] = manifest_entries(evaluation[best], best)
    manifest.write(folder, description)
