"""Weights that a lent machine wrote become a run: `python -m unetrpp.unpack PIECES --config CONFIG --out runs/NAME`.

The run's checkpoint is what unetrpp.export reads and what unetrpp.train and unetrpp.pack --resume go on from; its
optimiser begins anew.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

from .config.tables import ConfigError
from .training import pieces
from .training.unpack import unpack


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pieces", type=pathlib.Path, help="folder with what the machine wrote")
    parser.add_argument("--config", type=pathlib.Path, required=True, help="PACK/config.toml")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="RUN", help="folder of the run")
    args = parser.parse_args()
    try:
        run = unpack(args.pieces, args.config, args.out)
    except (pieces.PiecesError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{run.checkpoint}: step {run.step}, {run.samples} samples, {run.seconds / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
