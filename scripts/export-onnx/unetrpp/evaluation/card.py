"""A model's card, MODEL_CARD.md beside model.json: what the folder says of itself, as Markdown.

Everything in it comes from model.json, from evaluation.json (unetrpp.evaluate --write) and from training.json.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any

from ..config.model import ModelConfig
from ..inference import manifest
from ..onnx import describe
from . import report
from .report import WHOLE, distance, spread, worst_first

CARD = "MODEL_CARD.md"
TRAINING = "training.json"
PROMISES = {
    "test": "These scans chose nothing: what was trained, tuned or stopped was not decided by them.",
    "development": "Choices were made on these scans, so others may come out worse.",
}
"""What is said of figures of test and development scans."""
WORST = 5
"""How many of the worst scans a card names."""


def curve(log: pathlib.Path) -> dict[str, Any]:
    """Length and held-out Dice of a training run, from its log.jsonl. A resumed run's repeated steps count once."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    measured = {entry["step"]: entry for entry in entries if entry.get("mean_dice") is not None}
    points = [{key: e[key] for key in ("step", "seconds", "mean_dice")} for _, e in sorted(measured.items())]
    return {"steps": entries[-1]["step"], "seconds": entries[-1]["seconds"], "curve": points}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


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


def _quality(description: dict[str, Any], evaluation: dict[str, Any] | None) -> list[str]:
    """The section with measured figures: the test's first, which alone chose nothing."""
    names = {"test": "Test", "development": "Development", "scans": "Other scans"}
    about = {"test": description.get("test", ""), "development": description.get("development", ""), "scans": ""}
    lines = []
    if not description.get("test"):
        lines += [f"**No scan that chose nothing has been measured.** {description.get('untested', '')}".strip(), ""]
    for role, title in names.items():
        if not about[role] and role not in (evaluation or {}):
            continue
        lines += [f"### {title}", ""]
        lines += [f"{PROMISES[role]} {about[role]}".strip(), ""] if role in PROMISES else []
        lines += [*_figures(evaluation[role]), ""] if role in (evaluation or {}) else ["Not measured yet.", ""]
    return lines[:-1]


def _figures(report: dict[str, Any]) -> list[str]:
    """What was measured on one set of scans."""
    scans = report["scans"]
    among = f"{len(scans)} scans: mean ± standard deviation (worst)" if len(scans) > 1 else "one scan"
    lines = [
        f"Measured through the whole pipeline, on each scan's own grid, on {among}. HD95: 95 % Hausdorff distance.",
        "",
        _row("structure", "Dice", "HD95, mm", "volume error, %", "without its sign, %"),
        _row("---", "---", "---", "---", "---"),
    ]
    for name, figures in report["summary"].items():
        volume = (spread(figures.get(key), 1) for key in ("volumeErrorPercent", "absoluteVolumeErrorPercent"))
        lines.append(_row(name, spread(figures.get("dice"), 3), distance(figures), *volume))
    lines += [
        "",
        f"Mean Dice over structures and scans: {spread(report['meanDice'], 3)}.",
        "",
        "```",
        report["command"],
        "```",
    ]
    if len(scans) == 1:
        return lines
    worst = worst_first(scans)[:WORST]
    lines += ["", f"The {len(worst)} worst:" if len(scans) > len(worst) else "One by one:", ""]
    names = [name for name in report["summary"] if name != WHOLE]
    lines += [_row("scan", "mean Dice", *names), _row("---", "---", *["---"] * len(names))]
    for mean, scan in worst:
        values = [scan["structures"][name]["dice"] for name in names]
        cells = ["-" if value is None else f"{value:.3f}" for value in values]
        lines.append(_row(scan["scan"], f"{mean:.3f}", *cells))
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
            + (f", and before them {description['earlier']}" if "earlier" in description else "")
            + f". Mean Dice of {description.get('monitored', 'the development scans')} against training time, on the "
            "network's grid:",
            "",
            _row("minutes", *(f"{p['seconds'] / 60:.0f}" for p in training["curve"])),
            _row("---", *["---"] * len(training["curve"])),
            _row("step", *(str(p["step"]) for p in training["curve"])),
            _row("Dice", *(f"{p['mean_dice']:.3f}" for p in training["curve"])),
        ]
    return lines


def commands(description: dict[str, Any]) -> list[str]:
    """What makes the model, its figures and its card anew: shell commands, to be run from the repository's root."""
    name = description["name"]
    config, folder, data = f"scripts/export-onnx/configs/{name}.toml", f"public/models/{name}", "--data ../shared/data"
    start, commit, old = (description.get(key) for key in ("start", "startCommit", "startConfig"))
    lines = []
    if commit and old:  # a run with an earlier configuration, to be done again
        run = pathlib.PurePosixPath(start).parent
        lines += [
            f"mkdir -p runs && git show {commit}:{old} > {run}.toml",
            f"python -m unetrpp.train {run}.toml {data} --run {run}",
        ]
    elif commit:  # a model of this repository, which has another one there by now
        lines, start = [f"mkdir -p runs && git archive {commit} {start} | tar -x -C runs"], f"runs/{start}"
    roles = [role for role in ("development", "test") if role in description]
    return [
        *lines,
        f"python -m unetrpp.train {config} {data}{f' --start {start}' if start else ''}",
        f"python -m unetrpp.export --checkpoint runs/{name}/checkpoint.pt --out {folder}",
        *(f"python -m unetrpp.evaluate {folder} --{role} {config} {data} --write" for role in roles),
        f"python -m unetrpp.card {folder} --log runs/{name}/log.jsonl",
    ]


def describe_again(folder: pathlib.Path, model: ModelConfig) -> None:
    """Writes model.json anew from a configuration; weights and measured figures stay.

    Raises ManifestError when the weights are of another network or grid: that takes unetrpp.export, and figures anew.
    """
    old = manifest.read(folder)
    new = json.loads(json.dumps(describe.describe(model, old["weights"], old["evaluation"], old.get("selfTest"))))
    for one in (old, new):
        one["sizes of islands"] = [(label["name"], label.get("leastMl")) for label in one["labels"]]
    changed = ("network", "patchDhw", "pipeline", "version", "sizes of islands")
    if wrong := [key for key in changed if new[key] != old[key]]:
        raise manifest.ManifestError(
            f"{folder} has another {' and '.join(wrong)} than the configuration: run unetrpp.export and measure again."
        )
    manifest.write(folder, {key: value for key, value in new.items() if key != "sizes of islands"})


def write(folder: pathlib.Path) -> str:
    """The card's text, Markdown.

    Raises ManifestError when model.json is missing or when the evaluation is of other weights.
    """
    description = manifest.read(folder)
    evaluation = report.read(folder, description)
    name, weights, pipeline = description["name"], description["weights"], description["pipeline"]
    is_experimental = description.get("experimental", False)
    structures = ", ".join(label["name"] for label in description["labels"][1:])
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
        *_quality(description, evaluation),
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
        *commands(description),
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
