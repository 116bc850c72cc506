"""Kind "label-maps": images synthesised from label maps of heads alone."""

from __future__ import annotations

import pathlib

from ...config.model import ModelConfig
from ..losses import Loss, deep_loss
from ..pairs import Case
from ..synthesis import Anatomies, Anatomy, LabelMapsSection, Synthesised

VALIDATION_PATCHES = 12
NEVER_TRAINED = 10**9
"""Synthesised samples from this number on are for validation."""


class LabelMapsSource:
    """See base.DataSource."""

    section = LabelMapsSection
    map_types = (Anatomies, Anatomy)

    @property
    def loss(self) -> Loss:
        return deep_loss

    def samples(self, maps: Anatomies, model: ModelConfig) -> Synthesised:
        return Synthesised(maps, model)

    def read(self, model: ModelConfig, data: pathlib.Path) -> Anatomies:
        from .. import label_maps

        return label_maps.read(data / model.data.folder, model.labels, label_maps.names(model, data)[0])

    def held_out(self, model: ModelConfig, data: pathlib.Path) -> list[Case]:
        """VALIDATION_PATCHES patches synthesised from the label maps that [data] `validation` names."""
        from .. import label_maps

        kept_apart = label_maps.names(model, data)[1]
        if not kept_apart:
            return []
        maps = label_maps.read(data / model.data.folder, model.labels, kept_apart)
        unseen = Synthesised(maps, model, for_validation=True)
        patches = [unseen[NEVER_TRAINED + index] for index in range(VALIDATION_PATCHES)]
        return [Case(f"patch {n}", image, target[1:]) for n, (image, target) in enumerate(patches)]

    def held_out_scans(self, _model: ModelConfig, _data: pathlib.Path) -> None:
        return None

    def files(self, model: ModelConfig, data: pathlib.Path) -> list[pathlib.Path]:
        return list(data.glob(f"{model.data.folder}/*.nii.gz"))
