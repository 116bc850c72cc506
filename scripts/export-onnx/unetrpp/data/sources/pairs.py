"""Kind "pairs": real scans with reference labels."""

from __future__ import annotations

import pathlib

from ...config.model import ModelConfig
from ..losses import Loss, deep_loss
from ..pairs import Case, Pairs, PairsSection, Scan


class PairsSource:
    """See base.DataSource."""

    section = PairsSection
    map_types = (Case,)

    @property
    def loss(self) -> Loss:
        return deep_loss

    def samples(self, maps: list[Case], model: ModelConfig) -> Pairs:
        return Pairs(maps, model)

    def read(self, model: ModelConfig, data: pathlib.Path) -> list[Case]:
        from .. import cases, scan_sets

        training, _ = scan_sets.find(data, model.data)
        return [cases.load(*scan, data, model) for scan in scan_sets.with_labels(training, data, model.data)]

    def held_out(self, model: ModelConfig, data: pathlib.Path) -> list[Case]:
        from .. import cases, scan_sets

        return cases.load_development(scan_sets.development(model, data, self.held_out_scans), data, model)

    def held_out_scans(self, model: ModelConfig, data: pathlib.Path) -> list[Scan]:
        from .. import scan_sets

        _, held_out = scan_sets.find(data, model.data)
        return scan_sets.with_labels(held_out, data, model.data)

    def files(self, model: ModelConfig, data: pathlib.Path) -> list[pathlib.Path]:
        from .. import scan_sets

        scans = [image for images in scan_sets.find(data, model.data) for image in images]
        return [file for scan in scan_sets.with_labels(scans, data, model.data) for file in scan]
