"""Trains a model from its configuration: `python -m unetrpp.train configs/hippocampus.toml --data ../shared/data`.

Seeded, resumable (run the same command again), with a progress bar and a JSON-lines log beside the checkpoint. Every
sample is a function of (seed, index), so a resumed run sees what an uninterrupted one would. Runs on a GPU when PyTorch
has one, else on the CPU.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from . import config as configuration
from . import losses, pairs, pipeline, precision, reference, scan_sets, torso
from .network import UnetrPP
from .start import inherit
from .synthesis import Synthesised, split

CHECKPOINT_EVERY = 100
LOG_EVERY = 20
VALIDATION_PATCHES = 12
STEPS_PER_SEED = 10**9
"""Random numbers of two runs that differ in their seed are unrelated."""
PATIENCE = 10
"""So many steps in a row without a usable gradient end a run: more of the same will not help."""
NEVER_TRAINED = 10**9
"""Synthesised samples from this number on are for validation."""


class DivergedError(Exception):
    """The loss or its gradient is no number any more; the message says since when and what may help."""


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


def freeze_batch_norm(network: nn.Module) -> None:
    """Makes BatchNorm use its running statistics, as the exported network does; its scale and shift still learn."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.eval()


def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Moves the averaged weights towards the network's by (1 - decay); counters are copied."""
    current = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])


def datasets(model: configuration.ModelConfig, data: pathlib.Path) -> tuple[Dataset, list[pairs.Case]]:
    """What a configuration's [data] describes: the training samples and the held-out scans.

    Of label maps that are held out, the latter are VALIDATION_PATCHES synthesised patches.
    Raises LockedScanError where they would be scans of [test].
    """
    plan = model.data
    scan_sets.refuse_test_scans(model, data)
    if plan["kind"] == "label-maps":
        training, kept_apart = split(model, data)
        samples = Synthesised(training, model)
        if not kept_apart:
            return samples, []
        unseen = Synthesised(kept_apart, model, for_validation=True)
        patches = [unseen[NEVER_TRAINED + index] for index in range(VALIDATION_PATCHES)]
        return samples, [pairs.Case(f"patch {n}", image, target[1:]) for n, (image, target) in enumerate(patches)]
    if plan["kind"] == "pairs":
        scans = [(image, scan_sets.label_path(image, data, plan)) for image in scan_sets.find(data, plan)[0]]
        return pairs.Pairs([pairs.load(*scan, data, model) for scan in scans], model), development(model, data)
    if plan["kind"] == "torso":
        return torso.Torsos(model, data), development(model, data) if model.development else []
    raise ValueError(f'[data] kind = "{plan["kind"]}" is unknown; it is "label-maps", "pairs" or "torso".')


def development(model: configuration.ModelConfig, data: pathlib.Path) -> list[pairs.Case]:
    """The scans that training is measured on."""
    meaning = scan_sets.meaning(model, model.development)
    return [pairs.load(*scan, data, model, meaning) for scan in scan_sets.development(model, data)]


def validate(network: UnetrPP, cases: list[pairs.Case], model: configuration.ModelConfig) -> dict[str, float]:
    """Mean Dice per structure of held-out scans, on the network's grid, windows and blending as in inference."""
    network.eval()
    device = next(network.parameters()).device

    def run(patch: np.ndarray) -> np.ndarray:
        with torch.no_grad(), precision.autocast(device):
            return network(torch.from_numpy(np.ascontiguousarray(patch)).to(device)).float().cpu().numpy()

    scores: dict[str, list[float]] = {label.name: [] for label in model.labels[1:]}
    for case in cases:
        p = pipeline.sliding_window(case.image[0].numpy(), run, list(model.network.patch_dhw), model.grid["tiling"])
        mask, reference = p.argmax(0), pairs.with_background(case.classes).argmax(0).numpy()
        for index, name in enumerate(scores, start=1):
            a, b = mask == index, reference == index
            if b.any():
                scores[name].append(2 * float((a & b).sum()) / float(a.sum() + b.sum()))
    return {name: float(np.mean(values)) for name, values in scores.items() if values}


def learning_rate(step: int, plan: dict[str, Any]) -> float:
    """A linear warm-up, `learning_rate`, and a linear decline to nothing over the last `cooldown` steps.

    Constant in between, so that a run can be lengthened or brought to its end at any time: change `steps` and resume.
    """
    warmup = min(100, plan["steps"] // 4 + 1)
    return plan["learning_rate"] * min((step + 1) / warmup, (plan["steps"] - step) / plan["cooldown"], 1)


class Run:
    """A network in training, its weight average and its optimizer, kept in a folder.

    The checkpoint holds the averaged weights as `state_dict` (what unetrpp.export reads) and the others to go on.
    """

    def __init__(self, model: configuration.ModelConfig, folder: pathlib.Path, start: pathlib.Path | None = None):
        self.model, self.checkpoint = model, folder / "checkpoint.pt"
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        plan = model.training
        torch.manual_seed(plan["seed"])
        torch.set_flush_denormal(True)
        # The target is on the network's own grid, where there is nothing to sharpen for.
        config = dataclasses.replace(model.network, sharpen=0)
        self.network = UnetrPP(config).to(self.device, memory_format=torch.channels_last_3d)
        # 1e-6 as published suits 1000 epochs; a short run needs its attention sooner.
        for name, parameter in self.network.named_parameters():
            if name.endswith("gamma"):
                nn.init.constant_(parameter, 0.1)
        if start:
            inherit(self.network, model, start)
        self.average = UnetrPP(config).to(self.device, memory_format=torch.channels_last_3d)
        self.average.load_state_dict(self.network.state_dict())
        parameters = self.network.parameters()
        self.optimizer = torch.optim.AdamW(parameters, lr=plan["learning_rate"], weight_decay=plan["weight_decay"])
        self.step, self.seconds, self.skipped_in_a_row = 0, 0.0, 0
        parts: Any = losses
        if plan.get("compile", False):
            from . import fused  # here, because compiling needs what training without it does not

            parts = fused
            fused.fuse(self.network)
        self.weights = torch.tensor([label.weight for label in model.labels], device=self.device)
        self.loss = parts.partial_deep_loss if model.data["kind"] == "torso" else parts.deep_loss
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True, map_location=self.device)
            self.average.load_state_dict(state["state_dict"])
            self.network.load_state_dict(state["training"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds = state["step"], state["seconds"]

    def advance(self, images: Tensor, targets: Tensor) -> float | None:
        """One optimiser step; returns the loss, None where it or its gradient was not finite and nothing was learnt.

        Raises DivergedError after PATIENCE of those in a row.
        """
        plan = self.model.training
        # Dropout is a function of seed and step, as samples are: a resumed run draws what an uninterrupted one would.
        torch.manual_seed(plan["seed"] * STEPS_PER_SEED + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, plan)
        self.network.train()
        if self.step >= min(plan["steps"] - plan["cooldown"], plan.get("freeze_norm_at", plan["steps"])):
            freeze_batch_norm(self.network)
        statistics = [buffer.clone() for buffer in self.network.buffers()]
        with precision.autocast(self.device):
            outputs = self.network(images.to(self.device, memory_format=torch.channels_last_3d))
        loss = self.loss(outputs, targets.to(self.device), self.weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        gradient = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.step += 1
        # A patch that leaves every query at zero has an infinite gradient through its normalisation: skip it.
        if not torch.isfinite(loss) or not torch.isfinite(gradient):
            for buffer, before in zip(self.network.buffers(), statistics, strict=True):
                buffer.copy_(before)  # BatchNorm has seen the image that did it
            self.skipped_in_a_row += 1
            if self.skipped_in_a_row == PATIENCE:
                raise DivergedError(self._why_it_ends(loss.item()))
            return None
        self.skipped_in_a_row = 0
        self.optimizer.step()
        # The average forgets the first steps: its memory grows to 1 / (1 - average) steps.
        follow(self.average, self.network, min(plan.get("average", 0.0), (1 + self.step) / (10 + self.step)))
        return loss.item()

    def _why_it_ends(self, loss: float) -> str:
        batch, rate = self.model.training["batch"], self.model.training["learning_rate"]
        samples = f"{(self.step - PATIENCE) * batch} to {self.step * batch - 1}"
        kept = f"{self.checkpoint} is of an earlier step and whole" if self.checkpoint.exists() else "Nothing was saved"
        return (
            f"Loss or gradient was not finite in {PATIENCE} steps in a row, up to step {self.step} (loss {loss:g}, "
            f"samples {samples}): the run ends. {kept}. Look for voxels that are no numbers in the data, or lower "
            f"learning_rate ({rate:g}), and run it again."
        )

    def save(self) -> None:
        """Writes the checkpoint; a crash while writing leaves the previous one whole."""
        state = {"state_dict": self.average.state_dict(), "training": self.network.state_dict()}
        state |= {"optimizer": self.optimizer.state_dict(), "step": self.step, "seconds": self.seconds}
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, self.checkpoint)


def train(
    model: configuration.ModelConfig, data: pathlib.Path, folder: pathlib.Path, start: pathlib.Path | None = None
) -> pathlib.Path:
    """Trains to the configured number of steps and returns the checkpoint's path. Continues what `folder` holds.

    A run that begins takes what it can from the checkpoint or model folder `start`: see unetrpp.start.

    log.jsonl gets the smoothed loss, how many steps were skipped since the run was started or resumed, and after every
    `validate_every` steps the Dice of the averaged weights on the held-out scans, each with the seconds of training so
    far. SIGTERM ends it after the step at hand, saved.

    Raises DivergedError, after a line in the log, where the loss stays no number.
    """
    plan = model.training
    steps, batch = plan["steps"], plan["batch"]
    last = plan.get("stop", steps)
    samples, held_out = datasets(model, data)
    run = Run(model, folder, start)
    loader = DataLoader(
        samples, batch, sampler=From(run.step * batch, last * batch), num_workers=plan.get("workers", 2),
        worker_init_fn=prepare_worker,
    )  # fmt: skip
    asked_to_stop: list[int] = []
    before_us = signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    smooth, skipped, before, started = None, 0, run.seconds, time.monotonic()
    with (folder / "log.jsonl").open("a") as log, tqdm(total=steps, initial=run.step, unit="step") as bar:

        def write(**figures: Any) -> None:
            entry = {"step": run.step, "seconds": round(run.seconds)} | figures
            print(json.dumps(entry | ({"skipped": skipped} if skipped else {})), file=log, flush=True)

        try:
            for images, targets in loader:
                loss = run.advance(images, targets)
                run.seconds = before + time.monotonic() - started
                if loss is None:
                    skipped += 1
                else:
                    smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
                bar.update()
                bar.set_postfix({"loss": smooth and f"{smooth:.3f}"} | ({"skipped": skipped} if skipped else {}))
                if run.step % LOG_EVERY == 0:
                    write(loss=smooth and round(smooth, 4))
                if run.step % CHECKPOINT_EVERY == 0 or run.step == last or asked_to_stop:
                    run.save()
                if asked_to_stop:
                    break
                if held_out and (run.step % plan["validate_every"] == 0 or run.step == last):
                    dice = {name: round(value, 4) for name, value in validate(run.average, held_out, model).items()}
                    write(mean_dice=round(float(np.mean(list(dice.values()))), 4) if dice else None, dice=dice)
        except DivergedError as error:
            write(ended=str(error))
            raise
        finally:
            signal.signal(signal.SIGTERM, before_us)
    return run.checkpoint


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with the training data sets")
    parser.add_argument("--run", type=pathlib.Path, help="where checkpoint and log go (default: runs/NAME)")
    parser.add_argument("--start", type=pathlib.Path, metavar="PATH", help="checkpoint or model folder to begin with")
    args = parser.parse_args()
    model = configuration.load(args.config)
    run = args.run or pathlib.Path("runs") / model.card["name"]
    run.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.config, run / "config.toml")  # what unetrpp.export reads beside the checkpoint
    try:
        print(train(model, args.data, run, args.start))
    except (DivergedError, scan_sets.LockedScanError, reference.ReferenceLabelsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
