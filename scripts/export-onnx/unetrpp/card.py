"""Writes a model's card: `python -m unetrpp.card MODEL_DIR` -> MODEL_CARD.md beside model.json.

Everything in it comes from model.json, from evaluation.json (python -m unetrpp.evaluate ... --write) and from
training.json; `--log runs/NAME/log.jsonl` makes the last from a training log first.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from typing import Any

from . import manifest
from .evaluate import EVALUATION, WHOLE, mean_dice

CARD = "MODEL_CARD.md"
TRAINING = "training.json"
WORST = 5
"""How many of the worst scans a card names."""


def curve(log: pathlib.Path) -> dict[str, Any]:
    """Length and held-out Dice of a training run, from its log.jsonl. A resumed run's repeated steps count once."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    measured = {entry["step"]: entry for entry in entries if "mean_dice" in entry}
    points = [{key: e[key] for key in ("step", "seconds", "mean_dice")} for _, e in sorted(measured.items())]
    return {"steps": entries[-1]["step"], "seconds": entries[-1]["seconds"], "curve": points}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _spread(figures: dict[str, Any] | None, digits: int) -> str:
    if not figures:
        return "-"
    return f"{figures['mean']:.{digits}f} ± {figures['sd']:.{digits}f} ({figures['worst']:.{digits}f})"


def _extent(extent: dict[str, list[float]]) -> str:
    """How large a scan should be, to end the sentence about the input."""
    bounds = (("atLeastXyz", "at least"), ("atMostXyz", "at most"))
    sizes = [f"{words} {' x '.join(f'{mm:g}' for mm in extent[key])}" for key, words in bounds if key in extent]
    return f"; made for scans of {' and '.join(sizes)} mm (right-left x back-front x foot-head)" if sizes else ""


def _least_sizes(labels: list[dict[str, Any]]) -> list[str]:
    """A paragraph on islands that are dissolved, where there are any."""
    sizes: dict[float, list[str]] = {}
    for label in labels:
        if "leastMl" in label:
            sizes.setdefault(label["leastMl"], []).append(label["name"])
    if not sizes:
        return []
    listed = "; ".join(f"{ml:g} ml: {', '.join(names)}" for ml, names in sorted(sizes.items()))
    return ["", f"Islands smaller than this become what is around them: {listed}."]


def _first_look(pipeline: dict[str, Any]) -> list[str]:
    """A paragraph on the first look, where there is one."""
    if "firstLook" not in pipeline:
        return []
    plan = pipeline["firstLook"]
    spacing = " x ".join(f"{mm * plan['coarser']:g}" for mm in pipeline["spacingDhw"])
    return [
        "",
        f"Where it saves windows, the scan is looked at on {spacing} mm first; what lies more than "
        f"{plan['marginMm']:g} mm beyond the largest thing found there is left out, if that has at least "
        f"{plan['leastMl']:g} ml.",
    ]


def _base_certainty(pipeline: dict[str, Any]) -> list[str]:
    """A paragraph on slices that are dropped, where they are."""
    if "baseCertainty" not in pipeline:
        return []
    percent = 100 * pipeline["baseCertainty"]
    return [
        "",
        f"Slices at the base are dropped while their labelled voxels are on average less than {percent:g} % certain to "
        "be no background.",
    ]


def _quality(evaluation: dict[str, Any]) -> list[str]:
    """The section with measured figures."""
    scans = evaluation["scans"]
    kind = "scans held out of training" if evaluation["heldOut"] else "scans"
    lines = [
        f"Measured through the whole pipeline, on each scan's own grid, on {len(scans)} {kind}: mean ± standard "
        "deviation (worst). HD95 is the 95 % Hausdorff distance.",
        "",
        _row("structure", "Dice", "HD95, mm", "volume error, %", "without its sign, %"),
        _row("---", "---", "---", "---", "---"),
    ]
    for name, figures in evaluation["summary"].items():
        cells = [("dice", 3), ("hd95Mm", 1), ("volumeErrorPercent", 1), ("absoluteVolumeErrorPercent", 1)]
        lines.append(_row(name, *(_spread(figures.get(key), digits) for key, digits in cells)))
    lines += [
        "",
        f"Mean Dice over structures and scans: {_spread(evaluation['meanDice'], 3)}.",
        "",
        "```",
        evaluation["command"],
        "```",
        "",
        "With `--sheet FILE.png` it also draws every scan with reference and mask, the worst first.",
        "",
    ]
    worst = sorted(scans, key=lambda scan: mean_dice(scan["structures"]))[:WORST]
    lines += [f"The {len(worst)} worst:" if len(scans) > len(worst) else "One by one:", ""]
    names = [name for name in evaluation["summary"] if name != WHOLE]
    lines += [_row("scan", "mean Dice", *names), _row("---", "---", *["---"] * len(names))]
    for scan in worst:
        values = [scan["structures"][name]["dice"] for name in names]
        cells = ["-" if value is None else f"{value:.3f}" for value in values]
        lines.append(_row(scan["scan"], f"{mean_dice(scan['structures']):.3f}", *cells))
    if len(scans) > len(worst):
        lines += ["", "All scans measured: " + ", ".join(s["scan"].removesuffix(".nii.gz") for s in scans) + "."]
    return lines


def _training(description: dict[str, Any], training: dict[str, Any] | None) -> list[str]:
    """The section on data, split and length of training."""
    lines = [f"- {d['name']}. {d['source']}. Licence: {d['license']}." for d in description["trainingData"]]
    if "split" in description:
        lines += ["", description["split"]]
    if training:
        lines += [
            "",
            f"{training['steps']} steps, {training['seconds'] / 60:.0f} minutes by the clock"
            + (f" ({description['hardware']})" if "hardware" in description else "")
            + ". Mean Dice of the held-out scans against training time, on the network's grid:",
            "",
            _row("minutes", *(f"{p['seconds'] / 60:.0f}" for p in training["curve"])),
            _row("---", *["---"] * len(training["curve"])),
            _row("step", *(str(p["step"]) for p in training["curve"])),
            _row("Dice", *(f"{p['mean_dice']:.3f}" for p in training["curve"])),
        ]
    return lines


def write(folder: pathlib.Path) -> str:
    """The card's text, Markdown.

    Raises ManifestError when model.json is missing or when the evaluation is of other weights.
    """
    description = manifest.read(folder)
    evaluation = _read(folder / EVALUATION)
    if evaluation and evaluation["weightsSha256"] != description["weights"]["sha256"]:
        raise manifest.ManifestError(
            f"{folder / EVALUATION} was measured on other weights ({evaluation['weightsSha256'][:12]}...) than "
            f"model.json names ({description['weights']['sha256'][:12]}...). Run unetrpp.evaluate --write again."
        )
    name, weights, pipeline = description["name"], description["weights"], description["pipeline"]
    is_experimental = description.get("experimental", False)
    structures = ", ".join(label["name"] for label in description["labels"][1:])
    config = f"scripts/export-onnx/configs/{name}.toml"
    start, commit = description.get("start"), description.get("startCommit")
    unpack = []
    if commit:  # a model of this repository, which has another one there by now
        unpack, start = [f"mkdir -p runs && git archive {commit} {start} | tar -x -C runs"], f"runs/{start}"
    lines = [
        f"# {description['title']}",
        "",
        *(["**Experimental**: not good enough to rely on for what it is meant for.", ""] if is_experimental else []),
        f"Model `{name}`, version {description['version']}. Modality: {description['modality']}. "
        f"Input: {', '.join(channel['name'] for channel in description['channels'])}"
        f"{_extent(description.get('extentMm', {}))}.",
        "",
        f"Structures: {structures}.",
        "",
        f"Window {' x '.join(map(str, description['patchDhw']))} voxels (D x H x W) at "
        f"{' x '.join(f'{mm:g}' for mm in pipeline['spacingDhw'])} mm; "
        f"{weights['bytes'] / 1e6:.1f} MB of weights, {weights['precision']}.",
        *_least_sizes(description["labels"]),
        *_first_look(pipeline),
        *_base_certainty(pipeline),
        "",
        "## Use",
        "",
        f"Intended: {description['intendedUse']}",
        "",
        f"Not intended: {description.get('unintendedUse', 'any clinical decision.')}",
        "",
        f"Limits: {description['limitations']}",
        "",
        "## Quality",
        "",
        *(_quality(evaluation) if evaluation else ["Not measured yet."]),
        "",
        "## Failures looked at",
        "",
        description.get("failures", "None described yet."),
        "",
        "## Training",
        "",
        *_training(description, _read(folder / TRAINING)),
        "",
        "```",
        *unpack,
        f"python -m unetrpp.train {config} --data ../shared/data{f' --start {start}' if start else ''}",
        f"python -m unetrpp.export --checkpoint runs/{name}/checkpoint.pt --out public/models/{name}",
        f"python -m unetrpp.card public/models/{name}",
        "```",
        "",
        "## Licence",
        "",
        f"Weights: {description['license']}, as the training data asks.",
        "",
    ]
    return "\n".join(lines)


def _read(path: pathlib.Path) -> dict[str, Any] | None:
    return json.loads(path.read_text()) if path.is_file() else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, help="folder with model.json")
    parser.add_argument("--log", type=pathlib.Path, help="log.jsonl of the training run, kept as training.json")
    args = parser.parse_args()
    if args.log:
        (args.model / TRAINING).write_text(json.dumps(curve(args.log), indent=1) + "\n")
    try:
        text = write(args.model)
    except manifest.ManifestError as error:
        print(error, file=sys.stderr)
        return 1
    (args.model / CARD).write_text(text)
    print(args.model / CARD)
    return 0


if __name__ == "__main__":
    sys.exit(main())
