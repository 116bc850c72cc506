"""model.json of one of our own models, and what is missing in one that was written by hand."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import onnx

from ..config.labels import opposite
from ..config.model import ModelConfig
from ..inference.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    WEIGHTS,
    ManifestError,
    read,
    read_weights,
    write,
    write_weights,
)

CARD_ONLY = {"unintendedUse": "unintended_use", "startCommit": "start_commit", "startConfig": "start_config"}
CARD_ONLY |= {name: name for name in ("failures", "split", "hardware", "start", "earlier", "monitored", "untested")}
"""Manifest entries that only unetrpp.card reads, by their names in a configuration. The page ignores them."""


def describe(
    model: ModelConfig,
    weights: dict[str, Any],
    evaluation: list[dict[str, Any]],
    self_test: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of one of our own models.

    `weights` is what `write_weights` returned, `evaluation` what unetrpp.evaluate measured, empty before that,
    `self_test` what unetrpp.inference.self_test answered with these weights.
    """
    card, grid, none = model.card, model.grid, model.background
    return {
        "format": "organscope-model",
        "formatVersion": FORMAT_VERSION,
        "name": card.name,
        "title": card.title,
        "version": card.version,
        "task": "segmentation",
        "modality": card.modality,
        **({"extentMm": card.extent_mm.as_manifest()} if card.extent_mm else {}),
        "channels": [{"name": name} for name in card.channels],
        "labels": [
            {
                "id": i,
                "name": label.name,
                "color": list(label.color),
                "sources": [*label.sources, *(none if i == 0 else ())],
            }
            | ({} if label.least_ml is None else {"leastMl": label.least_ml})
            for i, label in enumerate(model.labels)
        ],
        "patchDhw": list(model.network.patch_dhw),
        "pipeline": {
            "scheme": "organscope-v1",
            "spacingDhw": list(grid.spacing_dhw),
            "orientation": "RAS",
            "normalization": grid.normalization.as_manifest(),
            "tiling": grid.tiling.as_manifest(),
            **({"firstLook": grid.first_look.as_manifest()} if grid.first_look else {}),
            **({"baseCertainty": grid.base_certainty} if grid.base_certainty is not None else {}),
            **({"mirroring": mirroring(model)} if grid.mirror_by_default is not None else {}),
        },
        "weights": weights,
        "license": card.license,
        "trainingData": [dataclasses.asdict(one) for one in card.training_data],
        "intendedUse": card.intended_use,
        "limitations": card.limitations,
        **({"experimental": True} if card.experimental else {}),
        **{key: said for key, entry in CARD_ONLY.items() if (said := getattr(card, entry)) is not None},
        **({"development": model.development.about} if model.development else {}),
        **({"test": model.test.about} if model.test else {}),
        "evaluation": evaluation,
        "network": dataclasses.asdict(model.network),
        **({"selfTest": self_test} if self_test else {}),
    }


def mirroring(model: ModelConfig) -> dict[str, Any]:
    """Left and right exchanged, in the image and, where labels are named by their side, in the classes."""
    pairs = enumerate(opposite([label.name for label in model.labels]))
    exchange = [[here, there] for here, there in pairs if here < there]
    return {"axes": [2], "exchange": exchange, "byDefault": model.grid.mirror_by_default}


def complete(folder: pathlib.Path) -> dict[str, Any]:
    """Adds `weights` to a manifest written by hand and returns it. The ONNX file may be whole or already cut.

    Raises ManifestError when manifest and network contradict each other.
    """
    manifest = read(folder, with_weights=False)
    whole = folder / WEIGHTS
    if not whole.is_file() and "weights" not in manifest:
        raise ManifestError(f"{whole} does not exist. Export the network to it first.")
    content = whole.read_bytes() if whole.is_file() else read_weights(folder, manifest)
    try:
        graph = onnx.load_from_string(content).graph
    except Exception as error:  # protobuf's own class differs between its implementations
        raise ManifestError(f"{whole} is not an ONNX file: {error}.") from error
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    for value, name, count in ((inputs[0], "channels", 1), (graph.output[0], "labels", 1)):
        dims = [d.dim_value for d in value.type.tensor_type.shape.dim]
        wanted = [count, _channels(manifest, name), *manifest["patchDhw"]]
        if len(dims) != 5 or any(d not in (0, w) for d, w in zip(dims, wanted, strict=True)):
            raise ManifestError(
                f"The network's {'input' if name == 'channels' else 'output'} {value.name} is {dims} (0: any size), "
                f"but {name} and patchDhw of {MANIFEST} make it {wanted}."
            )
    halves = any(tensor.data_type == onnx.TensorProto.FLOAT16 for tensor in graph.initializer)
    manifest["weights"] = write_weights(folder, content, "fp16" if halves else "fp32")
    write(folder, manifest)
    return manifest


def _channels(manifest: dict[str, Any], name: str) -> int:
    """How many channels the network's input or output should have."""
    output = manifest.get("output", {})
    return len(output["regionOrder"]) if name == "labels" and "regionOrder" in output else len(manifest[name])
