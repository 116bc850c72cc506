"""Packs a training for another machine: `python -m unetrpp.pack CONFIG --data DATA --out PACK`.

The folder PACK holds code, configuration, data and weights; PYTHONPATH=PACK python -m unetrpp.train PACK --minutes 8.5
--out DIR runs it with nothing but Python, PyTorch and numpy, and unetrpp.unpack reads what DIR got. Scans of [test] are
refused, as in training here.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import io
import lzma
import pathlib
import shutil
import sys
import tempfile
from typing import Any

import torch

from . import by_clock, datasets
from . import config as configuration
from .checkpoint import CheckpointError
from .manifest import ManifestError
from .stepping import Run
from .torso import Torsi

LARGEST = 64 << 20
"""Bytes that can be carried to a lent machine."""
ROOTS = ("__init__", "train", "by_clock", "fused")
"""Modules that run there, with all that they import at their top."""


def needed_modules() -> list[str]:
    """ROOTS and what they import of this package at their top, directly or not."""
    here = pathlib.Path(__file__).parent
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for node in ast.parse((here / f"{name}.py").read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                waiting += [node.module] if node.module else [alias.name for alias in node.names]
    return sorted(found)


def write_maps(maps: Any, out: pathlib.Path) -> None:
    """Writes what samples are made from, scans in 8 bits, for by_clock.read_maps."""
    if isinstance(maps, Torsi):
        maps = dataclasses.replace(maps, real=[by_clock.in_bytes(case) for case in maps.real])
    elif isinstance(maps, list):
        maps = [by_clock.in_bytes(case) for case in maps]
    content = io.BytesIO()
    torch.save(maps, content)
    (out / by_clock.MAPS).write_bytes(lzma.compress(content.getvalue(), preset=6))


def starting_weights(
    model: configuration.ModelConfig, start: pathlib.Path | None, resume: pathlib.Path | None
) -> dict[str, Any] | None:
    """The weights to begin with; None for random ones.

    Raises FileNotFoundError where `resume` holds no checkpoint.
    """
    if resume and not (resume / "checkpoint.pt").exists():
        raise FileNotFoundError(f"{resume} holds no checkpoint.pt to go on from.")
    if not start and not resume:
        return None
    with tempfile.TemporaryDirectory() as empty:
        folder = resume or pathlib.Path(empty)
        return by_clock.weights_of(Run(model, folder, start, torch.device("cpu"), compiled=False))


def pack(
    config: pathlib.Path, data: pathlib.Path, out: pathlib.Path, start: pathlib.Path | None = None,
    resume: pathlib.Path | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes the folder and returns the bytes of its parts.

    Args:
        config: the model's configuration.
        data: the folder with all data sets.
        start: what a run that begins takes its weights from: see unetrpp.start.
        resume: the folder of a run to go on with. Neither: random weights.

    Raises LockedScanError for data that would read a scan of [test].
    """
    model = configuration.load(config)
    maps = datasets.training(model, data).maps
    weights = starting_weights(model, start, resume)
    code = out / "unetrpp"
    for old in (code, out / by_clock.WEIGHTS):
        shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    code.mkdir(parents=True)
    for name in needed_modules():
        shutil.copy(pathlib.Path(__file__).with_name(f"{name}.py"), code)
    shutil.copy(config, out / by_clock.CONFIG)
    write_maps(maps, out)
    if weights:
        torch.save(weights, out / by_clock.WEIGHTS)
    files = {name: out / name for name in (by_clock.CONFIG, by_clock.MAPS, by_clock.WEIGHTS)}
    sizes = {name: file.stat().st_size for name, file in files.items() if file.exists()}
    return sizes | {"unetrpp": sum(file.stat().st_size for file in code.iterdir())}


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
