"""Weights that a lent machine wrote become a run.

The run's checkpoint is what unetrpp.export reads and what unetrpp.train and unetrpp.pack --resume go on from; its
optimiser begins anew.
"""

from __future__ import annotations

import pathlib
import shutil
import tempfile

import torch

from . import by_clock, pieces
from . import config as configuration
from .stepping import Run


def unpack(folder: pathlib.Path, config: pathlib.Path, out: pathlib.Path) -> Run:
    """Writes checkpoint.pt, config.toml and, at its end, log.jsonl of a run.

    Args:
        folder: what the machine wrote.
        config: the configuration that was packed.
        out: the run's folder. A checkpoint in it is replaced; its log goes on.

    Raises PiecesError where no set of weights is whole or it is of another network.
    """
    state = pieces.read(folder)
    with tempfile.TemporaryDirectory() as empty:
        run = Run(configuration.load(config), pathlib.Path(empty), device=torch.device("cpu"), compiled=False)
    try:
        by_clock.load_weights(run, state)
    except RuntimeError as error:
        raise pieces.PiecesError(f"The weights in {folder} are of another network than {config}: {error}") from error
    out.mkdir(parents=True, exist_ok=True)
    run.checkpoint = out / "checkpoint.pt"
    run.save()
    shutil.copy(config, out / by_clock.CONFIG)
    if (log := folder / "log.jsonl").exists():
        with (out / "log.jsonl").open("a") as whole:
            whole.write(log.read_text())
    return run
