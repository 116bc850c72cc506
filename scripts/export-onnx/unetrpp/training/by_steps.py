"""Trains for a number of steps, measuring held-out scans as it goes. Resumable: see `train`.

Every sample is a function of (seed, index), so a resumed run sees what an uninterrupted one would.
"""

from __future__ import annotations

import json
import pathlib
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from ..config.model import ModelConfig
from ..config.sections import Training
from ..data import datasets, pairs, sampling
from ..data.sources.registry import source_of
from ..inference.schemes import organscope
from ..network import precision
from ..network.network import UnetrPP
from .stepping import DivergedError, Run

CHECKPOINT_EVERY = 100
LOG_EVERY = 20


class From:
    """A sampler over indices first, first + 1, ...: how a resumed run skips what it has seen."""

    def __init__(self, first: int, last: int):
        self.first, self.last = first, last

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last))

    def __len__(self) -> int:
        return self.last - self.first


def prepare_worker(_: int) -> None:
    """One thread per worker, which ends with the run and not before: a signal to all of them is the run's to answer."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def validate(network: UnetrPP, cases: list[pairs.Case], model: ModelConfig) -> dict[str, float]:
    """Mean Dice per structure of held-out scans, on the network's grid, windows and blending as in inference."""
    network.eval()
    device = next(network.parameters()).device

    def run(patch: np.ndarray) -> np.ndarray:
        with torch.no_grad(), precision.autocast(device):
            return network(torch.from_numpy(np.ascontiguousarray(patch)).to(device)).float().cpu().numpy()

    tiling = model.grid.tiling.as_manifest()
    scores: dict[str, list[float]] = {label.name: [] for label in model.labels[1:]}
    for case in cases:
        p = organscope.sliding_window(case.image[0].numpy(), run, list(model.network.patch_dhw), tiling)
        mask, reference = p.argmax(0), pairs.with_background(case.classes).argmax(0).numpy()
        for index, name in enumerate(scores, start=1):
            a, b = mask == index, reference == index
            if b.any():
                scores[name].append(2 * float((a & b).sum()) / float(a.sum() + b.sum()))
    return {name: float(np.mean(values)) for name, values in scores.items() if values}


def learning_rate(step: int, plan: Training) -> float:
    """A linear warm-up, `learning_rate`, and a linear decline to nothing over the last `cooldown` steps.

    Constant in between, so that a run can be lengthened or brought to its end at any time: change `steps` and resume.
    """
    warmup = min(100, plan.steps // 4 + 1)
    return plan.learning_rate * min((step + 1) / warmup, (plan.steps - step) / plan.cooldown, 1)


def has_frozen_norms(step: int, plan: Training) -> bool:
    """Whether BatchNorm is frozen: in the cooldown, and from `freeze_norm_at` on."""
    from_step = plan.steps - plan.cooldown
    return step >= (from_step if plan.freeze_norm_at is None else min(from_step, plan.freeze_norm_at))


def batches(samples: sampling.Samples, run: Run, last: int) -> Iterator[sampling.Batch]:
    """The batches of the steps that are left: made by worker processes on the CPU, by the device itself on a GPU."""
    plan = run.model.training
    if run.device.type != "cpu":
        on_device = source_of(run.model).samples(sampling.moved(samples.maps, run.device), run.model)
        series = sampling.batches_of(on_device, run.samples, plan.batch, run.device)
        return (next(series) for _ in range(run.step, last))
    sampler = From(run.samples, run.samples + (last - run.step) * plan.batch)
    loader = DataLoader(samples, plan.batch, sampler=sampler, num_workers=plan.workers, worker_init_fn=prepare_worker)
    return iter(loader)


def train(
    model: ModelConfig, data: pathlib.Path, folder: pathlib.Path, start: pathlib.Path | None = None
) -> pathlib.Path:
    """Trains to the configured number of steps and returns the checkpoint's path. Continues what `folder` holds.

    A run that begins takes what it can from the checkpoint or model folder `start`: see unetrpp.training.start.

    log.jsonl gets the smoothed loss, how many steps were skipped since the run was started or resumed, and after every
    `validate_every` steps the Dice of the averaged weights on the held-out scans, each with the seconds of training so
    far. SIGTERM ends it after the step at hand, saved.

    Raises DivergedError, after a line in the log, where the loss stays no number.
    """
    plan = model.training
    steps, last = plan.steps, plan.steps if plan.stop is None else plan.stop
    samples, held_out = datasets.training(model, data), datasets.held_out(model, data)
    run = Run(model, folder, start)
    # Knowing how it goes costs a wait: nothing on the CPU.
    look_every = 1 if run.device.type == "cpu" else LOG_EVERY
    asked_to_stop: list[int] = []
    before_us = signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    before, started = run.seconds, time.monotonic()
    with (folder / "log.jsonl").open("a") as log, tqdm(total=steps, initial=run.step, unit="step") as bar:

        def write(skipped: int = 0, **figures: Any) -> None:
            entry = {"step": run.step, "seconds": round(run.seconds)} | figures
            print(json.dumps(entry | ({"skipped": skipped} if skipped else {})), file=log, flush=True)

        try:
            for images, targets in batches(samples, run, last):
                run.advance(images, targets, learning_rate(run.step, plan), has_frozen_norms(run.step, plan))
                run.seconds = before + time.monotonic() - started
                bar.update()
                if run.step % look_every == 0 or run.step == last:
                    figures = run.figures()
                    loss, skipped = figures.loss, figures.skipped
                    bar.set_postfix({"loss": loss and f"{loss:.3f}"} | ({"skipped": skipped} if skipped else {}))
                if run.step % LOG_EVERY == 0:
                    write(skipped, loss=loss and round(loss, 4))
                if run.step % CHECKPOINT_EVERY == 0 or run.step == last or asked_to_stop:
                    run.save()
                if asked_to_stop:
                    break
                if held_out and (run.step % (plan.validate_every or last) == 0 or run.step == last):
                    dice = {name: round(value, 4) for name, value in validate(run.average, held_out, model).items()}
                    write(skipped, mean_dice=round(float(np.mean(list(dice.values()))), 4) if dice else None, dice=dice)
        except DivergedError as error:
            write(ended=str(error))
            raise
        finally:
            signal.signal(signal.SIGTERM, before_us)
    return run.checkpoint
