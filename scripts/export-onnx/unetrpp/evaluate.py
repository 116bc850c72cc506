"""Measures a model on labelled scans: Dice, 95 % Hausdorff distance and volume error per structure.

    python -m unetrpp.evaluate MODEL_DIR --images a.nii.gz b.nii.gz --labels a_labels.nii.gz b_labels.nii.gz
    python -m unetrpp.evaluate MODEL_DIR --held-out CONFIG.toml --data ../shared/data

The second form measures on the scans that a configuration held out of training. Scans go through the whole pipeline and
masks are compared on the scan's own grid. Reference ids are mapped to the model's labels by the manifest's `sources`.
--write stores the figures in the model folder, with the command that gave them: evaluation.json, and in short in
model.json. --sheet draws what was measured.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import nibabel
import numpy as np

from . import config as configuration
from . import contact_sheet, manifest, metrics, pairs, pipeline, predict

EVALUATION = "evaluation.json"
WHOLE = "all structures"
"""Everything that is not background, as one mask."""
ONE_BY_ONE = 3
"""Up to this many scans stand in model.json one by one; of more, the mean and the worst."""


def to_labels(reference: np.ndarray, labels: list[dict[str, Any]]) -> np.ndarray:
    """Reference ids as the model's label ids, uint8. Ids that no label collects become background."""
    table = np.zeros(int(reference.max()) + 1, np.uint8)
    for label in labels:
        for source in label["sources"]:
            if source < table.size:
                table[source] = label["id"]
    return table[reference]


def score(
    mask: np.ndarray, reference: np.ndarray, labels: list[dict[str, Any]], spacing: tuple[float, ...]
) -> dict[str, metrics.Figures]:
    """The figures of each structure by name, and of all structures together. Spacing in mm per array axis."""
    figures = {
        label["name"]: metrics.structure(mask == label["id"], reference == label["id"], spacing) for label in labels[1:]
    }
    return {WHOLE: metrics.structure(mask > 0, reference > 0, spacing), **figures}


def mean_dice(structures: dict[str, metrics.Figures]) -> float:
    """The mean over the structures that are in the scan or in the mask, all weighing the same."""
    values = [f["dice"] for name, f in structures.items() if name != WHOLE and f["dice"] is not None]
    return float(np.mean(values)) if values else float("nan")


def measure(
    folder: pathlib.Path, scans: list[tuple[pathlib.Path, pathlib.Path]], sheet: contact_sheet.Sheet | None = None
) -> Iterator[dict[str, Any]]:
    """Segments each (image, labels) and yields {scan, structures: {name: figures}} as it goes, figures unrounded."""
    description = manifest.read(folder)
    network = pipeline.onnx_network(manifest.read_weights(folder, description))
    for image_path, labels_path in scans:
        channels, image = predict.read_channels([image_path])
        reference = np.asarray(nibabel.load(labels_path).dataobj).astype(np.int64)
        reference = to_labels(reference, description["labels"])
        mask = predict.segment(channels, image.affine, description, network).transpose(2, 1, 0)
        spacing = tuple(float(mm) for mm in image.header.get_zooms()[:3])
        structures = score(mask, reference, description["labels"], spacing)
        if sheet:
            sheet.add(
                image_path.name, mean_dice(structures), channels[0].transpose(2, 1, 0), mask, reference, image.affine
            )
        yield {"scan": image_path.name, "structures": structures}


def rounded(value: Any) -> Any:
    """The same JSON value with its fractions cut to four digits after the point."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def table(summary: dict[str, dict[str, Any]]) -> str:
    """A summary as text: one structure a line, mean ± sd (worst)."""
    columns = (("Dice", "dice", 3), ("HD95 mm", "hd95Mm", 1), ("|volume error| %", "absoluteVolumeErrorPercent", 1))
    lines = [f"{'':28s}" + "".join(f"{title + ', mean ± sd (worst)':>34s}" for title, _, _ in columns)]
    for name, figures in summary.items():
        cells = []
        for _, key, digits in columns:
            f = figures.get(key)
            text = (
                f"{f['mean']:.{digits}f} ± {f['sd']:.{digits}f} ({f['worst']:.{digits}f})" if f else "not in the scans"
            )
            cells.append(f"{text:>34s}")
        lines.append(f"{name:28s}" + "".join(cells))
    return "\n".join(lines)


def manifest_entries(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What model.json carries of a report: few scans one by one, of many the mean and the worst."""

    def entry(title: str, dice: dict[str, float | None]) -> dict[str, Any]:
        return {"scan": title, "command": report["command"], "dice": rounded(dice)}

    def of(scan: dict[str, Any]) -> dict[str, float | None]:
        return {name: figures["dice"] for name, figures in scan["structures"].items()}

    scans = report["scans"]
    if len(scans) <= ONE_BY_ONE:
        return [entry(scan["scan"], of(scan)) for scan in scans]
    means = {name: f["dice"]["mean"] if "dice" in f else None for name, f in report["summary"].items()}
    worst = min(scans, key=lambda scan: mean_dice(scan["structures"]))
    return [
        entry(f"mean of {len(scans)} held-out scans" if report["heldOut"] else f"mean of {len(scans)} scans", means),
        entry(f"worst of them, {worst['scan']}", of(worst)),
    ]


def chosen(args: argparse.Namespace, parser: argparse.ArgumentParser) -> list[tuple[pathlib.Path, pathlib.Path]]:
    """The (image, labels) pairs that the arguments name."""
    if args.held_out:
        if not args.data:
            parser.error("--held-out needs --data, the folder with the data sets")
        plan = configuration.load(args.held_out).data
        if plan["kind"] == "torso":
            return [(args.data / entry["image"], args.data / entry["labels"]) for entry in plan["held_out"]]
        _, held_out = pairs.find(args.data, plan)
        return [(image, pairs.label_path(image, plan)) for image in held_out]
    if not args.images or not args.labels:
        parser.error("name --images and --labels, or --held-out and --data")
    if len(args.images) != len(args.labels):
        parser.error(f"{len(args.images)} images but {len(args.labels)} label maps")
    return list(zip(args.images, args.labels, strict=True))


def command(args: argparse.Namespace) -> str:
    """The command that measures the same again: what is measured on what, without where results are written."""
    words = ["python", "-m", "unetrpp.evaluate", args.model.as_posix()]
    if args.held_out:
        words += ["--held-out", args.held_out.as_posix(), "--data", args.data.as_posix()]
    else:
        words += ["--images", *(path.as_posix() for path in args.images)]
        words += ["--labels", *(path.as_posix() for path in args.labels)]
    return shlex.join(words)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="folder with model.onnx and model.json")
    parser.add_argument("--images", type=pathlib.Path, nargs="+")
    parser.add_argument("--labels", type=pathlib.Path, nargs="+")
    parser.add_argument("--held-out", type=pathlib.Path, metavar="CONFIG", help="measure on what it held out")
    parser.add_argument("--data", type=pathlib.Path, help="folder with the data sets, for --held-out")
    parser.add_argument("--json", type=pathlib.Path, help="write every figure here")
    parser.add_argument("--sheet", type=pathlib.Path, help="draw a contact sheet here, PNG")
    parser.add_argument("--write", action="store_true", help="store the figures in the model folder")
    args = parser.parse_args()
    scans = chosen(args, parser)
    description = manifest.read(args.model)
    sheet = contact_sheet.Sheet(description["labels"]) if args.sheet else None
    measured = []
    for scan in measure(args.model, scans, sheet):
        measured.append(scan)
        print(f"{scan['scan']}: mean Dice {mean_dice(scan['structures']):.3f}", flush=True)
    report = {
        "command": command(args),
        "model": {"name": description["name"], "version": description["version"]},
        "weightsSha256": description["weights"]["sha256"],
        "heldOut": args.held_out is not None,
        "meanDice": metrics.spread([mean_dice(scan["structures"]) for scan in measured], min),
        "summary": metrics.summarise([scan["structures"] for scan in measured]),
        "scans": measured,
    }
    print(table(report["summary"]))
    print("mean over structures and scans: {mean:.4f} ± {sd:.4f} (worst {worst:.4f})".format(**report["meanDice"]))
    text = json.dumps(rounded(report), indent=1) + "\n"
    if args.json:
        args.json.write_text(text)
    if sheet:
        sheet.save(args.sheet)
    if args.write:
        (args.model / EVALUATION).write_text(text)
        description["evaluation"] = manifest_entries(report)
        manifest.write(args.model, description)
    return 0


if __name__ == "__main__":
    sys.exit(main())
