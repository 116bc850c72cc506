"""Packs a training for another machine: `python -m unetrpp.pack CONFIG --data DATA --out PACK`.

The folder PACK holds code, configuration, data and weights; PYTHONPATH=PACK python -m unetrpp.train PACK --minutes 8.5
--out DIR runs it with nothing but Python, PyTorch and numpy, and unetrpp.unpack reads what DIR got. Scans of [test] are
refused, as in training here.
"""

from __future__ import annotations

import argparse
import pathlib
import sys

from .inference.manifest import ManifestError
from .network.checkpoint import CheckpointError
from .training.pack import LARGEST, pack


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with the training data sets")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--start", type=pathlib.Path, metavar="PATH", help="checkpoint or model folder to begin with")
    begin.add_argument("--resume", type=pathlib.Path, metavar="RUN", help="folder of a run to go on with")
    args = parser.parse_args()
    try:
        sizes = pack(args.config, args.data, args.out, args.start, args.resume)
    except (ValueError, FileNotFoundError, CheckpointError, ManifestError) as error:
        print(error, file=sys.stderr)
        return 1
    total = sum(sizes.values())
    for name, size in (sizes | {"together": total}).items():
        print(f"{size / 2**20:8.2f} MiB  {name}")
    if total > LARGEST:
        print(f"{args.out} has {total / 2**20:.1f} MiB; {LARGEST >> 20} can be carried.", file=sys.stderr)
    return int(total > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
