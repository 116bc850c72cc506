"""Trains a model from its configuration: `python -m unetrpp.train configs/brain-mri.toml --data ../shared/data`.

Seeded, resumable (run the same command again), with a progress bar and a JSON-lines log beside the checkpoint. Every
sample is a function of (seed, step), so a resumed run sees what an uninterrupted one would.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import shutil
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from . import config as configuration
from .network import UnetrPP
from .synthesis import Anatomies, synthesise

CHECKPOINT_EVERY = 200
LOG_EVERY = 20


class Synthesised(Dataset):
    """Sample `index` of an endless deterministic series of training pairs."""

    def __init__(self, anatomies: Anatomies, model: configuration.ModelConfig):
        self.anatomies, self.model = anatomies, model

    def __len__(self) -> int:
        return self.model.training["steps"] * self.model.training["batch"]

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.model.training["seed"], index))
        network = self.model.network
        return synthesise(self.anatomies, network.patch_dhw, rng, network.num_classes)


class From:
    """A sampler over indices first, first + 1, ...: how a resumed run skips what it has seen."""

    def __init__(self, first: int, last: int):
        self.first, self.last = first, last

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last))

    def __len__(self) -> int:
        return self.last - self.first


def dice_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy plus one minus soft Dice, for targets that are class fractions. Both (B, K, D, H, W)."""
    logs = F.log_softmax(logits.float(), dim=1)
    cross_entropy = -(target * logs).sum(1).mean()
    p = logs.exp()
    axes = (0, 2, 3, 4)
    # Squares in the denominator, so that a perfect prediction of a fraction scores 1 (Milletari et al., V-Net, 2016).
    overlap, size = 2 * (p * target).sum(axes), (p * p).sum(axes) + (target * target).sum(axes)
    present = target.sum(axes) > 1
    dice = ((overlap + 1e-3) / (size + 1e-3))[present]
    return cross_entropy + 1 - dice.mean()


def deep_loss(outputs: list[Tensor] | Tensor, target: Tensor) -> Tensor:
    """The loss at every resolution the network returned; the coarse ones help early and weigh little."""
    outputs = outputs if isinstance(outputs, list) else [outputs]
    total = torch.zeros(())
    for level, logits in enumerate(outputs):
        if level:
            stride = [a // b for a, b in zip(target.shape[2:], logits.shape[2:], strict=True)]
            total = total + 0.25**level * dice_cross_entropy(logits, F.avg_pool3d(target, stride))
        else:
            total = total + dice_cross_entropy(logits, target)
    return total


def freeze_batch_norm(network: nn.Module) -> None:
    """Makes BatchNorm use its running statistics, as the exported network does; its scale and shift still learn."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.eval()


def train(model: configuration.ModelConfig, data: pathlib.Path, run: pathlib.Path) -> pathlib.Path:
    """Trains to the configured number of steps and returns the checkpoint's path. Continues what `run` holds."""
    plan = model.training
    torch.manual_seed(plan["seed"])
    torch.set_flush_denormal(True)
    network = UnetrPP(model.network).to(memory_format=torch.channels_last_3d)
    # 1e-6 as published suits 1000 epochs; a short run needs its attention sooner.
    for name, parameter in network.named_parameters():
        if name.endswith("gamma"):
            nn.init.constant_(parameter, 0.1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan["learning_rate"], weight_decay=plan["weight_decay"])
    checkpoint, step = run / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["state_dict"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    steps, batch = plan["steps"], plan["batch"]

    dataset = Synthesised(Anatomies(data / plan["labels"], model.labels), model)
    loader = DataLoader(
        dataset, batch, sampler=From(step * batch, steps * batch), num_workers=2, prefetch_factor=4,
        worker_init_fn=lambda _: torch.set_num_threads(1),
    )  # fmt: skip
    warmup = min(100, steps // 10 + 1)
    smooth, started = None, time.monotonic()
    with (run / "log.jsonl").open("a") as log, tqdm(total=steps, initial=step, unit="step") as bar:
        for images, targets in loader:
            for group in optimizer.param_groups:
                decay = 0.5 * (1 + math.cos(math.pi * step / steps))
                group["lr"] = plan["learning_rate"] * min((step + 1) / warmup, 1) * max(decay, 0.01)
            network.train()
            if step >= plan["freeze_norm_at"] * steps:
                freeze_batch_norm(network)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = network(images.to(memory_format=torch.channels_last_3d))
            loss = deep_loss(outputs, targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            # A patch that leaves every query at zero has an infinite gradient through its normalisation: skip it.
            if torch.isfinite(nn.utils.clip_grad_norm_(network.parameters(), 1.0)):
                optimizer.step()
            step += 1
            smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
            bar.update()
            bar.set_postfix(loss=f"{smooth:.3f}")
            if step % LOG_EVERY == 0:
                entry = {"step": step, "loss": round(smooth, 4), "seconds": round(time.monotonic() - started)}
                print(json.dumps(entry), file=log, flush=True)
            if step % CHECKPOINT_EVERY == 0 or step == steps:
                state = {"state_dict": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
                torch.save(state, run / "checkpoint.tmp")
                os.replace(run / "checkpoint.tmp", checkpoint)
    return checkpoint


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with the training data sets")
    parser.add_argument("--run", type=pathlib.Path, help="where checkpoint and log go (default: runs/NAME)")
    args = parser.parse_args()
    model = configuration.load(args.config)
    run = args.run or pathlib.Path("runs") / model.card["name"]
    run.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.config, run / "config.toml")  # what unetrpp.export reads beside the checkpoint
    print(train(model, args.data, run))


if __name__ == "__main__":
    main()
