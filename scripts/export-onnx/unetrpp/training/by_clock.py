"""Trains on packed data for so many minutes: `python -m unetrpp.train PACK --minutes 8.5 --out DIR`.

For a machine that is lent for minutes: nothing but PyTorch and numpy, no network, no validation. Warm-up and cooldown
go by the clock; weights are written while it goes on, so that a run that is killed loses little.
"""

from __future__ import annotations

import dataclasses
import io
import json
import lzma
import pathlib
import time
from typing import Any

import torch

from ..data import sampling
from ..data.pairs import Case
from ..data.sources.registry import SOURCES, source_of
from . import config as configuration
from . import pieces
from .stepping import Run

MAPS, WEIGHTS = "maps.xz", "weights.pt"
CONFIG = "config.toml"
WARMUP, COOLDOWN = 0.04, 0.4
"""Shares of the time with a rising and with a falling learning rate."""
TO_WRITE_S = 8.0
"""Kept of the time for the last weights."""
WRITE_EVERY_S = 60.0
SPEED_AFTER_S = 20.0
LOOK_EVERY = 20
"""Steps between two looks at the loss, each of which waits for the device."""
LEVELS = 255
"""Of packed images and shares, in 8 bits."""


@dataclasses.dataclass(frozen=True)
class Options:
    """What a command line may choose. None: as the configuration has it."""

    minutes: float
    batch: int | None = None
    learning_rate: float | None = None
    compiled: bool = False
    """TorchInductor for loss and norms: on a GPU a minute or more before the first step. Never tried on one."""


def share_of_rate(done: float, cooldown: float = COOLDOWN) -> float:
    """How much of the learning rate there is when `done` (0 to 1) of the time is over."""
    return max(0.0, min((done + 0.002) / WARMUP, (1 - done) / cooldown, 1.0))


def in_bytes(case: Case) -> Case:
    """Image and shares as uint8. What a sample adds in noise is more than a level."""
    image, classes = ((tensor * LEVELS).round().to(torch.uint8) for tensor in (case.image, case.classes))
    return dataclasses.replace(case, image=image, classes=classes)


def in_floats(case: Case) -> Case:
    """A case as it was before `in_bytes`."""
    return dataclasses.replace(case, image=case.image / LEVELS, classes=case.classes / LEVELS)


def read_maps(pack: pathlib.Path) -> Any:
    """The maps that samples are made from, as unetrpp.pack wrote them."""
    content = io.BytesIO(lzma.decompress((pack / MAPS).read_bytes()))
    kinds = {kind for source in SOURCES.values() for kind in source.map_types}
    with torch.serialization.safe_globals(list(kinds)):
        maps = torch.load(content, weights_only=True)
    return sampling.mapped(maps, Case, in_floats)


def weights_of(run: Run) -> dict[str, Any]:
    """What a run's weights are carried as: `load_weights` reads it. The optimiser's moments stay behind."""
    state = run.state()
    halves = {name: pieces.halved(state[name]) for name in ("state_dict", "training")}
    for name, value in halves["training"].items():
        if torch.equal(value, halves["state_dict"][name]):  # all of them where a run begins
            halves["training"][name] = halves["state_dict"][name]  # then torch.save writes one
    return halves | {name: state[name] for name in ("step", "samples", "seconds")}


def load_weights(run: Run, state: dict[str, Any]) -> None:
    """Puts weights that were carried into a run; the optimiser's moments begin anew."""
    run.load(state | {name: pieces.restored(state[name]) for name in ("state_dict", "training")})


def train(pack: pathlib.Path, out: pathlib.Path, options: Options) -> Run:
    """Trains until the minutes since the call are over. `out` gets log.jsonl and weights in pieces (pieces.py).

    Steps and samples count on from where the packed weights had come, so that the next pack sees other samples.
    Raises DivergedError where the loss stays no number: the weights written last are then kept.
    """
    started = time.monotonic()
    end = options.minutes * 60 - min(TO_WRITE_S, options.minutes * 6)
    model = configuration.load(pack / CONFIG)
    chosen = {"batch": options.batch, "learning_rate": options.learning_rate}
    plan = dataclasses.replace(model.training, **{name: value for name, value in chosen.items() if value})
    model = dataclasses.replace(model, training=plan)
    out.mkdir(parents=True, exist_ok=True)
    run = Run(model, out, compiled=options.compiled)
    if (pack / WEIGHTS).exists():
        load_weights(run, torch.load(pack / WEIGHTS, weights_only=True))
    samples = source_of(model).samples(sampling.moved(read_maps(pack), run.device), model)
    first_step, first_sample, seconds_before = run.step, run.samples, run.seconds
    series = sampling.batches_of(samples, run.samples, plan.batch, run.device)

    def elapsed() -> float:
        return time.monotonic() - started

    def write() -> None:
        run.seconds = seconds_before + elapsed()
        pieces.write(out, weights_of(run), run.step)

    print(f"{model.card.name} on {run.device}, batch {plan.batch}: ready after {elapsed():.0f} s", flush=True)
    warm: tuple[float, int] | None = None
    has_told, written = False, elapsed()
    with (out / "log.jsonl").open("a") as log:
        while (now := elapsed()) < end or run.step == first_step:
            done = min(now / end, 1.0)
            has_frozen_norms = plan.freeze_norm_at == 0 or done > 1 - COOLDOWN
            run.advance(*next(series), plan.learning_rate * share_of_rate(done), has_frozen_norms)
            steps = run.step - first_step
            if steps % LOOK_EVERY and run.device.type != "cpu":
                continue
            figures, now = run.figures(), elapsed()  # in this order: a GPU is waited for, then the clock is its own
            if warm is None:  # the first steps build kernels
                warm = (now, run.samples)
            elif now > SPEED_AFTER_S and not has_told:
                speed, has_told = (run.samples - warm[1]) / (now - warm[0]), True
                print(f"{speed:.2f} samples a second, measured until {now:.0f} s after the start", flush=True)
            if steps % LOOK_EVERY == 0:
                entry = {"step": run.step, "seconds": round(seconds_before + now), "loss": figures.loss}
                print(json.dumps(entry | {"skipped": figures.skipped}), file=log, flush=True)
            if now - written > WRITE_EVERY_S:
                write()
                written = now
    figures = run.figures()
    write()
    done = f"{run.step - first_step} steps, {run.samples - first_sample} samples in {elapsed():.0f} s"
    print(f"{done}; loss {figures.loss}, {figures.skipped} steps skipped", flush=True)
    return run
