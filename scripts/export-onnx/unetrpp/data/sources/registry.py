"""Every source of training data, by [data] `kind`. The only place that tells them apart."""

from __future__ import annotations

from ...config.model import ModelConfig
from .base import DataSource
from .label_maps import LabelMapsSource
from .pairs import PairsSource
from .torso import TorsoSource

SOURCES: dict[str, DataSource] = {"label-maps": LabelMapsSource(), "pairs": PairsSource(), "torso": TorsoSource()}


def source_of(model: ModelConfig) -> DataSource:
    """The source that a configuration names."""
    return SOURCES[model.data.kind]
