"""Kind "torso": CT synthesised from label maps of trunks and heads, mixed with a few real scans."""

from __future__ import annotations

import pathlib

import torch

from ...config.model import ModelConfig
from .. import bodies
from ..bodies import Body
from ..losses import Loss, partial_deep_loss
from ..pairs import Case
from ..torso import Torsi, Torsos, TorsoSection


class TorsoSource:
    """See base.DataSource. Some of the real scans have few labels, which the loss allows for."""

    section = TorsoSection
    map_types = (Torsi, Body, Case)

    @property
    def loss(self) -> Loss:
        return partial_deep_loss

    def samples(self, maps: Torsi, model: ModelConfig) -> Torsos:
        return Torsos(maps, model)

    def read(self, model: ModelConfig, data: pathlib.Path) -> Torsi:
        from .. import body_maps, cases

        plan: TorsoSection = model.data
        torsos = [body_maps.load(data / plan.folder / f"{name}.nii.gz", plan.spacing) for name in plan.maps]
        files = self._head_files(plan, data)
        if plan.heads and not files:
            raise FileNotFoundError(f"No *.nii.gz label maps in {data / plan.heads}.")
        heads = [body_maps.load_head(file, plan.spacing) for file in files]
        to_class = torch.zeros(bodies.TISSUES, dtype=torch.int64)
        for index, label in enumerate(model.labels):
            to_class[list(label.sources)] = index
        vertebra = int(to_class[bodies.VERTEBRA])
        if vertebra:
            to_class[bodies.NECK_BONE] = len(model.labels)
        return Torsi(torsos, heads, [cases.load_listed(scan, data, model) for scan in plan.real], to_class, vertebra)

    def held_out(self, model: ModelConfig, data: pathlib.Path) -> list[Case]:
        from .. import cases, scan_sets

        if not model.development:
            return []
        return cases.load_development(scan_sets.development(model, data, self.held_out_scans), data, model)

    def held_out_scans(self, _model: ModelConfig, _data: pathlib.Path) -> None:
        return None

    def files(self, model: ModelConfig, data: pathlib.Path) -> list[pathlib.Path]:
        plan: TorsoSection = model.data
        maps = [data / plan.folder / f"{name}.nii.gz" for name in plan.maps]
        real = [data / file for scan in plan.real for file in (scan.image, scan.labels)]
        return [*maps, *self._head_files(plan, data), *real]

    def _head_files(self, plan: TorsoSection, data: pathlib.Path) -> list[pathlib.Path]:
        return sorted((data / plan.heads).glob("*.nii.gz")) if plan.heads else []
