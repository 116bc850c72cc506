"""model.json: what an exported network expects and what its outputs mean. Read by src/inference/model/manifest.ts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
from typing import Any

from .config import ModelConfig
from .network import Config

WEIGHTS = "model.onnx"
MANIFEST = "model.json"


def sha256(path: pathlib.Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(model: ModelConfig, weights: pathlib.Path, evaluation: list[dict[str, Any]]) -> dict[str, Any]:
    """The manifest of an exported model. `evaluation` holds what unetrpp.evaluate measured, empty before that."""
    card = model.card
    return {
        "format": "organscope-model",
        "formatVersion": 1,
        "name": card["name"],
        "title": card["title"],
        "version": card["version"],
        "task": "segmentation",
        "modality": card["modality"],
        "channels": [{"name": name} for name in card["channels"]],
        "labels": [
            {"id": i, "name": label.name, "color": list(label.color), "sources": list(label.sources)}
            for i, label in enumerate(model.labels)
        ],
        "patchDhw": list(model.network.patch_dhw),
        "spacingDhw": model.grid["spacing_dhw"],
        "orientation": "RAS",
        "normalization": model.grid["normalization"],
        "tiling": model.grid["tiling"],
        "weights": {"file": weights.name, "bytes": weights.stat().st_size, "sha256": sha256(weights)},
        "license": card["license"],
        "trainingData": card["training_data"],
        "intendedUse": card["intended_use"],
        "limitations": card["limitations"],
        "evaluation": evaluation,
        "network": dataclasses.asdict(model.network),
    }


def read(folder: pathlib.Path) -> dict[str, Any]:
    """The manifest of an exported model folder."""
    return json.loads((folder / MANIFEST).read_text())


def write(folder: pathlib.Path, manifest: dict[str, Any]) -> None:
    """Writes model.json, short lists on one line so that a diff reads well."""
    text = json.dumps(manifest, indent=2)
    for values in _short_lists(manifest):
        text = text.replace(_indented(values, text), json.dumps(values))
    (folder / MANIFEST).write_text(text + "\n")


def _short_lists(value: Any) -> list[list[float]]:
    """All lists of numbers in a JSON value."""
    if isinstance(value, dict):
        return [found for item in value.values() for found in _short_lists(item)]
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, int | float) for item in value):
            return [list(value)]
        return [found for item in value for found in _short_lists(item)]
    return []


def _indented(values: list[float], text: str) -> str:
    """How json.dumps(indent=2) wrote this list in `text`: on the depth it first stands at."""
    for depth in range(1, 6):
        lines = ",\n".join("  " * (depth + 1) + json.dumps(v) for v in values)
        candidate = f"[\n{lines}\n{'  ' * depth}]"
        if candidate in text:
            return candidate
    return "\0"


def network_config(manifest: dict[str, Any]) -> Config:
    """The network configuration that the manifest carries."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in manifest["network"].items()}
    return Config(**fields)
