"""Packs a training for another machine: code, configuration, data and weights in one folder.

It runs there with nothing but Python, PyTorch and numpy, and unetrpp.unpack reads what comes back. Scans of [test] are
refused, as in training here.
"""

from __future__ import annotations

import ast
import io
import lzma
import pathlib
import shutil
import tempfile
from typing import Any

import torch

from ..config.model import ModelConfig
from ..data import datasets, sampling
from ..data.pairs import Case
from . import by_clock
from . import config as configuration
from .stepping import Run

LARGEST = 64 << 20
"""Bytes that can be carried to a lent machine."""
PACKAGE = pathlib.Path(__file__).parents[1]
ROOTS = ("train", "network.fused")
"""Modules that run there, with all that they import at their top."""


def file_of(module: str) -> pathlib.Path:
    """The file of a module, named from this package on."""
    return PACKAGE / f"{module.replace('.', '/')}.py"


def needed_modules() -> list[str]:
    """ROOTS, what they import of this package at their top, directly or not, and the packages that these lie in."""
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        room = module.split(".")[:-1]
        waiting += [".".join((*room[:depth], "__init__")) for depth in range(len(room) + 1)]
        for node in ast.parse(file_of(module).read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                source = room[: len(room) + 1 - node.level] + (node.module.split(".") if node.module else [])
                named = [".".join((*source, alias.name)) for alias in node.names]
                waiting += [name if file_of(name).is_file() else ".".join(source) for name in named]
    return sorted(found)


def write_maps(maps: Any, out: pathlib.Path) -> None:
    """Writes what samples are made from, scans in 8 bits, for by_clock.read_maps."""
    content = io.BytesIO()
    torch.save(sampling.mapped(maps, Case, by_clock.in_bytes), content)
    (out / by_clock.MAPS).write_bytes(lzma.compress(content.getvalue(), preset=6))


def starting_weights(
    model: ModelConfig, start: pathlib.Path | None, resume: pathlib.Path | None
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
        start: what a run that begins takes its weights from: see unetrpp.training.start.
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
    for module in needed_modules():
        target = code / file_of(module).relative_to(PACKAGE)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(file_of(module), target)
    shutil.copy(config, out / by_clock.CONFIG)
    write_maps(maps, out)
    if weights:
        torch.save(weights, out / by_clock.WEIGHTS)
    files = {name: out / name for name in (by_clock.CONFIG, by_clock.MAPS, by_clock.WEIGHTS)}
    sizes = {name: file.stat().st_size for name, file in files.items() if file.exists()}
    return sizes | {"unetrpp": sum(file.stat().st_size for file in code.rglob("*.py"))}
