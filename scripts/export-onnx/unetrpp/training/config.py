"""Reads a configuration of any kind of training data."""

from __future__ import annotations

import pathlib

from ..config import model
from ..config.model import ModelConfig
from ..data.sources.registry import SOURCES


def load(path: pathlib.Path) -> ModelConfig:
    """What a TOML file under configs/ says. Raises ConfigError: see unetrpp.config.model."""
    return model.read(path, {kind: source.section for kind, source in SOURCES.items()})
