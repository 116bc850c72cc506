"""One network in training: its steps, its weight average, its optimiser, kept in a folder.

What it costs to wait for a GPU decides the form: a step reads nothing back, and what there is to know of the last steps
is gathered on the device until someone asks. Deterministic on the CPU.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import Any

import torch
from torch import Tensor, nn

from ..config.model import ModelConfig
from ..data.sources.registry import source_of
from ..network import precision
from ..network.network import UnetrPP

STEPS_PER_SEED = 10**9
"""Random numbers of two runs that differ in their seed are unrelated."""
PATIENCE = 10
"""So many steps in a row without a usable gradient end a run: more of the same will not help."""
SMOOTH = 0.02
"""How much of the loss that is shown comes from the last step."""


class DivergedError(Exception):
    """The loss or its gradient is no number any more; the message says since when and what may help."""


@dataclasses.dataclass(frozen=True)
class Figures:
    """What the steps so far say."""

    loss: float | None
    """Smoothed over usable steps; None before the first."""
    skipped: int
    """Steps without a usable gradient since the run was started or resumed."""


def freeze_batch_norm(network: nn.Module) -> None:
    """Makes BatchNorm use its running statistics, as the exported network does; its scale and shift still learn."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.eval()


class Run:
    """A network in training, its weight average and its optimiser.

    The checkpoint holds the averaged weights as `state_dict` (what unetrpp.export reads) and the others to go on.
    """

    def __init__(
        self, model: ModelConfig, folder: pathlib.Path, start: pathlib.Path | None = None,
        device: torch.device | None = None, compiled: bool | None = None,
    ):  # fmt: skip
        """Begins anew, or where the checkpoint in `folder` stopped.

        Args:
            start: what a run that begins takes its weights from; see unetrpp.training.start.
            device: None: a GPU when PyTorch has one, else the CPU.
            compiled: whether loss and norms are compiled (unetrpp.network.fused); None: what [training] says.
        """
        self.model, self.checkpoint = model, folder / "checkpoint.pt"
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        plan = model.training
        torch.manual_seed(plan.seed)
        torch.set_flush_denormal(True)
        if self.device.type == "cuda":
            torch.set_float32_matmul_precision("high")  # TF32 where bfloat16 is not used
            torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
        # The target is on the network's own grid, where there is nothing to sharpen for.
        config = dataclasses.replace(model.network, sharpen=0)
        network = UnetrPP(config)
        # 1e-6 as published suits 1000 epochs; a short run needs its attention sooner.
        for name, parameter in network.named_parameters():
            if name.endswith("gamma"):
                nn.init.constant_(parameter, 0.1)
        if start:
            from .start import inherit  # here, because reading models needs what training on packed data does not

            inherit(network, model, start)
        self.network = network.to(self.device, memory_format=torch.channels_last_3d)
        self.average = UnetrPP(config).to(self.device, memory_format=torch.channels_last_3d)
        self.average.load_state_dict(self.network.state_dict())
        # Fused, because that leaves the weights alone on the device's own word (found_inf).
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay, fused=True
        )
        self.step, self.samples, self.seconds = 0, 0, 0.0
        loss = source_of(model).loss
        if plan.compile if compiled is None else compiled:
            from ..network import fused  # here, because compiling needs what training without it does not

            fused.fuse(self.network)
            loss = torch.compile(loss)
        self.weights = torch.tensor([label.weight for label in model.labels], device=self.device)
        self.loss = loss
        self._smooth = torch.full((), torch.nan, device=self.device)
        self._skipped, self._in_a_row, self._worst = (torch.zeros((), device=self.device) for _ in range(3))
        if self.checkpoint.exists():
            self.load(torch.load(self.checkpoint, weights_only=True, map_location=self.device))

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from what `state` wrote; without "optimizer", with moments that begin anew."""
        self.average.load_state_dict(state["state_dict"])
        self.network.load_state_dict(state["training"])
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.samples = state.get("samples", self.step * self.model.training.batch)

    def advance(self, images: Tensor, targets: Tensor, rate: float, has_frozen_norms: bool) -> None:
        """One optimiser step. Where its loss or gradient is not finite, no weight and no running statistic changes.

        Args:
            images, targets: (B, channels, D, H, W) and (B, K, D, H, W), on any device.
            rate: the learning rate.
            has_frozen_norms: whether BatchNorm uses its running statistics.
        """
        plan = self.model.training
        # Dropout is a function of seed and step, as samples are: a resumed run draws what an uninterrupted one would.
        torch.manual_seed(plan.seed * STEPS_PER_SEED + self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        if has_frozen_norms:
            freeze_batch_norm(self.network)
        measured = [] if has_frozen_norms else list(self.network.buffers())
        before = [buffer.clone() for buffer in measured]
        images = images.to(self.device, memory_format=torch.channels_last_3d, non_blocking=True)
        with precision.autocast(self.device):
            outputs = self.network(images)
        loss = self.loss(outputs, targets.to(self.device, non_blocking=True), self.weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        gradient = nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.step += 1
        self.samples += len(images)
        # A patch that leaves every query at zero has an infinite gradient through its normalisation: skip it.
        usable = torch.isfinite(loss.detach()) & torch.isfinite(gradient)
        for buffer, value in zip(measured, before, strict=True):
            torch.where(usable, buffer, value, out=buffer)  # BatchNorm has seen the image that did it
        self.optimizer.found_inf = (~usable).float()
        self.optimizer.step()
        # The average forgets the first steps: its memory grows to 1 / (1 - average) steps.
        self._follow(min(plan.average, (1 + self.step) / (10 + self.step)))
        self._count(loss.detach(), usable)

    def _follow(self, decay: float) -> None:
        """Moves the averaged weights towards the network's by (1 - decay)."""
        pairs = zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True)
        average, current = zip(*(pair for pair in pairs if pair[0].is_floating_point()), strict=True)
        torch._foreach_lerp_(average, current, 1 - decay)

    def _count(self, loss: Tensor, usable: Tensor) -> None:
        """Adds a step to what `figures` says."""
        known = torch.where(self._smooth.isnan(), loss, torch.lerp(self._smooth, loss, SMOOTH))
        self._smooth = torch.where(usable, known, self._smooth)
        self._skipped += ~usable
        self._in_a_row = (self._in_a_row + 1) * ~usable
        self._worst = torch.maximum(self._worst, self._in_a_row)

    def figures(self) -> Figures:
        """What the steps so far say. Waits until the device has done them.

        Raises DivergedError after PATIENCE steps in a row without a usable gradient.
        """
        smooth, skipped, worst = torch.stack((self._smooth, self._skipped, self._worst)).tolist()
        if worst >= PATIENCE:
            raise DivergedError(self._why_it_ends())
        return Figures(None if smooth != smooth else smooth, int(skipped))

    def _why_it_ends(self) -> str:
        batch, rate = self.model.training.batch, self.model.training.learning_rate
        samples = f"{self.samples - PATIENCE * batch} to {self.samples - 1}"
        kept = f"{self.checkpoint} is of an earlier step and whole" if self.checkpoint.exists() else "Nothing was saved"
        return (
            f"Loss or gradient was not finite in {PATIENCE} steps in a row, up to step {self.step} (samples "
            f"{samples}): the run ends. {kept}. Look for voxels that are no numbers in the data, or lower "
            f"learning_rate ({rate:g}), and run it again."
        )

    def state(self) -> dict[str, Any]:
        """What `load` goes on from."""
        for mine, its in zip(self.average.buffers(), self.network.buffers(), strict=True):
            if not mine.is_floating_point():
                mine.copy_(its)  # counters
        weights = {"state_dict": self.average.state_dict(), "training": self.network.state_dict()}
        counts = {"step": self.step, "samples": self.samples, "seconds": self.seconds}
        return weights | {"optimizer": self.optimizer.state_dict()} | counts

    def save(self) -> None:
        """Writes the checkpoint; a crash while writing leaves the previous one whole."""
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(self.state(), temporary)
        os.replace(temporary, self.checkpoint)
