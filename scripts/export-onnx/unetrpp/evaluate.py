"""Measures a model on labelled scans: Dice, 95 % Hausdorff distance and volume error per structure.

    python -m unetrpp.evaluate MODEL_DIR --images a.nii.gz b.nii.gz --labels a_labels.nii.gz b_labels.nii.gz
    python -m unetrpp.evaluate MODEL_DIR --images FOLDER --labels FOLDER
    python -m unetrpp.evaluate MODEL_DIR --test CONFIG.toml --data ../shared/data
    python -m unetrpp.evaluate MODEL_DIR --development CONFIG.toml --data ../shared/data

The last two measure on the scans that a configuration names: those that choose nothing, and those that choices are made
on. Scans go through the whole pipeline and masks are compared on the scan's own grid. Reference ids are mapped to the
model's labels by the manifest's `sources`; ids that no label collects are refused unless --map or --background says
what they are. --write stores the figures in the model folder, with the command that gave them: evaluation.json, and in
short in model.json. --sheet draws what was measured.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shlex
import sys

from .config import labels
from .data import datasets, reference, scan_sets
from .data.reference import Meaning
from .evaluation import contact_sheet, metrics, report
from .evaluation.report import mean_dice
from .evaluation.scores import measure
from .inference import manifest, segmentation
from .training import config as configuration


def chosen(args: argparse.Namespace) -> tuple[str, list[scan_sets.Scan], Meaning, list[pathlib.Path]]:
    """Role, scans, what their labels' ids mean, and files without a partner, by the arguments.

    Raises ValueError or FileNotFoundError where they name no scans.
    """
    if args.test or args.development:
        if not args.data:
            raise ValueError("--test and --development need --data, the folder with the data sets.")
        model = configuration.load(args.test or args.development)
        role, find, scans = (
            ("test", scan_sets.test, model.test)
            if args.test
            else ("development", datasets.development, model.development)
        )
        return role, find(model, args.data), scan_sets.meaning(model, scans), []
    if not args.images or not args.labels:
        raise ValueError("Name --images and --labels, or --test or --development with --data.")
    scans, alone = scan_sets.match(args.images, args.labels)
    labelled = tuple(args.labelled) if args.labelled else None
    background = frozenset(labels.ids_of(args.background))
    return "scans", scans, Meaning(reference.read_mapping(args.map), background, labelled), alone


def command(args: argparse.Namespace) -> str:
    """The command that measures the same again: what is measured on what, without where results are written."""
    words = ["python", "-m", "unetrpp.evaluate", args.model.as_posix()]
    for name in ("test", "development", "data"):
        if getattr(args, name):
            words += [f"--{name}", getattr(args, name).as_posix()]
    for name in ("images", "labels"):
        words += [f"--{name}", *(path.as_posix() for path in getattr(args, name))] if getattr(args, name) else []
    for name in ("map", "background", "labelled"):
        words += [f"--{name}", *getattr(args, name)] if getattr(args, name) else []
    return shlex.join(words)


def run(args: argparse.Namespace) -> None:
    """Measures, prints and stores as the arguments say."""
    role, scans, meaning, alone = chosen(args)
    for file in alone:
        print(f"{file} has no partner of its name and is left out.", file=sys.stderr)
    description = manifest.read(args.model)
    names = {label["name"] for label in description["labels"]}
    if wrong := set(meaning.labelled or ()) - names:
        raise ValueError(f"{', '.join(sorted(wrong))}: no structures of {args.model}, which has {', '.join(names)}.")
    sheet = contact_sheet.Sheet(description["labels"], contact_sheet.window(description)) if args.sheet else None
    measured = []
    for scan in measure(args.model, scans, sheet, meaning):
        measured.append(scan)
        mean = mean_dice(scan["structures"])
        found = "no structure in reference or mask" if mean is None else f"mean Dice {mean:.3f}"
        print(f"{scan['scan']}: {found}", flush=True)
    means = [mean for mean, _ in report.worst_first(measured)]
    figures = {
        "command": command(args),
        "model": {"name": description["name"], "version": description["version"]},
        "weightsSha256": description["weights"]["sha256"],
        "meanDice": metrics.spread(means, min) if means else None,
        "summary": metrics.summarise([scan["structures"] for scan in measured]),
        "scans": measured,
    }
    print(report.table(figures["summary"]))
    print(f"mean over structures and scans: {report.spread(figures['meanDice'], 4)}")
    if args.json:
        args.json.write_text(json.dumps(report.rounded(figures), indent=1) + "\n")
    if sheet:
        sheet.save(args.sheet)
    if args.write:
        report.store(args.model, role, figures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="folder with model.onnx and model.json")
    parser.add_argument("--images", type=pathlib.Path, nargs="+", help="files, or folders")
    parser.add_argument("--labels", type=pathlib.Path, nargs="+", help="files in the order of images, or folders")
    sets = parser.add_mutually_exclusive_group()
    sets.add_argument("--test", type=pathlib.Path, metavar="CONFIG", help="measure on its scans that choose nothing")
    sets.add_argument(
        "--development", "--held-out", type=pathlib.Path, metavar="CONFIG", help="measure on its scans that may choose"
    )
    parser.add_argument("--data", type=pathlib.Path, help="folder with the data sets, for --test and --development")
    parser.add_argument(
        "--map", nargs="+", default=[], metavar="IDS=ID",
        help="reference ids that count as another, such as 1000-1035=3; aparc: FreeSurfer's parcellated cortex",
    )  # fmt: skip
    parser.add_argument(
        "--background", nargs="+", default=[], metavar="IDS", help="reference ids that are no structure of the model"
    )
    parser.add_argument("--labelled", nargs="+", metavar="NAME", help="the structures that the reference has, not all")
    parser.add_argument("--json", type=pathlib.Path, help="write every figure here")
    parser.add_argument("--sheet", type=pathlib.Path, help="draw a contact sheet here, PNG")
    parser.add_argument("--write", action="store_true", help="store the figures in the model folder")
    args = parser.parse_args()
    try:
        run(args)
    except (*segmentation.REFUSALS, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
