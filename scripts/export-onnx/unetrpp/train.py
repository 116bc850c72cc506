"""Trains a model from its configuration: `python -m unetrpp.train configs/hippocampus.toml --data ../shared/data`.

Seeded, resumable (run the same command again), with a progress bar and a JSON-lines log beside the checkpoint. Runs on
a GPU when PyTorch has one, else on the CPU. What unetrpp.pack wrote is trained for so many minutes instead, with
PyTorch and numpy alone: `python -m unetrpp.train PACK --minutes 8.5 --out DIR`.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import sys

from .config.tables import ConfigError
from .training import by_clock
from .training import config as configuration
from .training.stepping import DivergedError


def _train_here(args: argparse.Namespace) -> int:
    # Here, because reading scans needs what a pack is trained without.
    from .data import reference, scan_sets
    from .training import by_steps

    try:
        model = configuration.load(args.config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    run = args.run or pathlib.Path("runs") / model.card.name
    run.mkdir(parents=True, exist_ok=True)
    if args.config.resolve() != (run / "config.toml").resolve():
        shutil.copy(args.config, run / "config.toml")  # what unetrpp.export reads beside the checkpoint
    try:
        print(by_steps.train(model, args.data, run, args.start))
    except (DivergedError, scan_sets.LockedScanError, reference.ReferenceLabelsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train_for_minutes(args: argparse.Namespace) -> int:
    options = by_clock.Options(args.minutes, args.batch, args.learning_rate, args.compile)
    try:
        by_clock.train(args.config, args.out, options)
    except DivergedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path, help="configuration, or the folder that unetrpp.pack wrote")
    here = parser.add_argument_group("a configuration")
    here.add_argument("--data", type=pathlib.Path, help="folder with the training data sets")
    here.add_argument("--run", type=pathlib.Path, help="where checkpoint and log go (default: runs/NAME)")
    here.add_argument("--start", type=pathlib.Path, metavar="PATH", help="checkpoint or model folder to begin with")
    lent = parser.add_argument_group("a pack")
    lent.add_argument("--minutes", type=float, help="until the last weights are written, start included")
    lent.add_argument("--out", type=pathlib.Path, help="where weights and log go")
    lent.add_argument("--batch", type=int, help="samples of a step (default: as configured)")
    lent.add_argument("--learning-rate", type=float, help="default: as configured")
    lent.add_argument("--compile", action="store_true", help="compile loss and norms; costs a minute at the start")
    args = parser.parse_args()
    is_pack = args.config.is_dir()
    for name in ("minutes", "out") if is_pack else ("data",):
        if getattr(args, name) is None:
            parser.error(f"{args.config} is a {'pack' if is_pack else 'configuration'}: --{name} is needed")
    return _train_for_minutes(args) if is_pack else _train_here(args)


if __name__ == "__main__":
    sys.exit(main())
